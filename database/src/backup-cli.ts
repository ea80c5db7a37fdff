import path from 'node:path'
import { parseArgs } from 'node:util'
import { getBackup, listBackups, OCCASION, readManifest, verifyBackup } from './backup/backup-folder.ts'
import { FORMATS, type Format } from './backup/manifest.ts'
import { runNightly } from './backup/nightly.ts'
import { proveBackup, restoreBackup } from './backup/restore.ts'
import { KEEP_DAYS } from './backup/retention.ts'
import { takeBackup, type TakenBackup } from './backup/take-backup.ts'
import { appRoleOf, readDatabaseUrls, readSetting, userOf, type DatabaseUrls } from './environment.ts'
import { describeError, OperatorError } from './operator-error.ts'
import { provideRoles } from './roles.ts'

/** `node database/src/backup-cli.ts <command>`: see HELP. Exit 0 when all went well, 1 with a line that says what did not. */
const HELP = `node database/src/backup-cli.ts <command>

  backup              makes a backup, while the site runs
  prove [<name>]      restores a backup (the latest) into a scratch database and compares everything
  restore <name>      puts a backup in the place of the database; the site must be stopped
  nightly             backup, proof, and removal of what is older than BACKUP_KEEP days
  list                all backups, the newest first
  verify <name>       compares a backup's files with its checksums

  --format custom|tables   custom: one archive of pg_dump (where that is there); tables: works everywhere
  --name-prefix <words>    backup: before-… stands in its name
  --newest                 list: only the name of the latest
  --replace                restore: also where the database is not empty; what was there is kept as a backup
  --no-backup              restore: without that backup

  MIGRATION_DATABASE_URL   the owner of the schema
  DATABASE_URL             the application's role, which gets its rights after a restore
  SUPERUSER_URL            who may make databases, for prove, restore and nightly (MIGRATION_DATABASE_URL when absent)
  BACKUP_DIR               where backups are kept; only its last folder is made
  BACKUP_KEEP              days that a backup is kept (${KEEP_DAYS})
  INSTALL_MARKER           restore: the file that remembers that this installation has data

Addresses may stand in files instead, named by <NAME>_FILE. "latest" is the newest backup without "before-" in its name.`

const OPTIONS = {
  help: { type: 'boolean', short: 'h', default: false },
  format: { type: 'string' },
  'name-prefix': { type: 'string' },
  newest: { type: 'boolean', default: false },
  replace: { type: 'boolean', default: false },
  'no-backup': { type: 'boolean', default: false },
} as const

/** What each command takes besides: a name or not, and which options. */
const COMMANDS: Record<string, { name: 'none' | 'latest' | 'wanted'; options: (keyof typeof OPTIONS)[] }> = {
  backup: { name: 'none', options: ['format', 'name-prefix'] },
  prove: { name: 'latest', options: [] },
  restore: { name: 'wanted', options: ['replace', 'no-backup'] },
  nightly: { name: 'none', options: ['format'] },
  list: { name: 'none', options: ['newest'] },
  verify: { name: 'wanted', options: [] },
}

/** Runs the command; false when it failed and has said so. */
async function main(): Promise<boolean> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: OPTIONS })
  const [command, given] = positionals
  if (values.help || command === undefined) {
    print(HELP)
    return values.help
  }
  refuseWhatIsNotMeant(positionals, Object.entries(values))
  const folder = readSetting(process.env, 'BACKUP_DIR')
  if (folder === undefined) throw new OperatorError('BACKUP_DIR must be set: the folder of the backups.')
  const name = given ?? 'latest'
  if (command === 'list') return list(path.resolve(folder), values.newest)
  if (command === 'verify') {
    const backup = await getBackup(path.resolve(folder), name)
    await verifyBackup(backup)
    print(`backup ${backup.name} is as it was written`)
    return true
  }

  const urls = readDatabaseUrls(process.env)
  const [appRole, format] = [appRoleOf(urls), formatOf(values.format)]
  const parts = {
    ownerUrl: urls.owner,
    superuserUrl: urls.superuser ?? urls.owner,
    folder: path.resolve(folder),
    ...(appRole === undefined ? {} : { appRole }),
    ...(format === undefined ? {} : { format }),
  }
  if (command === 'nightly') return runNightly({ ...parts, keepDays: keepDays() }, print)
  if (command === 'backup') {
    const occasion = values['name-prefix']
    if (occasion !== undefined && !OCCASION.test(occasion))
      throw new OperatorError('--name-prefix is "before-" and a word, as in before-reset')
    print(describeTaken(await takeBackup({ ...parts, ...(occasion === undefined ? {} : { occasion }) })))
  } else if (command === 'prove') {
    const proved = await proveBackup({ ...parts, name })
    print(`backup ${proved.name} proved: it restores (${seconds(proved.milliseconds)})`)
  } else {
    const installMarker = readSetting(process.env, 'INSTALL_MARKER')
    const restored = await restoreBackup({
      ...parts,
      name,
      replace: values.replace,
      keepReplaced: !values['no-backup'],
      ...(hasRolesOfItsOwn(urls) ? { provideRoles: () => provideRoles(urls) } : {}),
      ...(installMarker === undefined ? {} : { installMarker }),
    })
    if (restored.before !== undefined) print(`what was there is kept as ${restored.before}`)
    print(`backup ${restored.name} restored: every count and digest is as it was (${seconds(restored.milliseconds)})`)
  }
  return true
}

function refuseWhatIsNotMeant(positionals: string[], given: [string, unknown][]): void {
  const [word = '', name, ...more] = positionals
  const command = Object.hasOwn(COMMANDS, word) ? COMMANDS[word] : undefined
  if (command === undefined) throw new OperatorError(`there is no command ${word}: see --help`)
  if (command.name === 'wanted' && name === undefined)
    throw new OperatorError(`${word} which backup? "list" names them all; "latest" is the newest`)
  const stranger = command.name === 'none' ? name : more[0]
  if (stranger !== undefined) throw new OperatorError(`${word} does not take ${stranger}: see --help`)
  for (const [option, value] of given) {
    const isKnown = command.options.some((one) => one === option)
    if (value !== undefined && value !== false && !isKnown)
      throw new OperatorError(`${word} does not take --${option}: see --help`)
  }
}

/** With a superuser beside the owner, roles and their passwords are ours to make, as at every start. */
function hasRolesOfItsOwn({ superuser, owner }: DatabaseUrls): boolean {
  return superuser !== undefined && userOf(superuser) !== userOf(owner)
}

function formatOf(text: string | undefined): Format | undefined {
  const format = FORMATS.find((known) => known === text)
  if (format === undefined && text !== undefined) throw new OperatorError(`--format must be one of ${FORMATS.join(', ')}`)
  return format
}

function keepDays(): number {
  const text = readSetting(process.env, 'BACKUP_KEEP') ?? String(KEEP_DAYS)
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new OperatorError('BACKUP_KEEP must be a number of days, from 1 to 9999.')
  return Number(text)
}

async function list(folder: string, newestOnly: boolean): Promise<boolean> {
  if (newestOnly) {
    print((await getBackup(folder, 'latest')).name)
    return true
  }
  const backups = await listBackups(folder)
  if (backups.length === 0) print(`there is no backup in ${folder}`)
  for (const backup of backups) {
    const manifest = await readManifest(backup).catch(() => null)
    const about =
      manifest === null
        ? 'its manifest cannot be read'
        : `${manifest.format}, schema ${manifest.schema_version}, ${megabytes(manifest.bytes)}`
    const age = `${((Date.now() - backup.madeAt.getTime()) / 86_400_000).toFixed(1)} days old`
    const proof =
      backup.provedAt === null ? 'not proved' : `proved ${backup.provedAt.toISOString().slice(0, 16).replace('T', ' ')}`
    print(`${backup.name}  ${age}, ${about}, ${proof}`)
  }
  return true
}

function describeTaken({ name, manifest, milliseconds }: TakenBackup): string {
  const rows = manifest.tables.reduce((all, table) => all + table.rows, 0)
  return `backup ${name} made (${manifest.format}, schema ${manifest.schema_version}, ${rows} rows, ${megabytes(manifest.bytes)}, ${seconds(milliseconds)})`
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(2)} MB`
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

try {
  if (!(await main())) process.exitCode = 1
} catch (error) {
  process.stderr.write(`${describeError(error)}\n`)
  process.exitCode = 1
}
