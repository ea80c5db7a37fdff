import type { H3Event } from 'h3'
import { jsonOf } from './api-client.ts'
import { askApi, callerOf, deviceOf, passOn, readJsonText, rememberDevice, sendJson, sessionOf, writeSession } from './bridge.ts'
import { ApiAway } from './problems.ts'
import { tokensOf } from './refresh.ts'

/**
 * Signs in through the API and starts a session in place of any other. The session that the browser had before is ended, so that
 * nobody who planted or kept it shares the new one.
 */
export async function signInThrough(
  event: H3Event,
  path: '/backend/auth/login' | '/backend/auth/register',
): Promise<string | null> {
  const body = await readJsonText(event)
  const caller = callerOf(event)
  const device = path === '/backend/auth/login' ? deviceOf(event) : undefined
  const answer = await askApi({ method: 'POST', path, body, device, caller })
  if (answer.status !== 200 && answer.status !== 201) return passOn(event, answer)
  const tokens = tokensOf(jsonOf(answer))
  if (!tokens) throw new ApiAway()

  const former = await sessionOf(event).peek()
  if (former) await revoke(event, former.refresh_token)
  await writeSession(event, tokens)
  if (answer.device) rememberDevice(event, answer.device)
  return sendJson(event, { success: true })
}

/** Ends a session at the API. One that is not there any more, or an API that is away, is no reason to fail. */
export async function revoke(event: H3Event, refreshToken: string): Promise<void> {
  const body = JSON.stringify({ refresh_token: refreshToken })
  try {
    await askApi({ method: 'POST', path: '/backend/auth/revoke', body, caller: callerOf(event), repeatable: true })
  } catch (error) {
    if (!(error instanceof ApiAway)) throw error
  }
}
