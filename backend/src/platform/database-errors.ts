import postgres from 'postgres'

const CONNECTION_CODES = new Set([
  'CONNECT_TIMEOUT',
  'CONNECTION_CLOSED',
  'CONNECTION_DESTROYED',
  'CONNECTION_ENDED',
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
])

/** What a failed query means to the one who asked. */
export type DatabaseFailure = 'unavailable' | 'busy' | 'full' | 'bad-input' | 'other'

/**
 * Tells failures apart by SQLSTATE (PostgreSQL manual, appendix A) and the driver's connection codes, never by message text.
 * `null` when the error is not the database's.
 */
export function classifyDatabaseError(error: unknown): DatabaseFailure | null {
  const code = codeOf(error)
  if (code === null) return null
  if (CONNECTION_CODES.has(code)) return 'unavailable'
  if (!(error instanceof postgres.PostgresError)) return null
  // 08 connection · 57P shutdown and startup · 53300 too many connections · 28/3D role or database not there (yet)
  if (/^(08|57P|28|3D)/.test(code) || code === '53300') return 'unavailable'
  // 55P03 lock timeout · 57014 statement timeout · 40 serialisation and deadlock
  if (code === '55P03' || code === '57014' || code.startsWith('40')) return 'busy'
  if (code === '53100' || code === '53200') return 'full'
  // 22: data that cannot be stored as the column's type, whatever validation missed
  if (code.startsWith('22')) return 'bad-input'
  return 'other'
}

/** The name of the constraint that a query violated, or null. Names are fixed by the migrations. */
export function violatedConstraint(error: unknown): string | null {
  if (!(error instanceof postgres.PostgresError) || !error.code.startsWith('23')) return null
  return error.constraint_name ?? null
}

function codeOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null
  return typeof error.code === 'string' ? error.code : null
}
