import digits from '~/assets/fonts/old-standard-tt-digits.woff2?url'
import sans from '~/assets/fonts/hanken-grotesk-plain.woff2?url'
import serif from '~/assets/fonts/sorts-mill-goudy-plain.woff2?url'
import { useHead } from '#imports'

/** Preloads the faces that are seen before anybody scrolls: those of every page, and on a page with a clock its digits. */
export function useFonts(kind: 'text' | 'clock' = 'text'): void {
  const files = kind === 'clock' ? [digits] : [sans, serif]
  useHead({ link: files.map((href) => ({ rel: 'preload', as: 'font', type: 'font/woff2', crossorigin: '', href }) as const) })
}
