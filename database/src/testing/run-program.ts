import { spawn } from 'node:child_process'
import path from 'node:path'

/** How a program of this folder ended, and everything it said. */
export interface Ending {
  code: number | null
  output: string
}

/**
 * Runs one of this folder's programs as an operator does, with this environment and no other. `before` stands in front of node on
 * the command line.
 */
export function runProgram(
  program: string,
  args: string[],
  environment: Record<string, string>,
  before: string[] = [],
): Promise<Ending> {
  const file = path.join(import.meta.dirname, '..', program)
  const [command = '', ...rest] = [...before, process.execPath, file, ...args]
  const child = spawn(command, rest, { env: { PATH: '/usr/bin:/bin', ...environment }, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk: string) => (output += chunk))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, output }))
  })
}
