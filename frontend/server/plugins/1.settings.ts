import { setLogLevel } from '../utils/log.ts'
import { checkSettings, setSettings } from '../utils/settings.ts'

/** Stops the start, before anything listens, when a setting is missing or wrong. */
export default defineNitroPlugin(() => {
  const checked = checkSettings(useRuntimeConfig())
  if ('settings' in checked) {
    setLogLevel(checked.settings.logLevel)
    return setSettings(checked.settings)
  }
  process.stderr.write(`The web server cannot start:\n${checked.problems.map((problem) => `  ${problem}\n`).join('')}`)
  process.exit(1)
})
