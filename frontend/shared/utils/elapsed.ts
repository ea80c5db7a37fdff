// The clock's arithmetic is the API's too, for badges and cards.
export { elapsedParts, elapsedSentence, shownParts, type ElapsedParts } from '@kennwilliamson/contracts/elapsed'
