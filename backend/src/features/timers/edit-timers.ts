import type { ErrorCode } from '@kennwilliamson/contracts/errors'
import type { CreateTimerRequest, Timer, UpdateTimerRequest } from '@kennwilliamson/contracts/timers'
import { ApiError } from '../../http/api-error.ts'
import { violatedConstraint } from '../../platform/database-errors.ts'
import type { Database, Sql } from '../../platform/database.ts'
import { deleteTimer, insertTimer, listTimers, lockOrder, moveTimer, updateTimer } from './queries.ts'
import { slugForTimer } from './timer-slug.ts'

/** So often somebody else may take the free address in the very moment. */
const TRIES = 10

/** A timer of theirs as the contract shows it, or null. */
export async function findTimer(sql: Sql, userId: string, timerId: string): Promise<Timer | null> {
  const [row] = await listTimers(sql, userId, timerId)
  if (!row) return null
  const { incident_id, since, ...timer } = row
  return { ...timer, current: { incident_id, since } }
}

/**
 * Makes a timer of theirs, which stands last. Its address is the one wanted, or one made of its title, with a number where that is taken.
 *
 * @throws {ApiError} SLUG_IMPOSSIBLE, SLUG_RESERVED, TIMER_SLUG_TAKEN or INVALID_INPUT beside the field; TOO_MANY_TIMERS; UNAUTHENTICATED
 * when the user is not there any more.
 */
export async function createTimer(sql: Sql, userId: string, input: CreateTimerRequest): Promise<Timer> {
  const wanted = input.slug ?? null
  const slug = wanted === null ? addressOf(input.title, 'title') : addressOf(wanted, 'slug')
  const timer = {
    title: input.title,
    startedAt: input.started_at ?? null,
    slug,
    numbered: wanted === null,
    shareLevel: input.share_level ?? 'private',
  }
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const made = await insertTimer(sql, userId, timer).catch((error: unknown) => {
      throw violatedConstraint(error) === 'timers_limit_per_user' ? new ApiError('TOO_MANY_TIMERS') : error
    })
    if (made === null) throw new ApiError('UNAUTHENTICATED')
    if (made === 'in-future') throw startInFuture()
    if (made === 'slug-taken') {
      if (wanted !== null) throw beside('slug', 'TIMER_SLUG_TAKEN')
      continue
    }
    const created = await findTimer(sql, userId, made.id)
    if (created) return created
  }
  throw new ApiError('OVERLOADED')
}

/**
 * Changes what is given, in one transaction. Nothing happens, not even to its `updated_at`, where all is so already.
 *
 * @throws {ApiError} TIMER_NOT_FOUND, STALE, TIMER_SLUG_FIXED, and as `createTimer` does.
 */
export async function changeTimer(
  sql: Database,
  userId: string,
  timerId: string,
  input: UpdateTimerRequest,
  versions: string[] | null,
): Promise<Timer> {
  // The fixed address is no address for another timer: which of the two it is, the statement knows.
  const slug = input.slug == null || input.slug === 'incident-timer' ? (input.slug ?? null) : addressOf(input.slug, 'slug')
  const change = {
    title: input.title ?? null,
    startedAt: input.started_at ?? null,
    slug,
    shareLevel: input.share_level ?? null,
    isListed: input.is_listed ?? null,
    archived: input.archived ?? null,
  }
  try {
    return await sql.begin(async (sql) => {
      if (input.position != null) await lockOrder(sql, userId)
      const outcome = await updateTimer(sql, userId, timerId, change, versions)
      if (outcome === 'missing') throw new ApiError('TIMER_NOT_FOUND')
      if (outcome === 'stale') throw new ApiError('STALE')
      if (outcome === 'slug-fixed') throw beside('slug', 'TIMER_SLUG_FIXED')
      if (outcome === 'in-future') throw startInFuture()
      if (input.position != null) await moveTimer(sql, userId, timerId, input.position)
      const timer = await findTimer(sql, userId, timerId)
      if (!timer) throw new ApiError('TIMER_NOT_FOUND')
      return timer
    })
  } catch (error) {
    const constraint = violatedConstraint(error)
    if (constraint === 'timers_user_id_slug_key') throw beside('slug', 'TIMER_SLUG_TAKEN')
    if (constraint === 'timers_default_slug') throw beside('slug', 'SLUG_RESERVED')
    throw error
  }
}

/**
 * Deletes a timer with all that belongs to it; the others close up.
 *
 * @throws {ApiError} TIMER_NOT_FOUND, DEFAULT_TIMER, STALE.
 */
export async function removeTimer(sql: Database, userId: string, timerId: string, versions: string[] | null): Promise<void> {
  await sql.begin(async (sql) => {
    await lockOrder(sql, userId)
    const outcome = await deleteTimer(sql, userId, timerId, versions)
    if (outcome === 'missing') throw new ApiError('TIMER_NOT_FOUND')
    if (outcome === 'default') throw new ApiError('DEFAULT_TIMER')
    if (outcome === 'stale') throw new ApiError('STALE')
    await moveTimer(sql, userId, null, 0)
  })
}

function addressOf(text: string, path: 'title' | 'slug'): string {
  const result = slugForTimer(text)
  if ('problem' in result) throw beside(path, result.problem)
  return result.slug
}

function beside(path: string, code: ErrorCode): ApiError {
  return new ApiError(code, { errors: [{ path, message: new ApiError(code).message }] })
}

function startInFuture(): ApiError {
  return new ApiError('INVALID_INPUT', { errors: [{ path: 'started_at', message: 'must not lie in the future' }] })
}
