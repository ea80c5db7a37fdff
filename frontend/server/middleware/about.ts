import { readAbout, type About } from '../utils/about.ts'
import { getSettings } from '../utils/settings.ts'

declare module 'h3' {
  interface H3EventContext {
    /** What the operator has written about the site; null when nothing. */
    readAbout: () => Promise<About | null>
  }
}

export default defineEventHandler((event) => {
  event.context.readAbout = () => readAbout(getSettings().contentDir)
})
