import path from 'node:path'
import { installDependencies } from './dependencies.ts'
import { StartFailure } from './failure.ts'
import { print, say, surviveClosedOutput } from './log.ts'

const USAGE = `npm run backup                    makes a backup, while the site runs or not
npm run backup -- list            which there are, how old, and whether they are proved
npm run backup -- prove [<name>]  restores one (the latest) into a scratch database and compares everything
npm run backup -- verify <name>   compares a backup's files with its checksums
npm run backup -- nightly         backup, proof, and removal of what is older than BACKUP_KEEP days

  --format custom|tables   tables, unless said otherwise: one compressed file a table, which restores everywhere
  --help                   this text

Backups are in BACKUP_DIR (DATA_DIR/backups). npm run restore brings one back; docs/backups.md says more.`

const root = path.join(import.meta.dirname, '..')
const args = process.argv.slice(2)

/** What is meant without a command is a backup. */
function completed(): string[] {
  const whole = args[0] === undefined || args[0].startsWith('-') ? ['backup', ...args] : args
  const takesFormat = ['backup', 'nightly'].includes(whole[0] ?? '')
  return takesFormat && !whole.some((one) => one.startsWith('--format')) ? [...whole, '--format', 'tables'] : whole
}

surviveClosedOutput()
try {
  if (args.includes('--help') || args.includes('-h')) print(USAGE)
  else if (args[0] === 'restore') throw new StartFailure('to restore: npm run restore -- <name>')
  else {
    await installDependencies(root, (line) => say('packages', line))
    // Imported here, because on a fresh clone there are no packages before this.
    const { runBackupTool } = await import('./database-tool.ts')
    process.exitCode = await runBackupTool({ root, command: 'npm run backup', args: completed(), isRestore: false })
  }
} catch (error) {
  if (!(error instanceof StartFailure)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
