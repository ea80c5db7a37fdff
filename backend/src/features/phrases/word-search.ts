/**
 * What somebody looks for, as a tsquery of the configuration `simple`: every word of it must be the beginning of a word. Null when there is no
 * word in it. Only letters and digits go in, so nothing of it is taken for an operator.
 */
export function wordSearch(sought: string): string | null {
  const words = sought.normalize('NFC').match(/[\p{L}\p{N}]+/gu) ?? []
  return words.length === 0 ? null : words.map((word) => `'${word}':*`).join(' & ')
}
