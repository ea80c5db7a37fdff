import { readdirSync, readFileSync } from 'node:fs'

// What the processes of a tree take, from /proc.

/** The processes that each process has begun and that still run. */
export function childrenByParent(): Map<number, number[]> {
  const found = new Map<number, number[]>()
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const stat = readOrEmpty(`/proc/${name}/stat`)
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
    found.set(parent, [...(found.get(parent) ?? []), Number(name)])
  }
  return found
}

/** A process and all below it. */
export function withDescendants(pid: number, children: Map<number, number[]>): number[] {
  return [pid, ...(children.get(pid) ?? []).flatMap((child) => withDescendants(child, children))]
}

/** PSS in MB: a page that several processes share counts for each by its share. A process that has just ended takes nothing. */
export function pssOf(pid: number): number {
  const kilobytes = /^Pss:\s+(\d+)/m.exec(readOrEmpty(`/proc/${pid}/smaps_rollup`))?.[1]
  return Number(kilobytes ?? 0) / 1024
}

/** Time that the threads of a process have had a processor, in microseconds, those that have ended left out. */
export function cpuOf(pid: number): number {
  let threads: string[]
  try {
    threads = readdirSync(`/proc/${pid}/task`)
  } catch {
    return 0
  }
  return sum(threads.map((tid) => Number(readOrEmpty(`/proc/${pid}/task/${tid}/schedstat`).split(' ')[0]) / 1000))
}

export function sum(numbers: number[]): number {
  return numbers.reduce((all, one) => all + one, 0)
}

function readOrEmpty(name: string): string {
  try {
    return readFileSync(name, 'utf8')
  } catch {
    return ''
  }
}
