import path from 'node:path'
import { installDependencies } from './dependencies.ts'
import { StartFailure } from './failure.ts'
import { print, say, surviveClosedOutput } from './log.ts'

const USAGE = `npm run admin -- reset-link <email>   a link with which the holder of an account sets a new password, once, within 24 hours
npm run admin -- make-admin <email>   makes an account an administrator

  --help   this text

Works while the site runs, and while it does not. docs/operations.md says more.`

const root = path.join(import.meta.dirname, '..')
const args = process.argv.slice(2)

surviveClosedOutput()
try {
  if (args.includes('--help') || args.includes('-h') || args.length === 0) {
    print(USAGE)
    if (args.length === 0) process.exitCode = 1
  } else {
    await installDependencies(root, (line) => say('packages', line))
    // Imported here, because on a fresh clone there are no packages before this.
    const { runAdminTool } = await import('./database-tool.ts')
    process.exitCode = await runAdminTool({ root, command: 'npm run admin', args })
  }
} catch (error) {
  if (!(error instanceof StartFailure)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
