import type { AccountExport } from '@kennwilliamson/contracts/account-export'
import type { Sql } from '../../platform/database.ts'

type Exported<Part extends keyof AccountExport> = AccountExport[Part] extends (infer Row)[] ? Row : AccountExport[Part]
type ExportedTimer = Omit<Exported<'timers'>, 'incidents' | 'revisions' | 'links'>
type ExportedIncident = Exported<'timers'>['incidents'][number]
type ExportedRevision = Exported<'timers'>['revisions'][number]

/** Rows after the one of this id, `FIRST` for all; so many at most. */
export interface Rows {
  after: string
  limit: number
}

/** Before every id there can be. */
export const FIRST = '00000000-0000-0000-0000-000000000000'

/** The account itself and the moment of the transaction, or null for a user who is not there or not active. */
export async function findExportedAccount(
  sql: Sql,
  userId: string,
): Promise<(Exported<'account'> & { exported_at: string }) | null> {
  const [row] = await sql<(Exported<'account'> & { exported_at: string })[]>`
    select
      u.id, u.email, u.display_name, u.slug, u.time_zone, u.created_at, u.updated_at, now() as exported_at,
      array(select r.name from user_roles ur join roles r on r.id = ur.role_id where ur.user_id = u.id order by r.name desc) as roles
    from users u
    where u.id = ${userId} and u.active
  `
  return row ?? null
}

/** Every former address that is still kept, expired ones too. There are few: see the limit in features/profile. */
export async function listExportedSlugs(sql: Sql, userId: string): Promise<Exported<'former_slugs'>[]> {
  return await sql<Exported<'former_slugs'>[]>`
    select slug, created_at, expires_at from former_slugs where user_id = ${userId} order by created_at, slug
  `
}

/** A page of a user's sessions, the ended ones too. */
export async function listExportedSessions(sql: Sql, userId: string, { after, limit }: Rows): Promise<Exported<'sessions'>[]> {
  return await sql<Exported<'sessions'>[]>`
    select id, user_agent, ip, created_at, last_used_at, expires_at, revoked_at
    from sessions
    where user_id = ${userId} and id > ${after}
    order by id
    limit ${limit}
  `
}

/** A page of what happened to the account, of kinds that this release does not know too. */
export async function listExportedEvents(
  sql: Sql,
  userId: string,
  { after, limit }: Rows,
): Promise<Exported<'security_events'>[]> {
  return await sql<Exported<'security_events'>[]>`
    select
      id, action,
      case when actor_id = subject_id then 'you' when by_operator then 'operator' else 'administrator' end as by,
      created_at
    from audit_events
    where subject_id = ${userId} and id > ${after}
    order by id
    limit ${limit}
  `
}

/** A page of a user's timers. */
export async function listExportedTimers(sql: Sql, userId: string, { after, limit }: Rows): Promise<ExportedTimer[]> {
  return await sql<ExportedTimer[]>`
    select id, slug, is_default, title, started_at, share_level, is_listed, position, archived_at, created_at, updated_at
    from timers
    where user_id = ${userId} and id > ${after}
    order by id
    limit ${limit}
  `
}

/** A page of a timer's incidents, the undone ones too. The timer is the caller's to know as their own. */
export async function listExportedIncidents(sql: Sql, timerId: string, { after, limit }: Rows): Promise<ExportedIncident[]> {
  return await sql<ExportedIncident[]>`
    select id, occurred_at, notes, corrected_at, undone_at, created_at, updated_at
    from incidents
    where timer_id = ${timerId} and id > ${after}
    order by id
    limit ${limit}
  `
}

/** A page of what was changed in a timer's incidents. The timer is the caller's to know as their own. */
export async function listExportedRevisions(sql: Sql, timerId: string, { after, limit }: Rows): Promise<ExportedRevision[]> {
  return await sql<ExportedRevision[]>`
    select id, incident_id, action, occurred_at_before, notes_before, occurred_at_after, notes_after, created_at
    from incident_revisions
    where timer_id = ${timerId} and id > ${after}
    order by id
    limit ${limit}
  `
}

/** A page of a timer's secret links, expired ones too as long as they are kept. The timer is the caller's to know as their own. */
export async function listExportedLinks(
  sql: Sql,
  timerId: string,
  { after, limit }: Rows,
): Promise<Exported<'timers'>['links'][number][]> {
  return await sql<Exported<'timers'>['links'][number][]>`
    select id, share_level, expires_at, last_used_at, created_at
    from secret_links
    where timer_id = ${timerId} and id > ${after}
    order by id
    limit ${limit}
  `
}

/** A page of the phrases that a user suggested. */
export async function listExportedSuggestions(
  sql: Sql,
  userId: string,
  { after, limit }: Rows,
): Promise<Exported<'phrase_suggestions'>[]> {
  return await sql<Exported<'phrase_suggestions'>[]>`
    select id, phrase_text, status, admin_reason, created_at, updated_at
    from phrase_suggestions
    where user_id = ${userId} and id > ${after}
    order by id
    limit ${limit}
  `
}

/** A page of the phrases that a user does not want to see. */
export async function listExportedExclusions(
  sql: Sql,
  userId: string,
  { after, limit }: Rows,
): Promise<Exported<'excluded_phrases'>[]> {
  return await sql<Exported<'excluded_phrases'>[]>`
    select p.id, p.phrase_text, e.created_at as excluded_at
    from user_excluded_phrases e
    join phrases p on p.id = e.phrase_id
    where e.user_id = ${userId} and e.phrase_id > ${after}
    order by e.phrase_id
    limit ${limit}
  `
}
