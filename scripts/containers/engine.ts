import { execFile } from 'node:child_process'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { findFreePort } from '@kennwilliamson/database/free-ports'

const run = promisify(execFile)
const ROOT = path.join(import.meta.dirname, '../..')

/** How a command ended, and all that it said. */
export interface Ending {
  code: number
  output: string
}

/** A copy of the checkout with a compose project of its own. */
export interface Stack {
  folder: string
  url: string
  httpUrl: string
  /** Runs a script of scripts/, or any program, in the copy. */
  run: (program: string, ...args: string[]) => Promise<Ending>
  /** `docker compose …`; throws with its words when it fails. */
  compose: (...args: string[]) => Promise<string>
  docker: (...args: string[]) => Promise<string>
  /** The containers of a service, by id. */
  containers: (service: string) => Promise<string[]>
  /** A statement as the superuser; the value of the first column of each row. */
  sql: (statement: string, database?: string) => Promise<string>
  environment: Record<string, string>
  /** Takes everything down, data too. */
  remove: () => Promise<void>
}

export interface StackOptions {
  form: 'local-prod' | 'dev' | 'prod'
  /** Short: part of names. */
  name: string
  /** More settings. */
  settings?: Record<string, string>
}

/**
 * A copy of the working tree (what git knows or would add) in a folder of its own, so that .env and secrets of the checkout are
 * not touched, with free ports and its own project name. Images keep one name over all runs: what has not changed is not built anew.
 */
export async function copyCheckout({ form, name, settings = {} }: StackOptions): Promise<Stack> {
  const folder = await mkdtemp(path.join(tmpdir(), `kw-containers-${name}-`))
  const { stdout } = await run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    maxBuffer: 1e8,
  })
  for (const file of stdout.split('\0').filter((line) => line !== '')) {
    // A file that was deleted and is not committed yet.
    await cp(path.join(ROOT, file), path.join(folder, file), { recursive: true }).catch(() => undefined)
  }
  // An engine without a way out of its own builds through the machine's network; others do not mind.
  const built = ['database', 'migrate', 'backend', 'frontend', 'certificate', 'nginx']
  await writeFile(
    path.join(folder, 'compose.check.yaml'),
    `services:\n${built.map((service) => `  ${service}: { build: { network: host } }\n`).join('')}`,
  )
  const [https, http] = [await findFreePort(), await findFreePort()]
  const environment = {
    ...(process.env as Record<string, string>),
    COMPOSE_FILE: `compose.yaml:compose.${form}.yaml:compose.check.yaml`,
    COMPOSE_PROJECT_NAME: `kw-check-${name}`,
    IMAGE_PREFIX: 'kennwilliamson-check',
    HTTPS_PORT: String(https),
    HTTP_PORT: String(http),
    BIND_ADDRESS: '127.0.0.1',
    INSIDE_SUBNET: `10.213.${subnetOf(name)}.0/24`,
    COMPOSE_PROGRESS: 'plain',
    COMPOSE_ANSI: 'never',
    ...settings,
  }
  const execute = async (program: string, ...args: string[]): Promise<Ending> => {
    try {
      const { stdout: words, stderr } = await run(program, args, { cwd: folder, env: environment, maxBuffer: 1e8 })
      return { code: 0, output: words + stderr }
    } catch (error) {
      const {
        code,
        stdout: words = '',
        stderr = '',
        message,
      } = error as Error & { code?: number; stdout?: string; stderr?: string }
      return { code: typeof code === 'number' ? code : 1, output: words + stderr || message }
    }
  }
  const mustSay = async (program: string, ...args: string[]): Promise<string> => {
    const { code, output } = await execute(program, ...args)
    if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}:\n${output.slice(-4000)}`)
    return output
  }
  const compose = (...args: string[]): Promise<string> => mustSay('docker', 'compose', ...args)
  const takeDown = () => execute('docker', 'compose', '--profile', '*', 'down', '--volumes', '--remove-orphans', '--timeout', '5')
  // A run that was cut off has left its containers and its database, whose secrets are gone.
  await takeDown()
  return {
    folder,
    url: `https://localhost:${https}`,
    httpUrl: `http://localhost:${http}`,
    environment,
    run: execute,
    compose,
    docker: (...args) => mustSay('docker', ...args),
    containers: async (service) =>
      (await compose('ps', '-q', service)).split('\n').filter((line) => /^[0-9a-f]{12,}$/.test(line)),
    sql: async (statement, database = 'kennwilliamson') =>
      (
        await compose(
          'exec',
          '-T',
          'database',
          'psql',
          '-U',
          'postgres',
          '-d',
          database,
          '-v',
          'ON_ERROR_STOP=1',
          '-Atc',
          statement,
        )
      ).trim(),
    remove: async () => {
      await takeDown()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** From 100 to 199, by the name, so that two stacks at once do not share a network. */
function subnetOf(name: string): number {
  return 100 + (Buffer.from(name).reduce((sum, byte) => sum * 31 + byte, 7) % 100)
}
