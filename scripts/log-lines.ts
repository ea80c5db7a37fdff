/** Splits what a child writes into whole lines; a line that never ends is cut at 8 KB. */
export function lineSplitter(onLine: (line: string) => void): (chunk: string) => void {
  let rest = ''
  return (chunk) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line.trim() !== '') onLine(line.trimEnd())
    if (rest.length > 8_192) {
      onLine(rest)
      rest = ''
    }
  }
}

const LEVELS: Record<number, string> = { 10: 'trace', 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' }
/** Said by the prefix, or of no use to a person. */
const LEFT_OUT = new Set(['level', 'time', 'msg', 'pid', 'hostname', 'name', 'v'])

/** A child's line as a person reads it: JSON becomes `info  message key=value …`, nginx's words lose what must not be kept. */
export function readableLine(origin: string, line: string): string {
  if (origin === 'nginx') return withoutSecrets(line)
  if (!line.startsWith('{')) return line
  try {
    const { level, msg, ...fields } = JSON.parse(line) as { level?: number | string; msg?: string } & Record<string, unknown>
    const more = Object.entries(fields).flatMap(([name, value]) => (LEFT_OUT.has(name) ? [] : [`${name}=${shown(value)}`]))
    return [(typeof level === 'number' ? (LEVELS[level] ?? '') : (level ?? '')).padEnd(5), msg ?? '', ...more].join(' ').trimEnd()
  } catch {
    return line
  }
}

/** nginx quotes whole requests in its errors: without the query, and of a secret link only the kind. */
function withoutSecrets(line: string): string {
  return line.replaceAll(/\?[^" ]*/g, '').replaceAll(/(\/(?:backend\/)?s\/)[^/" ]+/g, '$1…')
}

function shown(value: unknown): string {
  if (typeof value === 'string') return /[\s"]/.test(value) ? JSON.stringify(value) : value
  if (typeof value === 'object' && value !== null && 'stack' in value && typeof value.stack === 'string') return value.stack
  return JSON.stringify(value)
}
