import type { ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/**
 * True when the server's last words say that an earlier one still holds the folder. After a kill -9 that lasts for a second
 * or two: until its parent has collected it, and until its backends have noticed.
 */
export function isStillOccupied(words: string): boolean {
  return /lock file "postmaster.pid" already exists|pre-existing shared memory block/.test(words)
}

/** Resolves true when this very child accepts connections (it says so in its pid file), false when it ended or time is up. */
export async function waitUntilReady(dataDir: string, child: ChildProcess, deadline: number): Promise<boolean> {
  while (Date.now() < deadline && child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
    const lines = pidFile(dataDir).split('\n')
    if (lines[0] === String(child.pid) && lines[7]?.trim() === 'ready') return true
    await delay(20)
  }
  return false
}

// Synchronous, because the supervisor uses this file, and node:fs/promises would stay in its memory for ever.
function pidFile(dataDir: string): string {
  try {
    return readFileSync(path.join(dataDir, 'postmaster.pid'), 'utf8')
  } catch {
    return ''
  }
}
