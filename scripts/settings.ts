import { existsSync, readFileSync } from 'node:fs'
import { BlockList, isIP } from 'node:net'
import path from 'node:path'
import { parseEnv } from 'node:util'
import { z } from 'zod'

const anyPort = z.coerce
  .number({ error: 'must be a port number' })
  .int()
  .min(1, 'must lie between 1 and 65535')
  .max(65_535, 'must lie between 1 and 65535')
const port = (fallback: number) => anyPort.default(fallback)
const seconds = (fallback: number, least = 1, most = 315_360_000) =>
  z.coerce
    .number({ error: 'must be a number of seconds' })
    .int('must be whole seconds')
    .min(least, `must be at least ${least}`)
    .max(most, most < 86_400 ? `must be at most ${most}` : `must be at most ${most} (${most / 86_400} days)`)
    .default(fallback)
const secret = z.string().min(32, 'must have at least 32 characters').optional()
const database = z
  .url({ protocol: /^postgres(ql)?$/, hostname: /./, error: 'must look like postgres://user:password@host:5432/name' })
  .optional()

/**
 * Every setting of the site, as the person who runs it writes it: in the environment or in `.env`. `.env.example` explains
 * them and is compared with this list by a test.
 */
export const SETTINGS = z.object({
  HTTPS_PORT: port(8443),
  HTTP_PORT: port(8088),
  FRONTEND_PORT: port(3000),
  BACKEND_PORT: port(8080),
  POSTGRES_PORT: port(5417),
  DATA_DIR: z.string().default('.data'),
  SITE_URL: z
    .url({ protocol: /^https?$/, error: 'must look like https://example.org', abort: true })
    .refine(
      (text) => /^https?:\/\/[a-z0-9.:[\]-]+\/?$/i.test(text),
      'must be a scheme, a host and perhaps a port, without a path',
    )
    .transform((text) => new URL(text).origin)
    .optional(),
  SITE_NAME: z
    .string()
    .max(60, 'must have at most 60 characters')
    .regex(/^[^\p{Cc}]+$/u, 'must be one line of text')
    .default('KennWilliamson.org'),
  DATABASE_URL: database,
  MIGRATION_DATABASE_URL: database,
  SUPERUSER_URL: database,
  JWT_SECRET: secret,
  JWT_SECRET_PREVIOUS: secret,
  NUXT_SESSION_PASSWORD: secret,
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
      error: 'must be one of fatal, error, warn, info, debug, trace, silent',
    })
    .default('info'),
  // Absent: nothing listens, and the library is not loaded.
  METRICS_PORT: anyPort.optional(),
  METRICS_HOST: z.string().default('127.0.0.1'),
  CERTIFICATE_PROBE: z
    .string()
    .regex(/^([\w.-]+|\[[\da-f:.]+\]):\d{1,5}$/i, 'must be host:port, such as 127.0.0.1:8443')
    .optional(),
  // A load balancer has noticed within a minute.
  DRAIN_SECONDS: seconds(0, 0, 60),
  TRUST_PROXY: z
    .string()
    .refine(
      (text) => listed(text).every(isAddressOrNetwork),
      'must be IP addresses or networks such as 10.0.0.0/8, separated by commas',
    )
    .default('127.0.0.1,::1'),
  // Absent: no other site's page may read what the API answers.
  CORS_ORIGINS: z
    .string()
    .refine(
      (text) => listed(text).every(isOrigin),
      'must be origins as browsers send them, such as https://app.example.org, separated by commas',
    )
    .optional(),
  BACKUP_DIR: z.string().optional(),
  BACKUP_AT: z
    .string()
    .regex(/^(([01]\d|2[0-3]):[0-5]\d|off)$/, 'must be a time of day like 03:30 (UTC), or off')
    .default('03:30'),
  BACKUP_KEEP: z.coerce
    .number({ error: 'must be a number of days' })
    .int('must be whole days')
    .min(1, 'must be at least 1 day')
    .max(9_999, 'must be at most 9999 days')
    .default(14),
  REGISTRATION: z.enum(['open', 'closed'], { error: 'must be open or closed' }).default('open'),
  GALLERY: z.enum(['on', 'off'], { error: 'must be on or off' }).default('off'),
  ADMIN_EMAIL: z.email('must be an e-mail address').max(254, 'must have at most 254 characters').optional(),
  ACCESS_TOKEN_SECONDS: seconds(900),
  // The browser's cookie lives as long, and a browser keeps none for more than 400 days (RFC 6265bis).
  SESSION_IDLE_SECONDS: seconds(604_800, 60, 34_560_000),
  SESSION_ABSOLUTE_SECONDS: seconds(15_552_000),
})

/** Secrets that may stand in a file instead, whose name is in `<NAME>_FILE`. */
export const SECRETS = [
  'DATABASE_URL',
  'MIGRATION_DATABASE_URL',
  'SUPERUSER_URL',
  'JWT_SECRET',
  'JWT_SECRET_PREVIOUS',
  'NUXT_SESSION_PASSWORD',
] as const

export type Settings = Omit<z.output<typeof SETTINGS>, 'SITE_URL' | 'BACKUP_DIR'> & { SITE_URL: string; BACKUP_DIR: string }

export interface SettingsInput {
  environment: Record<string, string | undefined>
  /** The checkout: relative folders and files start here. */
  root: string
  /** False with `--no-nginx`, which is for this machine's own browser only. */
  nginx: boolean
}

/**
 * Reads and checks the settings; an empty value counts as absent. Gives every problem at once, each beginning with the name
 * of its variable, and never a secret's value. With problems, the settings hold the defaults in the place of what was wrong,
 * so that the rest can be checked too; nothing may be started with them.
 */
export function readSettings({ environment, root, nginx }: SettingsInput): { settings: Settings; problems: string[] } {
  const problems: string[] = []
  const values: Record<string, string> = {}
  for (const [name, value] of Object.entries(environment)) if (value !== undefined && value !== '') values[name] = value
  for (const name of SECRETS) {
    const file = values[`${name}_FILE`]
    if (file === undefined) continue
    if (values[name] !== undefined) problems.push(`${name}: is set, and ${name}_FILE too: which one is meant?`)
    try {
      values[name] = readFileSync(path.resolve(root, file), 'utf8').trim()
      if (values[name] === '') problems.push(`${name}_FILE: ${file} is empty`)
    } catch (error) {
      problems.push(`${name}_FILE: ${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'})`)
    }
  }

  const parsed = SETTINGS.safeParse(values)
  for (const issue of parsed.error?.issues ?? []) {
    const name = String(issue.path[0])
    problems.push(`${name}: ${issue.message}`)
    Reflect.deleteProperty(values, name)
  }
  const found = parsed.success ? parsed.data : SETTINGS.parse(values)
  const isBad = (name: string): boolean =>
    problems.some((problem) => problem.startsWith(`${name}:`) || problem.startsWith(`${name}_FILE:`))
  problems.push(...portConflicts(found, nginx).filter((problem) => !problem.split(':')[0]?.split(', ').some(isBad)))
  problems.push(...databaseProblems(found, isBad))

  const ownPort = nginx ? found.HTTPS_PORT : found.HTTP_PORT
  const siteUrl = found.SITE_URL ?? new URL(nginx ? `https://localhost:${ownPort}` : `http://localhost:${ownPort}`).origin
  if (nginx && !siteUrl.startsWith('https://'))
    problems.push('SITE_URL: must begin with https://, since nginx serves nothing else')
  if (!nginx && siteUrl !== `http://localhost:${ownPort}`.replace(/:80$/, '')) {
    problems.push(`SITE_URL: without nginx it can only be http://localhost:${ownPort} (HTTP_PORT), because there is no TLS`)
  }
  if (
    found.SESSION_ABSOLUTE_SECONDS < found.SESSION_IDLE_SECONDS &&
    !isBad('SESSION_ABSOLUTE_SECONDS') &&
    !isBad('SESSION_IDLE_SECONDS')
  ) {
    problems.push('SESSION_ABSOLUTE_SECONDS: must not be shorter than SESSION_IDLE_SECONDS')
  }
  const dataDir = path.resolve(root, found.DATA_DIR)
  const backupDir = found.BACKUP_DIR === undefined ? path.join(dataDir, 'backups') : path.resolve(root, found.BACKUP_DIR)
  return { settings: { ...found, SITE_URL: siteUrl, DATA_DIR: dataDir, BACKUP_DIR: backupDir }, problems }
}

/** The settings of this process: its environment, and the file `.env` of the checkout for what is not there. */
export function readWrittenSettings(root: string, nginx: boolean): ReturnType<typeof readSettings> {
  const file = path.join(root, '.env')
  const written = existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {}
  return readSettings({ environment: { ...written, ...process.env }, root, nginx })
}

/** The ports that this way of running needs, by the name of their variable. */
export function usedPorts(
  settings: Pick<Settings, Exclude<PortName, 'METRICS_PORT'>> & Partial<Pick<Settings, 'DATABASE_URL' | 'METRICS_PORT'>>,
  nginx: boolean,
): Partial<Record<PortName, number>> {
  return {
    ...(nginx ? { HTTPS_PORT: settings.HTTPS_PORT } : {}),
    HTTP_PORT: settings.HTTP_PORT,
    ...(nginx ? { FRONTEND_PORT: settings.FRONTEND_PORT } : {}),
    BACKEND_PORT: settings.BACKEND_PORT,
    ...(settings.DATABASE_URL === undefined ? { POSTGRES_PORT: settings.POSTGRES_PORT } : {}),
    ...(settings.METRICS_PORT === undefined ? {} : { METRICS_PORT: settings.METRICS_PORT }),
  }
}
export type PortName = 'HTTPS_PORT' | 'HTTP_PORT' | 'FRONTEND_PORT' | 'BACKEND_PORT' | 'POSTGRES_PORT' | 'METRICS_PORT'

/**
 * The entries of TRUST_PROXY that may stand between nginx and the clients: all but loopback, which there means nginx itself.
 * Whoever is on this machine is not believed by nginx, only by the API.
 */
export function proxiesBeforeNginx(trustProxy: string): string[] {
  return listed(trustProxy).filter((entry) => !LOOPBACK.check(...addressOf(entry)))
}

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8)
LOOPBACK.addAddress('::1', 'ipv6')

function listed(text: string): string[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
}

function addressOf(entry: string): [address: string, family: 'ipv4' | 'ipv6'] {
  const address = entry.split('/')[0] ?? ''
  return [address, isIP(address) === 6 ? 'ipv6' : 'ipv4']
}

/** Only what nginx, too, reads as one: no zone of an IPv6 address, no mask but the length of a prefix. */
function isAddressOrNetwork(entry: string): boolean {
  const [address = '', prefix, ...more] = entry.split('/')
  const family = isIP(address)
  if (family === 0 || address.includes('%') || more.length > 0) return false
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128))
}

/** Exactly as a browser sends it: no path, no default port, no wildcard. */
function isOrigin(entry: string): boolean {
  return /^https?:\/\/[a-z0-9.:[\]-]+$/.test(entry) && URL.canParse(entry) && new URL(entry).origin === entry
}

function portConflicts(settings: Parameters<typeof usedPorts>[0], nginx: boolean): string[] {
  const byPort = Map.groupBy(Object.entries(usedPorts(settings, nginx)), ([, number]) => number)
  return [...byPort]
    .filter(([, names]) => names.length > 1)
    .map(([number, names]) => `${names.map(([name]) => name).join(', ')}: all of them are ${number}`)
}

/** With an own database server we keep no secrets in the data folder: several machines must share them. */
function databaseProblems(settings: z.output<typeof SETTINGS>, isBad: (name: string) => boolean): string[] {
  if (isBad('DATABASE_URL')) return []
  if (settings.DATABASE_URL === undefined) {
    return (['MIGRATION_DATABASE_URL', 'SUPERUSER_URL'] as const)
      .filter((name) => settings[name] !== undefined && !isBad(name))
      .map((name) => `${name}: is set, but DATABASE_URL is not`)
  }
  return (['JWT_SECRET', 'NUXT_SESSION_PASSWORD'] as const)
    .filter((name) => settings[name] === undefined && !isBad(name))
    .map((name) => `${name}: must be set when DATABASE_URL is (for instance: openssl rand -base64 32)`)
}
