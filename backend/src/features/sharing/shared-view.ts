import { Timestamp } from '@kennwilliamson/contracts/common'
import { SHARE_LEVELS } from '@kennwilliamson/contracts/share-levels'
import type { SharedEvent, SharedIncidentList, SharedView } from '@kennwilliamson/contracts/sharing'
import { z } from 'zod'
import type { Sql } from '../../platform/database.ts'
import { choosePhrase } from '../phrases/choose-phrase.ts'
import { findStats } from '../timers/stats.ts'
import { listSharedIncidents, listViews, type Target, type ViewRow } from './queries.ts'

/** Incidents that come along with a view. */
const INCIDENTS_WITH_VIEW = 50

/** Where the next page of incidents begins: at this time, of which so many were on the page before. */
export const IncidentKey = z.tuple([Timestamp, z.int().min(1).max(100_000)])

/** Whether a level shows what another one does. */
export function shows(level: SharedView['share_level'], what: SharedView['share_level']): boolean {
  return SHARE_LEVELS.indexOf(level) >= SHARE_LEVELS.indexOf(what)
}

/** What the stream carries of a timer: only the keys that its level allows. Null when it was deleted meanwhile. */
async function buildEvent(sql: Sql, row: ViewRow): Promise<SharedEvent | null> {
  const { title, user_display_name, since, before_first, time_zone, share_level, is_listed, revision, server_time } = row
  const run = { timerId: row.timer_id, since, beforeFirst: before_first, now: server_time }
  const [phrase, stats] = await Promise.all([
    choosePhrase(sql, row.owner_id, run),
    shows(share_level, 'stats') ? findStats(sql, row.timer_id) : undefined,
  ])
  if (stats === null) return null
  return {
    ...{ title, user_display_name, since, before_first, time_zone, phrase, share_level, is_listed, revision, server_time },
    ...(stats ? { stats } : {}),
    ...(shows(share_level, 'notes') ? { note: row.note, corrected_at: row.corrected_at } : {}),
  }
}

/** The shared view: at level `history` with the newest incidents. Null when the timer was deleted meanwhile. */
export async function buildView(sql: Sql, row: ViewRow): Promise<SharedView | null> {
  const event = await buildEvent(sql, row)
  if (event === null || !shows(row.share_level, 'history')) return event
  return { ...event, ...(await readIncidents(sql, row.timer_id, { from: null, limit: INCIDENTS_WITH_VIEW })) }
}

/** A page of incidents. The cursor names a time and no incident. */
export async function readIncidents(
  sql: Sql,
  timerId: string,
  { from, limit }: { from: z.infer<typeof IncidentKey> | null; limit: number },
): Promise<{ incidents: SharedIncidentList['incidents']; next_cursor: string | null }> {
  const [until, skip] = from ?? [null, 0]
  const read = await listSharedIncidents(sql, timerId, { until, skip, limit: limit + 1 })
  const incidents = read.slice(0, limit)
  const last = incidents.at(-1)
  if (read.length <= limit || last === undefined) return { incidents, next_cursor: null }
  const alike = incidents.filter(({ occurred_at }) => occurred_at === last.occurred_at).length
  const key = [last.occurred_at, alike + (last.occurred_at === until ? skip : 0)]
  return { incidents, next_cursor: Buffer.from(JSON.stringify(key)).toString('base64url') }
}

/** A target as it is seen now. `expiresInMs`: so long its link is good. */
export interface Shown {
  target: Target
  event: SharedEvent
  expiresInMs: number | null
}

/** What is seen of each target now; those of which nothing is seen are left out. Figures are read once a timer. */
export async function readShown(sql: Sql, targets: Target[]): Promise<Shown[]> {
  const rows = await listViews(sql, targets)
  const events = new Map<string, Promise<SharedEvent | null>>()
  const shown = rows.map(async (row) => {
    const key = `${row.timer_id} ${row.share_level}`
    const building = events.get(key) ?? buildEvent(sql, row)
    events.set(key, building)
    const event = await building
    const expiresInMs = row.link_expires_at === null ? null : Date.parse(row.link_expires_at) - Date.parse(row.server_time)
    return event && { target: { timerId: row.timer_id, linkId: row.link_id }, event, expiresInMs }
  })
  return (await Promise.all(shown)).filter((one) => one !== null)
}
