import { setTimeout as delay } from 'node:timers/promises'
import { ask } from '../walk.ts'
import { copyCheckout, type Stack } from './engine.ts'

/** The parts that run for long. */
export const SERVICES = ['database', 'backend', 'frontend', 'nginx'] as const

/** The production form on this machine, from a copy of the checkout and by the documented commands; seconds that its start took. */
export async function startLocalProd(name: string): Promise<{ stack: Stack; seconds: number }> {
  // The load comes from one machine, and says whom it stands for. Stops drain for as long as they do in production.
  const stack = await copyCheckout({ form: 'local-prod', name, settings: { TRUST_PROXY: '0.0.0.0/0' } })
  const { code, output } = await stack.run('env', '-u', 'COMPOSE_FILE', 'scripts/setup-production-env.sh', '--local')
  if (code !== 0) throw new Error(output)
  await stack.compose('build')
  const began = Date.now()
  await stack.compose('up', '--detach', '--wait')
  return { stack, seconds: (Date.now() - began) / 1000 }
}

interface Inspected {
  Config: { User: string; Env: string[] }
  HostConfig: {
    ReadonlyRootfs: boolean
    CapDrop: string[] | null
    CapAdd: string[] | null
    SecurityOpt: string[] | null
    Memory: number
    MemorySwap: number
    PidsLimit: number
    Privileged: boolean
    PortBindings: Record<string, unknown>
    RestartPolicy: { Name: string }
  }
  State: { OOMKilled: boolean; Health?: { Status: string } }
  RestartCount: number
}

/** What Docker says of the first container of a service. */
export async function inspect(stack: Stack, service: string): Promise<Inspected> {
  const [id = ''] = await stack.containers(service)
  const [found] = JSON.parse(await stack.docker('inspect', id)) as Inspected[]
  if (found === undefined) throw new Error(`${service} is not there`)
  return found
}

/** A container that was stopped for a while is well again at its next check. */
export async function allHealthy(stack: Stack): Promise<void> {
  for (let tries = 0; tries < 120; tries++) {
    const states = await stack.compose('ps', '--format', '{{.Service}} {{.Health}}')
    if (!/^\w+ (?!healthy|$)/m.test(states)) return
    await delay(500)
  }
  throw new Error('not all are healthy after a minute')
}

/** Milliseconds until the site says that it is ready. */
export async function becomesReady(stack: Stack): Promise<number> {
  const began = Date.now()
  while (Date.now() - began < 60_000) {
    const answer = await ask(stack.url, 'GET', '/backend/health/ready', { patience: 2_000 }).catch(() => null)
    if (answer?.status === 200) return Date.now() - began
    await delay(100)
  }
  throw new Error('not ready within a minute')
}
