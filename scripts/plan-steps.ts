import path from 'node:path'
import type { PreparedServer } from '@kennwilliamson/database/embedded-server'
import { nuxtProgram } from './build.ts'
import { databaseVariables } from './embedded-database.ts'
import type { Flags } from './flags.ts'
import type { NginxSetup } from './nginx-setup.ts'
import type { Plan, ServicePlan, TaskPlan } from './plan.ts'
import type { Settings } from './settings.ts'

type Secret = { file: string } | { value: string }

export interface PlanParts {
  root: string
  flags: Flags
  settings: Settings
  /** Null with `--no-nginx`. */
  nginx: NginxSetup | null
  /** Null with a database server of the operator's own. */
  embedded: PreparedServer | null
  /** The beginning of a command line that ends a child when the supervisor dies; empty where there is no such tool. */
  endWithUs: string[]
  secrets: { jwt: Secret; session: Secret }
}

/** Keeps V8 from growing its heap before it collects: without these, pages take 250 to 370 MB under load. */
export const SMALL_HEAP = ['--max-semi-space-size=8', '--max-old-space-size=192']

/** Who is started with what, in order: database, roles, migrations, API, pages, nginx. */
export function planSteps(parts: PlanParts): Plan['steps'] {
  const { embedded, nginx } = parts
  return [
    ...(embedded === null
      ? []
      : [
          { service: databaseService(embedded) },
          { task: databaseTask(parts, 'postgres', 'the database and its roles could not be made', ['roles-cli.ts']) },
        ]),
    { task: databaseTask(parts, 'migrate', 'the database could not be migrated', ['migrate-cli.ts']) },
    { service: apiService(parts) },
    { service: pagesService(parts) },
    ...(nginx === null ? [] : [{ service: nginxService(parts, nginx) }]),
  ]
}

function databaseService(server: PreparedServer): ServicePlan {
  return {
    name: 'postgres',
    command: server.command,
    args: server.args,
    ...server.options,
    ready: { kind: 'postgres', dataDir: server.dataDir },
    stopSignal: 'SIGINT',
    stopWithin: 15_000,
  }
}

/** The backup of every night, its proof, and the end of those that are too old. */
export function nightlyTask(parts: PlanParts): TaskPlan {
  return databaseTask(parts, 'backup', 'the nightly backup', ['backup-cli.ts', 'nightly', '--format', 'tables'])
}

function databaseTask(parts: PlanParts, name: string, failure: string, [program = '', ...args]: string[]): TaskPlan {
  return {
    name,
    failure,
    command: process.execPath,
    args: [...SMALL_HEAP, path.join(parts.root, 'database/src', program), ...args],
    cwd: parts.root,
    env: { ...commonEnvironment(), ...toolVariables(parts) },
  }
}

function toolVariables({ settings, embedded }: PlanParts): Record<string, string> {
  return databaseVariables(settings, embedded?.superuserUrl ?? null)
}

function apiService(parts: PlanParts): ServicePlan {
  const { root, settings, flags, secrets } = parts
  const main = path.join(root, 'backend/src/main.ts')
  return nodeService(parts, 'api', flags.dev ? ['--watch', '--watch-preserve-output', main] : [...SMALL_HEAP, main], {
    cwd: root,
    env: {
      BACKEND_HOST: '127.0.0.1',
      BACKEND_PORT: String(settings.BACKEND_PORT),
      DATABASE_URL: toolVariables(parts)['DATABASE_URL'] ?? '',
      ...secretVariables('JWT_SECRET', secrets.jwt),
      ...(settings.JWT_SECRET_PREVIOUS === undefined ? {} : { JWT_SECRET_PREVIOUS: settings.JWT_SECRET_PREVIOUS }),
      SITE_URL: settings.SITE_URL,
      SITE_NAME: settings.SITE_NAME,
      TRUST_PROXY: settings.TRUST_PROXY,
      ...(settings.CORS_ORIGINS === undefined ? {} : { CORS_ORIGINS: settings.CORS_ORIGINS }),
      REGISTRATION: settings.REGISTRATION,
      ...(settings.ADMIN_EMAIL === undefined ? {} : { ADMIN_EMAIL: settings.ADMIN_EMAIL }),
      LOG_LEVEL: settings.LOG_LEVEL,
      ACCESS_TOKEN_SECONDS: String(settings.ACCESS_TOKEN_SECONDS),
      SESSION_IDLE_SECONDS: String(settings.SESSION_IDLE_SECONDS),
      SESSION_ABSOLUTE_SECONDS: String(settings.SESSION_ABSOLUTE_SECONDS),
      DRAIN_SECONDS: String(settings.DRAIN_SECONDS),
      ...watchedVariables(parts),
    },
    ready: { kind: 'http', port: settings.BACKEND_PORT, path: '/backend/health/ready', status: 200 },
  })
}

/** Metrics, where they are asked for, and the certificate that is watched: the one that nginx serves here, unless another is named. */
function watchedVariables({ settings, flags }: PlanParts): Record<string, string> {
  const probe = settings.CERTIFICATE_PROBE ?? (flags.nginx ? `127.0.0.1:${settings.HTTPS_PORT}` : undefined)
  const metrics =
    settings.METRICS_PORT === undefined
      ? {}
      : { METRICS_PORT: String(settings.METRICS_PORT), METRICS_HOST: settings.METRICS_HOST }
  return { ...metrics, ...(probe === undefined ? {} : { CERTIFICATE_PROBE: probe }) }
}

function pagesService(parts: PlanParts): ServicePlan {
  const { root, settings, flags, secrets } = parts
  const port = flags.nginx ? settings.FRONTEND_PORT : settings.HTTP_PORT
  const dev = [nuxtProgram(root), 'dev', '--host', '127.0.0.1', '--port', String(port)]
  const args = flags.dev ? dev : [...SMALL_HEAP, path.join(root, 'frontend/.output/server/index.mjs')]
  return nodeService(parts, 'nuxt', args, {
    cwd: path.join(root, 'frontend'),
    env: {
      NITRO_HOST: '127.0.0.1',
      NITRO_PORT: String(port),
      NUXT_TELEMETRY_DISABLED: '1',
      NUXT_BACKEND_URL: `http://127.0.0.1:${settings.BACKEND_PORT}`,
      ...secretVariables('NUXT_SESSION_PASSWORD', secrets.session),
      NUXT_SESSION_SECONDS: String(settings.SESSION_IDLE_SECONDS),
      NUXT_SITE_URL: settings.SITE_URL,
      NUXT_PUBLIC_SITE_NAME: settings.SITE_NAME,
      NUXT_PUBLIC_GALLERY: String(flags.dev || settings.GALLERY === 'on'),
      NUXT_EDGE: flags.nginx ? 'nginx' : 'none',
      NUXT_LOG_LEVEL: settings.LOG_LEVEL,
      NUXT_DRAIN_SECONDS: String(settings.DRAIN_SECONDS),
      NUXT_CONTENT_DIR: path.join(root, 'content'),
    },
    ready: { kind: 'http', port, path: '/api/health', status: 200 },
  })
}

function nginxService(parts: PlanParts, nginx: NginxSetup): ServicePlan {
  const [command = '', ...args] = [...parts.endWithUs, nginx.command, ...nginx.args]
  return {
    name: 'nginx',
    command,
    args,
    cwd: '/',
    env: commonEnvironment(),
    // It answers on its http port with a redirect; a client that speaks TLS would cost the supervisor more than it tells.
    ready: { kind: 'http', port: parts.settings.HTTP_PORT, path: '/', status: 301 },
    stopSignal: 'SIGQUIT',
    stopWithin: 5_000,
  }
}

function nodeService(
  { endWithUs, flags, settings }: PlanParts,
  name: ServicePlan['name'],
  nodeArgs: string[],
  more: Pick<ServicePlan, 'cwd' | 'env' | 'ready'>,
): ServicePlan {
  const [command = '', ...args] = [...endWithUs, process.execPath, ...nodeArgs]
  const env = { ...commonEnvironment(), NODE_ENV: flags.dev ? 'development' : 'production', ...more.env }
  return { name, command, args, ...more, env, stopSignal: 'SIGTERM', stopWithin: 12_000 + settings.DRAIN_SECONDS * 1_000 }
}

/** What every child gets of the environment; the rest of it is none of their business. */
export function commonEnvironment(): Record<string, string> {
  const kept = ['PATH', 'HOME', 'NODE_COMPILE_CACHE'].flatMap((name) => {
    const value = process.env[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return { ...Object.fromEntries(kept), TZ: 'UTC', LANG: 'C.UTF-8' }
}

function secretVariables(name: string, secret: Secret): Record<string, string> {
  return 'file' in secret ? { [`${name}_FILE`]: secret.file } : { [name]: secret.value }
}
