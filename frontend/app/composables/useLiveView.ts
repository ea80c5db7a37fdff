import type { SharedEvent } from '@kennwilliamson/contracts/sharing'
import { onBeforeUnmount, onMounted, ref, type Ref } from '#imports'
import { createEventReader } from '~/utils/event-stream'
import { HIDDEN_MS, retryAfterMs, SILENCE_MS, waitBeforeRetry } from '~/utils/live-rules'

/** Whether changes arrive as they happen. `lost`: nothing arrives, and everything shown may be old; the count goes on. */
export type Connection = 'connecting' | 'live' | 'lost'

interface LiveView {
  /** Of the timer, below the API's address: `/shared/ada/lift`. */
  api: string
  onEvent: (type: string, event: SharedEvent) => void
  /** The timer is not there any more. */
  onGone: () => void
  /** Looks again by an ordinary request: where no stream comes through, and where the timer has another address now. */
  look: () => void
}

/** A stream that lasted so long had nothing wrong with it. Milliseconds. */
const WELL_MS = 10_000
/** Where no stream comes through, ordinary requests are made so far apart. Milliseconds. */
const LOOK_MS = 60_000

/**
 * Follows a timer by its event stream while the page is seen. Read with fetch, because an EventSource does not tell a timer that is gone
 * from a server that is away. A stream that ends, or falls silent, is taken up again for as long as it takes.
 */
export function useLiveView({ api, onEvent, onGone, look }: LiveView): { connection: Ref<Connection> } {
  const connection = ref<Connection>('connecting')
  let failures = 0
  let current: AbortController | null = null
  let again: ReturnType<typeof setTimeout> | undefined
  let hiding: ReturnType<typeof setTimeout> | undefined
  let looking: ReturnType<typeof setInterval> | undefined

  function stop(): void {
    current?.abort()
    current = null
    clearTimeout(again)
  }
  function start(): void {
    stop()
    current = new AbortController()
    void follow(current)
  }
  function failed(own: AbortController, wished: number | null): void {
    if (current !== own) return
    current = null
    failures++
    // One that ended as servers do when they are renewed is nothing to speak of.
    if (failures > 1 || !navigator.onLine) connection.value = 'lost'
    again = setTimeout(start, waitBeforeRetry(failures, wished, Math.random()))
  }

  async function follow(own: AbortController): Promise<void> {
    let wished: number | null = null
    let silence: ReturnType<typeof setTimeout> | undefined
    const heard = () => {
      clearTimeout(silence)
      silence = setTimeout(() => own.abort(), SILENCE_MS)
    }
    const began = performance.now()
    try {
      heard()
      const response = await fetch(`/backend${api}/events`, {
        headers: { accept: 'text/event-stream' },
        cache: 'no-store',
        credentials: 'omit',
        signal: own.signal,
      })
      if (current !== own) return
      if (response.status === 404) {
        stop()
        onGone()
        return
      }
      wished = retryAfterMs(response.headers.get('retry-after'))
      const isStream = response.ok && response.headers.get('content-type')?.startsWith('text/event-stream') === true
      if (response.redirected) {
        own.abort()
        look()
      } else if (isStream && response.body) {
        const read = createEventReader()
        const reader = response.body.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>).getReader()
        for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
          if (current !== own) return
          heard()
          const { events, retry } = read(piece.value)
          wished = retry ?? wished
          for (const { type, data } of events) {
            if (type === 'gone') {
              stop()
              onGone()
              return
            }
            onEvent(type, JSON.parse(data) as SharedEvent)
            connection.value = 'live'
          }
        }
      }
    } catch {
      // Lost on the way, silent, or no stream of ours: in any case not connected.
    } finally {
      clearTimeout(silence)
    }
    if (performance.now() - began > WELL_MS) failures = 0
    own.abort()
    failed(own, wished)
  }

  function onVisibility(): void {
    clearTimeout(hiding)
    if (document.hidden) hiding = setTimeout(stop, HIDDEN_MS)
    else if (!current) onOnline()
  }
  function onOnline(): void {
    failures = 0
    start()
  }
  function onOffline(): void {
    connection.value = 'lost'
  }

  onMounted(() => {
    start()
    looking = setInterval(() => {
      if (!document.hidden && connection.value !== 'live') look()
    }, LOOK_MS)
    document.addEventListener('visibilitychange', onVisibility)
    addEventListener('online', onOnline)
    addEventListener('offline', onOffline)
  })
  onBeforeUnmount(() => {
    stop()
    clearTimeout(hiding)
    clearInterval(looking)
    document.removeEventListener('visibilitychange', onVisibility)
    removeEventListener('online', onOnline)
    removeEventListener('offline', onOffline)
  })
  return { connection }
}
