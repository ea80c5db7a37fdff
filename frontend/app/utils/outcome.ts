import { ApiError, sentenceOf } from './api-error'

/** What came of asking for something of one's own. */
export type Outcome<T> = { kind: 'loaded'; value: T } | { kind: 'signed-out' } | { kind: 'away'; message: string }

/** Never throws: what can go wrong is an outcome. */
export async function outcomeOf<T>(asked: Promise<T>): Promise<Outcome<T>> {
  try {
    return { kind: 'loaded', value: await asked }
  } catch (error) {
    if (error instanceof ApiError && error.status === 401 && error.code !== 'SOMEBODY_ELSE') return { kind: 'signed-out' }
    return { kind: 'away', message: sentenceOf(error) }
  }
}
