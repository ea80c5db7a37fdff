/** The levels of the API's log, quietest last. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

export type LogLevel = (typeof LOG_LEVELS)[number]

/** Writes one line of JSON with the keys that the API's log has. */
export type Log = (level: Exclude<LogLevel, 'silent'>, fields: Record<string, unknown>, message: string) => void

/** A log that leaves out what lies below `least`. */
export function createLog(least: LogLevel, write: (line: string) => void, now: () => Date = () => new Date()): Log {
  const bound = LOG_LEVELS.indexOf(least)
  return (level, fields, message) => {
    if (LOG_LEVELS.indexOf(level) < bound) return
    write(`${JSON.stringify({ level, time: now().toISOString(), ...fields, msg: message })}\n`)
  }
}

/** An error as the log shows it. Named, not spread: an error may carry a request or a row. */
export function loggableError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error, message: 'something that is no error was thrown' }
  const { code } = error as { code?: unknown }
  return { type: error.name, ...(typeof code === 'string' ? { code } : {}), message: error.message, stack: error.stack ?? '' }
}

let current: Log = createLog('info', (line) => process.stdout.write(line))

/** Called once, at the start. */
export function setLogLevel(level: LogLevel): void {
  current = createLog(level, (line) => process.stdout.write(line))
}

/** The log of this process. */
export const log: Log = (level, fields, message) => current(level, fields, message)
