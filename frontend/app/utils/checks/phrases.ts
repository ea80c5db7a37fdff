import './jitless'
import { CreatePhraseRequest, CreateSuggestionRequest } from '@kennwilliamson/contracts/phrases'
import { complaints } from './issues'

/** What is wrong with a suggestion, by field. */
export function checkSuggestion(values: unknown): Record<string, string> {
  return complaints(CreateSuggestionRequest, values)
}

/** What is wrong with a phrase, by field. */
export function checkPhrase(values: unknown): Record<string, string> {
  return complaints(CreatePhraseRequest, values)
}
