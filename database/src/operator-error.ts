/** A reason in one sentence, for the person at the terminal: says what is wrong and what to do. Never holds a secret or a row. */
export class OperatorError extends Error {
  override name = 'OperatorError'
}

/**
 * What may be said of any error in a terminal, a log or the table of runs. PostgreSQL quotes the offending value in errors of
 * class 22 (data) and 23 (constraints), so of those only the code and the constraint are told.
 */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code, constraint_name, table_name } = error as Error & Record<string, unknown>
  if (error instanceof OperatorError || typeof code !== 'string') return error.message
  if (error.message === '') return code
  if (!/^2[23]/.test(code)) return /^[0-9A-Z]{5}$/.test(code) ? `${error.message} (${code})` : error.message
  const where = [table_name, constraint_name].filter((name) => typeof name === 'string').join(', ')
  return `the database refused the data (${code}${where === '' ? '' : `: ${where}`})`
}
