/** Cut between what a reader would call characters, of which so many stay. */
export function shorten(text: string, atMost: number): string {
  const characters = Array.from(new Intl.Segmenter('en').segment(text), ({ segment }) => segment)
  const short =
    characters.length <= atMost
      ? text
      : `${characters
          .slice(0, atMost - 1)
          .join('')
          .trimEnd()}…`
  // One character may be made of any number of marks.
  return Array.from(short)
    .slice(0, 4 * atMost)
    .join('')
}

/** Text for content and attributes. What XML 1.0 cannot hold at all, even escaped, becomes U+FFFD. */
export function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

const NARROW = /[ijl|!.,:;'` ()[\]{}ftrI1-]/
const WIDE = /[mwMW@%]/
const FULL =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Extended_Pictographic}\u3000-\u303f\uff00-\uff60]/u

/** About how wide it is in 11 px Verdana, in whole pixels; a renderer with another font fits it in. */
export function textWidth(text: string): number {
  let width = 0
  for (const character of text) {
    if (/[\p{M}\p{Cf}]/u.test(character)) continue
    width += FULL.test(character) ? 11.5 : WIDE.test(character) ? 10 : NARROW.test(character) ? 4.6 : 7
  }
  return Math.max(Math.ceil(width), 4)
}
