import { expect, type BrowserContext } from '@playwright/test'
import { someoneSignedIn, type Person } from './people.ts'

/** Somebody with a timer, who acts without a page, as another program of theirs would. */
export interface Owner {
  person: Person
  timerId: string
  call: (method: string, path: string, body?: unknown) => Promise<unknown>
  setLevel: (shareLevel: string) => Promise<void>
  reset: (notes: string) => Promise<void>
}

/** A new owner whose timer is seen at this level. */
export async function newOwner(context: BrowserContext, shareLevel: string): Promise<Owner> {
  const person = await someoneSignedIn(context)
  async function call(method: string, path: string, body?: unknown): Promise<unknown> {
    const jwt = await context.request.get('/api/auth/jwt')
    const { token } = (await jwt.json()) as { token: string }
    const answer = await context.request.fetch(`/backend${path}`, {
      method,
      headers: { authorization: `Bearer ${token}` },
      ...(body === undefined ? {} : { data: body }),
    })
    expect(answer.ok(), await answer.text()).toBe(true)
    return answer.status() === 204 ? null : answer.json()
  }
  const { timers } = (await call('GET', '/timers')) as { timers: { id: string }[] }
  const timerId = timers[0]?.id ?? ''
  const setLevel = async (share_level: string) => {
    await call('PATCH', `/timers/${timerId}`, { share_level })
  }
  await setLevel(shareLevel)
  return {
    person,
    timerId,
    call,
    setLevel,
    async reset(notes) {
      await call('POST', `/timers/${timerId}/incidents`, { notes })
    },
  }
}
