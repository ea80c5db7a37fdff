import path from 'node:path'
import type { PreparedServer } from '@kennwilliamson/database/embedded-server'
import { nuxtProgram } from './build.ts'
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
  embedded: { server: PreparedServer; passwords: { owner: string; app: string } } | null
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
    ...(embedded === null ? [] : [{ service: databaseService(embedded) }, { task: rolesTask(parts, embedded) }]),
    { task: migrationTask(parts) },
    { service: apiService(parts) },
    { service: pagesService(parts) },
    ...(nginx === null ? [] : [{ service: nginxService(parts, nginx) }]),
  ]
}

function databaseService({ server }: NonNullable<PlanParts['embedded']>): ServicePlan {
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

function databaseUrls({ settings, embedded }: PlanParts): { owner: string; app: string } {
  if (embedded === null) {
    const app = settings.DATABASE_URL ?? ''
    return { app, owner: settings.MIGRATION_DATABASE_URL ?? app }
  }
  const url = (role: string, password: string): string =>
    `postgres://${role}:${password}@127.0.0.1:${settings.POSTGRES_PORT}/kennwilliamson`
  return { owner: url('kennwilliamson_owner', embedded.passwords.owner), app: url('kennwilliamson_app', embedded.passwords.app) }
}

function rolesTask({ root }: PlanParts, { server, passwords }: NonNullable<PlanParts['embedded']>): TaskPlan {
  return {
    name: 'postgres',
    failure: 'the database and its roles could not be made',
    command: process.execPath,
    args: [path.join(root, 'scripts/database-roles.ts')],
    cwd: root,
    env: {
      ...commonEnvironment(),
      SUPERUSER_URL: server.superuserUrl,
      OWNER_PASSWORD: passwords.owner,
      APP_PASSWORD: passwords.app,
    },
  }
}

function migrationTask(parts: PlanParts): TaskPlan {
  const { owner, app } = databaseUrls(parts)
  return {
    name: 'migrate',
    failure: 'the database could not be migrated',
    command: process.execPath,
    args: [path.join(parts.root, 'database/src/migrate-cli.ts')],
    cwd: parts.root,
    env: {
      ...commonEnvironment(),
      MIGRATION_DATABASE_URL: owner,
      DATABASE_URL: app,
      INSTALL_MARKER: path.join(parts.settings.DATA_DIR, 'installed.json'),
    },
  }
}

function apiService(parts: PlanParts): ServicePlan {
  const { root, settings, flags, secrets } = parts
  const main = path.join(root, 'backend/src/main.ts')
  return nodeService(parts, 'api', flags.dev ? ['--watch', '--watch-preserve-output', main] : [...SMALL_HEAP, main], {
    cwd: root,
    env: {
      BACKEND_HOST: '127.0.0.1',
      BACKEND_PORT: String(settings.BACKEND_PORT),
      DATABASE_URL: databaseUrls(parts).app,
      ...secretVariables('JWT_SECRET', secrets.jwt),
      ...(settings.JWT_SECRET_PREVIOUS === undefined ? {} : { JWT_SECRET_PREVIOUS: settings.JWT_SECRET_PREVIOUS }),
      SITE_URL: settings.SITE_URL,
      SITE_NAME: settings.SITE_NAME,
      TRUST_PROXY: settings.TRUST_PROXY,
      REGISTRATION: settings.REGISTRATION,
      LOG_LEVEL: settings.LOG_LEVEL,
      ACCESS_TOKEN_SECONDS: String(settings.ACCESS_TOKEN_SECONDS),
      SESSION_IDLE_SECONDS: String(settings.SESSION_IDLE_SECONDS),
      SESSION_ABSOLUTE_SECONDS: String(settings.SESSION_ABSOLUTE_SECONDS),
    },
    ready: { kind: 'http', port: settings.BACKEND_PORT, path: '/backend/health/ready', status: 200 },
  })
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
      NITRO_SHUTDOWN_TIMEOUT: '5000',
      NUXT_TELEMETRY_DISABLED: '1',
      NUXT_BACKEND_URL: `http://127.0.0.1:${settings.BACKEND_PORT}`,
      ...secretVariables('NUXT_SESSION_PASSWORD', secrets.session),
      NUXT_SESSION_SECONDS: String(settings.SESSION_IDLE_SECONDS),
      NUXT_SITE_URL: settings.SITE_URL,
      NUXT_PUBLIC_SITE_NAME: settings.SITE_NAME,
      NUXT_EDGE: flags.nginx ? 'nginx' : 'none',
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
  { endWithUs, flags }: PlanParts,
  name: ServicePlan['name'],
  nodeArgs: string[],
  more: Pick<ServicePlan, 'cwd' | 'env' | 'ready'>,
): ServicePlan {
  const [command = '', ...args] = [...endWithUs, process.execPath, ...nodeArgs]
  const env = { ...commonEnvironment(), NODE_ENV: flags.dev ? 'development' : 'production', ...more.env }
  return { name, command, args, ...more, env, stopSignal: 'SIGTERM', stopWithin: 12_000 }
}

/** What every child gets of the environment; the rest of it is none of their business. */
function commonEnvironment(): Record<string, string> {
  const kept = ['PATH', 'HOME', 'NODE_COMPILE_CACHE'].flatMap((name) => {
    const value = process.env[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return { ...Object.fromEntries(kept), TZ: 'UTC', LANG: 'C.UTF-8' }
}

function secretVariables(name: string, secret: Secret): Record<string, string> {
  return 'file' in secret ? { [`${name}_FILE`]: secret.file } : { [name]: secret.value }
}
