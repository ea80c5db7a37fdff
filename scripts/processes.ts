import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** A process as it can be told from a later one with the same number. */
export interface ProcessMark {
  pid: number
  /** Clock ticks between the machine's start and the process's. */
  started: string
}

/** The mark of a running process, or null when there is none (a zombie runs no more). */
export function markOf(pid: number): ProcessMark | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name stands in brackets and may hold anything, so count from the last bracket: state is the 3rd field, start the 22nd.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' || fields[0] === 'X' ? null : { pid, started: fields[19] ?? '' }
  } catch {
    return null
  }
}

/** True while the very process runs that was marked, and not another one with its number. */
export function isRunning(mark: ProcessMark): boolean {
  return markOf(mark.pid)?.started === mark.started
}

/** Resolves true when none of these processes runs any more, false when time is up. */
export async function waitUntilGone(marks: ProcessMark[], milliseconds: number): Promise<boolean> {
  const deadline = Date.now() + milliseconds
  while (marks.some(isRunning)) {
    if (Date.now() > deadline) return false
    await delay(50)
  }
  return true
}

/** Who listens on a TCP port, as `node (pid 4711)`; null when it cannot be told, as for another user's process. */
export function findListener(port: number): string | null {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0')
  const sockets = new Set<string>()
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of readOrEmpty(table).split('\n').slice(1)) {
      const fields = line.trim().split(/\s+/)
      if (fields[1]?.endsWith(`:${wanted}`) && fields[3] === '0A') sockets.add(`socket:[${fields[9]}]`)
    }
  }
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const holds = readdirSync(`/proc/${pid}/fd`).some((fd) => sockets.has(readlinkSync(`/proc/${pid}/fd/${fd}`)))
      if (holds) return `${readOrEmpty(`/proc/${pid}/comm`).trim()} (pid ${pid})`
    } catch {
      // another user's, or gone meanwhile
    }
  }
  return null
}

/**
 * Asks a local port for a path over plain HTTP and resolves to the status, or null without an answer. Written on a bare
 * socket, because the supervisor should not carry an HTTP client in its memory for this.
 */
export function probe(port: number, path: string, milliseconds = 2_000): Promise<number | null> {
  return new Promise((resolve) => {
    let answer = ''
    const socket = connect({ port, host: '127.0.0.1' })
    const finish = (): void => {
      socket.destroy()
      const status = /^HTTP\/1\.\d (\d{3})/.exec(answer)?.[1]
      resolve(status === undefined ? null : Number(status))
    }
    socket.setTimeout(milliseconds, finish)
    socket.once('connect', () => socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`))
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString('latin1')
      if (answer.includes('\r\n')) finish()
    })
    socket.once('error', finish)
    socket.once('close', finish)
  })
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
