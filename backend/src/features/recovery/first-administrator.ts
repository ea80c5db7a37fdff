import type { Config } from '../../config.ts'
import type { Database, Sql } from '../../platform/database.ts'
import { insertAuditEvent } from '../audit/queries.ts'
import { grantRole, hasAdministrator, lockAdministrators } from '../roles/queries.ts'
import { claimKeyOf, createClaimNonce, deriveClaimCode, hashClaimCode } from './claim-code.ts'
import { findAccountByEmail, findClaimCode, renewClaimCode } from './queries.ts'

interface Needs {
  sql: Database
  config: Pick<Config, 'adminEmail' | 'jwtSecrets'>
}

/** Where the operator reads. */
interface Log {
  warn: (fields: object, message: string) => void
}

/**
 * Done at each start. While there is no administrator: the account of ADMIN_EMAIL becomes one, if it is there; else the claim code is
 * said, a new one when the old one's time is half over. As warnings, because they want something done, and so that they are seen where
 * LOG_LEVEL leaves information out.
 */
export async function provideFirstAdministrator(needs: Needs, log: Log): Promise<void> {
  const { sql, config } = needs
  if (await hasAdministrator(sql)) return
  if (config.adminEmail !== null) {
    const appointed = await appointAdministrator(sql, config.adminEmail, { onlyFirst: true })
    if (appointed.outcome === 'appointed') {
      log.warn({ slug: appointed.slug }, 'the account of ADMIN_EMAIL is an administrator now')
      return
    }
    if (appointed.outcome !== 'no-account') return
    log.warn(
      {},
      'nobody is an administrator, and no active account has the address of ADMIN_EMAIL, with which nobody can sign up meanwhile: use the claim code, or sign up before it is set',
    )
  }
  const code = await provideClaimCode(needs)
  if (code !== null) log.warn({}, `claim code: ${code}`)
}

/**
 * Whether nobody may sign up with this address now: it is ADMIN_EMAIL's, and there is no administrator yet. Nobody proves that an
 * address is theirs, so whoever took it first would be the administrator from the next start on.
 */
export async function isKeptForAdministrator(sql: Sql, config: Pick<Config, 'adminEmail'>, email: string): Promise<boolean> {
  return config.adminEmail?.toLowerCase() === email.toLowerCase() && !(await hasAdministrator(sql))
}

/** What came of making somebody an administrator. */
export type Appointment = { outcome: 'appointed' | 'is-one'; slug: string } | { outcome: 'no-account' | 'there-is-one' }

/** Makes the active account with this address an administrator, in the name of whoever runs the machine. */
export async function appointAdministrator(
  sql: Database,
  email: string,
  { onlyFirst }: { onlyFirst: boolean },
): Promise<Appointment> {
  return await sql.begin(async (sql) => {
    await lockAdministrators(sql)
    if (onlyFirst && (await hasAdministrator(sql))) return { outcome: 'there-is-one' }
    const account = await findAccountByEmail(sql, email)
    if (!account?.active) return { outcome: 'no-account' }
    const granted = await grantRole(sql, account.id, 'admin')
    if (granted) await insertAuditEvent(sql, { action: 'admin_claimed', actorId: null, subjectId: account.id })
    return { outcome: granted ? 'appointed' : 'is-one', slug: account.slug }
  })
}

/** The claim code that is good now: the same for every instance that asks. Null when it was just used. */
async function provideClaimCode({ sql, config }: Needs): Promise<string | null> {
  const keys = config.jwtSecrets.map(claimKeyOf)
  const [newest] = keys
  if (!newest) throw new Error('at least one secret is needed')
  let stale: Buffer | null = null
  for (let round = 0; round < 2; round++) {
    const nonce = createClaimNonce()
    await renewClaimCode(sql, { nonce, codeHash: hashClaimCode(deriveClaimCode(nonce, newest)), stale })
    const found = await findClaimCode(sql)
    if (!found) return null
    for (const key of keys) {
      const code = deriveClaimCode(found.nonce, key)
      if (hashClaimCode(code).equals(found.code_hash)) return code
    }
    // Made under a secret that is not ours any more.
    stale = found.code_hash
  }
  return null
}
