import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { Email } from '@kennwilliamson/contracts/auth'
import { z } from 'zod'

/** Secrets that may stand in a file instead: `JWT_SECRET_FILE=/run/secrets/jwt` and so on. */
const SECRETS = ['DATABASE_URL', 'JWT_SECRET', 'JWT_SECRET_PREVIOUS'] as const

const port = (fallback: number) => z.coerce.number().int().min(1).max(65535).default(fallback)
const seconds = (fallback: number) => z.coerce.number().int().min(1).max(315_360_000).default(fallback)
const secret = z.string().min(32, 'must have at least 32 characters')

/** The library takes no network of everybody, but two halves of it. */
function halves(entry: string): string[] {
  if (/^[\d.]+\/0+$/.test(entry)) return ['0.0.0.0/1', '128.0.0.0/1']
  return /\/0+$/.test(entry) ? ['::/1', '8000::/1'] : [entry]
}

function isAddressOrNetwork(entry: string): boolean {
  const [address = '', bits, ...more] = entry.split('/')
  const version = isIP(address)
  if (version === 0 || more.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
}

/** Exactly as a browser sends it: no path, no default port, no wildcard. */
function isOrigin(entry: string): boolean {
  return /^https?:\/\/[a-z0-9.:[\]-]+$/.test(entry) && URL.parse(entry)?.origin === entry
}

const settings = z.object({
  BACKEND_HOST: z.string().default('127.0.0.1'),
  BACKEND_PORT: port(8080),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// address' }),
  JWT_SECRET: secret,
  JWT_SECRET_PREVIOUS: secret.optional(),
  SITE_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http(s) address' })
    .refine((url) => /^[\x21-\x7d]+$/.test(url) && !/[>?]/.test(url), 'must be plain ASCII without ?, > and ~')
    .transform((url) => url.replace(/\/+$/, '')),
  SITE_NAME: z.string().min(1).max(60).default('KennWilliamson.org'),
  TRUST_PROXY: z
    .string()
    .default('')
    .transform((list) =>
      list
        .split(',')
        .map((entry) => entry.trim())
        .filter(Boolean),
    )
    .refine(
      (entries) => entries.every(isAddressOrNetwork),
      'must be IP addresses or networks such as 10.0.0.0/8, separated by commas',
    )
    // nginx and the pages speak to us from here, whatever stands before them.
    .transform((entries) => [...new Set(['127.0.0.1', '::1', ...entries.flatMap(halves)])]),
  CORS_ORIGINS: z
    .string()
    .default('')
    .transform((list) =>
      list
        .split(',')
        .map((entry) => entry.trim())
        .filter(Boolean),
    )
    .refine(
      (entries) => entries.every(isOrigin),
      'must be origins as browsers send them, such as https://app.example.org, separated by commas',
    ),
  METRICS_PORT: z.coerce.number().int().min(1).max(65535).optional(),
  METRICS_HOST: z.string().default('127.0.0.1'),
  CERTIFICATE_PROBE: z
    .string()
    .transform((text) => {
      const [, host, number] = /^([\w.-]+|\[[\da-f:.]+\]):(\d{1,5})$/i.exec(text) ?? []
      return host && number ? { host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(number) } : null
    })
    .refine((probe) => probe !== null && probe.port > 0 && probe.port < 65_536, 'must be host:port, such as nginx:443')
    .optional(),
  // Waiting longer than a minute would keep a whole deployment waiting.
  DRAIN_SECONDS: z.coerce.number().int().min(0).max(60).default(0),
  REGISTRATION: z.enum(['open', 'closed']).default('open'),
  ADMIN_EMAIL: Email.optional(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  ACCESS_TOKEN_SECONDS: seconds(900),
  SESSION_IDLE_SECONDS: seconds(7 * 86_400),
  SESSION_ABSOLUTE_SECONDS: seconds(180 * 86_400),
})

/** What the API runs by. Nothing else reads the environment. */
export interface Config {
  host: string
  port: number
  databaseUrl: string
  /** Secrets of at least 32 characters; the first signs, all are accepted. */
  jwtSecrets: string[]
  siteUrl: string
  siteName: string
  /** Addresses or networks whose `X-Forwarded-For` is believed; loopback always is. */
  trustProxy: string[]
  /** Origins of other sites whose pages may call the API. */
  corsOrigins: string[]
  /** Where metrics are served; null for nowhere. */
  metrics: { host: string; port: number } | null
  /** Where the certificate that visitors get can be seen; null for not watched. */
  certificateProbe: { host: string; port: number } | null
  /** How long a stop goes on accepting, while readiness says 503. */
  drainSeconds: number
  registrationOpen: boolean
  /** Whose account is made an administrator while there is none; null for nobody's. */
  adminEmail: string | null
  logLevel: string
  accessTokenSeconds: number
  sessionIdleSeconds: number
  sessionAbsoluteSeconds: number
}

/** All that is wrong with the settings, one line each. */
export class ConfigError extends Error {
  readonly problems: string[]
  constructor(problems: string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}

/**
 * Reads and checks the settings. An empty value counts as absent.
 *
 * @throws {ConfigError} naming every problem at once, never a secret's value.
 */
export function readConfig(environment: Record<string, string | undefined> = process.env): Config {
  const s = readSettings(settings, environment)
  return {
    host: s.BACKEND_HOST,
    port: s.BACKEND_PORT,
    databaseUrl: s.DATABASE_URL,
    jwtSecrets: [s.JWT_SECRET, s.JWT_SECRET_PREVIOUS].filter((value) => value !== undefined),
    siteUrl: s.SITE_URL,
    siteName: s.SITE_NAME,
    trustProxy: s.TRUST_PROXY,
    corsOrigins: s.CORS_ORIGINS,
    metrics: s.METRICS_PORT === undefined ? null : { host: s.METRICS_HOST, port: s.METRICS_PORT },
    certificateProbe: s.CERTIFICATE_PROBE ?? null,
    drainSeconds: s.DRAIN_SECONDS,
    registrationOpen: s.REGISTRATION === 'open',
    adminEmail: s.ADMIN_EMAIL ?? null,
    logLevel: s.LOG_LEVEL,
    accessTokenSeconds: s.ACCESS_TOKEN_SECONDS,
    sessionIdleSeconds: s.SESSION_IDLE_SECONDS,
    sessionAbsoluteSeconds: s.SESSION_ABSOLUTE_SECONDS,
  }
}

/**
 * What the operator's commands (admin-cli.ts) run by.
 *
 * @throws {ConfigError} as {@link readConfig} does.
 */
export function readCommandConfig(
  environment: Record<string, string | undefined> = process.env,
): Pick<Config, 'databaseUrl' | 'siteUrl'> {
  const s = readSettings(settings.pick({ DATABASE_URL: true, SITE_URL: true }), environment)
  return { databaseUrl: s.DATABASE_URL, siteUrl: s.SITE_URL }
}

function readSettings<Schema extends z.ZodType>(
  schema: Schema,
  environment: Record<string, string | undefined>,
): z.output<Schema> {
  const problems: string[] = []
  const values: Record<string, string> = {}
  for (const [name, value] of Object.entries(environment)) if (value) values[name] = value
  for (const name of SECRETS) {
    const file = values[`${name}_FILE`]
    if (!file || values[name]) continue
    try {
      const value = readFileSync(file, 'utf8').trim()
      if (value) values[name] = value
    } catch {
      problems.push(`${name}_FILE: cannot read ${file}`)
    }
  }
  const parsed = schema.safeParse(values)
  for (const issue of parsed.error?.issues ?? []) {
    const name = String(issue.path[0])
    if (problems.some((problem) => problem.startsWith(`${name}_FILE`))) continue
    problems.push(`${name}: ${values[name] === undefined ? 'is missing' : issue.message}`)
  }
  if (problems.length > 0 || !parsed.success) throw new ConfigError(problems)
  return parsed.data
}
