import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { cpuOf } from '../scripts/process-tree.ts'
import type { SqlFloor, Subject } from './floor-sql.ts'
import { load, type Asked, type Load } from './load.ts'

const begin = (file: string, args: string[]): ChildProcess =>
  fork(path.join(import.meta.dirname, file), args, { stdio: 'inherit' })

async function end(child: ChildProcess): Promise<void> {
  child.disconnect()
  await once(child, 'exit')
}

/** A bare Node server under the same load, that answers the same bytes: what it gave, and its own CPU, µs a request. */
export async function measureHttpFloor(
  asked: Asked,
  answer: { body: string; type: string; status: number },
  seconds: number,
): Promise<Load & { cpu: number }> {
  const child = begin('floor-http.ts', [answer.body, answer.type, String(answer.status)])
  try {
    const [port] = (await once(child, 'message')) as [number]
    const url = `http://127.0.0.1:${String(port)}${new URL(asked.url).pathname}`
    await load({ ...asked, url }, 1)
    const before = cpuOf(child.pid ?? 0)
    const result = await load({ ...asked, url }, seconds)
    return { ...result, cpu: (cpuOf(child.pid ?? 0) - before) / result.requests }
  } finally {
    await end(child)
  }
}

/** The statements of a row by the driver alone: CPU of the driver's process and of PostgreSQL, µs each time. */
export async function measureSqlFloor(
  row: string,
  subject: Subject,
  databaseUrl: string,
  seconds: number,
  postgresCpu: () => number,
): Promise<{ driver: number; postgres: number }> {
  const child = begin('floor-sql.ts', [databaseUrl, row, JSON.stringify(subject)])
  try {
    await once(child, 'message')
    const before = postgresCpu()
    child.send('begin')
    await delay(seconds * 1000)
    child.send('end')
    const [{ operations, cpu }] = (await once(child, 'message')) as [SqlFloor]
    return { driver: cpu / operations, postgres: (postgresCpu() - before) / operations }
  } finally {
    await end(child)
  }
}
