import { onScopeDispose, toValue, useNuxtApp, useState, watch, type MaybeRefOrGetter } from '#imports'

/** The server's clock, read without the device's own: its time as it came, and how long ago by the monotonic clock. */
export interface ServerClock {
  /** The time that the page was rendered for, in epoch milliseconds: equal on server and browser until the first tick. */
  rendered: number
  /** The time now, in epoch milliseconds. On the server it stands still. */
  now: () => number
}

/** When the answer that this document came with began to arrive, on the monotonic clock. */
function documentArrived(): number {
  const [navigation] = performance.getEntriesByType('navigation')
  return navigation instanceof PerformanceNavigationTiming ? navigation.responseStart : 0
}

/**
 * A clock set by `serverTime` (RFC 3339). Without one, it is set by the time at which the server rendered the first page. When
 * the given time changes, fresh from the API, the clock is set anew.
 */
export function useServerClock(serverTime?: MaybeRefOrGetter<string>): ServerClock {
  const nuxtApp = useNuxtApp()
  const renderedAt = useState('server-time', () => new Date().toISOString())
  const time = () => Date.parse(serverTime === undefined ? renderedAt.value : toValue(serverTime))
  const rendered = time()
  if (import.meta.server) return { rendered, now: time }

  const fromDocument = serverTime === undefined || nuxtApp.isHydrating === true
  let base = { server: rendered, here: fromDocument ? documentArrived() : performance.now() }
  const stop = watch(time, (server) => {
    base = { server, here: performance.now() }
  })
  onScopeDispose(stop)
  return { rendered, now: () => base.server + performance.now() - base.here }
}
