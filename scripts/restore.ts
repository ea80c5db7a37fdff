import path from 'node:path'
import { createInterface } from 'node:readline/promises'
import { installDependencies } from './dependencies.ts'
import { StartFailure } from './failure.ts'
import { print, say, surviveClosedOutput } from './log.ts'

const USAGE = `npm run restore -- <name>     puts a backup in the place of the database; the site must be stopped

  <name>        as "npm run backup -- list" shows it, or latest
  --replace     also where the database is not empty; what is there is kept as a backup named before-restore-…
  --yes         do not ask before that
  --no-backup   do not keep what is there, for instance because it cannot be read
  --help        this text

Everything is checked and built beside the database first: when anything fails, that is as it was. docs/backups.md says more.`

const root = path.join(import.meta.dirname, '..')
const args = process.argv.slice(2)

/** Whoever replaces data says so twice. */
async function confirm(): Promise<void> {
  if (!args.includes('--replace') || args.includes('--yes')) return
  if (!process.stdin.isTTY) throw new StartFailure('nothing was changed: --replace wants --yes, or a terminal to ask at')
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  const answer = await terminal.question('All data of this site will be replaced by the backup. Type "replace" to go on: ')
  terminal.close()
  if (answer.trim() !== 'replace') throw new StartFailure('nothing was changed')
}

surviveClosedOutput()
try {
  if (args.includes('--help') || args.includes('-h') || args.length === 0) {
    print(USAGE)
    if (args.length === 0) process.exitCode = 1
  } else {
    await confirm()
    await installDependencies(root, (line) => say('packages', line))
    // Imported here, because on a fresh clone there are no packages before this.
    const { runBackupTool } = await import('./database-tool.ts')
    const toolArguments = ['restore', ...args.filter((one) => one !== '--yes')]
    process.exitCode = await runBackupTool({ root, command: 'npm run restore', args: toolArguments, isRestore: true })
  }
} catch (error) {
  if (!(error instanceof StartFailure)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
