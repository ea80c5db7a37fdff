import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** True when a Docker engine with Compose answers here. */
export async function hasEngine(): Promise<boolean> {
  try {
    await run('docker', ['version'])
    await run('docker', ['compose', 'version'])
    return true
  } catch {
    return false
  }
}
