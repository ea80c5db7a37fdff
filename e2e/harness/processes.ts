import { readdirSync, readFileSync } from 'node:fs'
import { markOf, type ProcessMark } from '../../scripts/processes.ts'

export interface Process extends ProcessMark {
  command: string
}

/** A process and all that it started, directly or not. */
export function listFamily(pid: number): Process[] {
  const parents = new Map<number, number>()
  for (const entry of readdirSync('/proc')) {
    const parent = /^\d+$/.test(entry) ? parentOf(Number(entry)) : undefined
    if (parent !== undefined) parents.set(Number(entry), parent)
  }
  const family = [pid]
  // The list grows while it is walked, so that children's children are found too.
  for (const member of family) for (const [child, parent] of parents) if (parent === member) family.push(child)
  return family.flatMap((member) => {
    const mark = markOf(member)
    return mark === null ? [] : [{ ...mark, command: commandOf(member) }]
  })
}

function parentOf(pid: number): number | undefined {
  const parent = /^PPid:\s+(\d+)/m.exec(read(`/proc/${String(pid)}/status`))?.[1]
  return parent === undefined ? undefined : Number(parent)
}

function commandOf(pid: number): string {
  return read(`/proc/${String(pid)}/cmdline`)
    .replaceAll('\0', ' ')
    .trim()
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    // It ended while we looked.
    return ''
  }
}
