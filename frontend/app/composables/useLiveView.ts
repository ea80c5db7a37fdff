import type { SharedEvent } from '@kennwilliamson/contracts/sharing'
import { onBeforeUnmount, onMounted } from '#imports'
import { createStreamReader } from '~/utils/event-stream'

/** What comes of listening to a shared timer. */
export interface LiveListener {
  /** Its state as of now: `isWhole` when changes may have been missed before, so that it replaces whatever is shown. */
  state: (event: SharedEvent, isWhole: boolean) => void
  /** It is not to be seen here any more. */
  gone: () => void
  /** It is somewhere else, or was a moment ago. */
  moved: () => void
  /** Nobody can be heard: whoever wants to know has to ask. */
  unheard: () => void
}

/** Who is silent for longer than two beats and a half (15 s each) is not there. Milliseconds. */
const SILENCE_MS = 40_000
/** Waits between tries grow up to this. Milliseconds. */
const LONGEST_WAIT_MS = 30_000
/** A tab that nobody sees keeps its stream for so long. Milliseconds. */
const HIDDEN_MS = 60_000

/**
 * Listens to the changes of a shared timer (`path`: `/shared/<user>/<timer>` or `/s/<secret>`) while the page is open and seen. Read with
 * `fetch` and not with `EventSource`: that says neither why it was refused nor how long to wait, and never tries again after a 503.
 */
export function useLiveView(path: string, listener: LiveListener): void {
  let current: AbortController | null = null
  let waiting: ReturnType<typeof setTimeout> | undefined
  let hiding: ReturnType<typeof setTimeout> | undefined
  let failures = 0

  function comeBack(after: number): void {
    clearTimeout(waiting)
    waiting = setTimeout(() => void listen(), after)
  }

  /** Grows with each failure, and is another for everybody: an instance that comes back must not meet all at once. */
  function patience(): number {
    failures++
    return Math.min(LONGEST_WAIT_MS, 1000 * 2 ** Math.min(failures - 1, 5)) * (0.5 + Math.random())
  }

  async function listen(): Promise<void> {
    const own = new AbortController()
    current?.abort()
    current = own
    let retry: number | null = null
    let isGone = false
    let silence: ReturnType<typeof setTimeout> | undefined
    const heard = () => {
      clearTimeout(silence)
      silence = setTimeout(() => {
        own.abort()
      }, SILENCE_MS)
    }
    const read = createStreamReader({
      event({ name, data }) {
        if (name === 'gone') isGone = true
        else if (name === 'snapshot' || name === 'change') {
          failures = 0
          listener.state(JSON.parse(data) as SharedEvent, name === 'snapshot')
        }
      },
      retry(milliseconds) {
        retry = milliseconds
      },
    })
    try {
      heard()
      const response = await fetch(`/backend${path}/events`, {
        headers: { accept: 'text/event-stream' },
        cache: 'no-store',
        signal: own.signal,
      })
      if (response.redirected) {
        listener.moved()
        own.abort()
        return
      }
      if (response.status === 404) isGone = true
      else if (!response.ok || !response.body) {
        retry = Number(response.headers.get('retry-after')) * 1000 || null
        throw new Error('refused')
      } else {
        const pieces = response.body.pipeThrough(new TextDecoderStream()).getReader()
        for (;;) {
          const piece = await pieces.read()
          if (piece.done) break
          heard()
          read(piece.value)
          if (isGone) break
        }
      }
      if (own !== current) return
      if (isGone) listener.gone()
      else comeBack(retry ?? patience())
    } catch {
      if (own !== current) return
      listener.unheard()
      comeBack(Math.max(retry ?? 0, patience()))
    } finally {
      clearTimeout(silence)
      if (isGone) own.abort()
    }
  }

  function stop(): void {
    clearTimeout(waiting)
    clearTimeout(hiding)
    const own = current
    current = null
    own?.abort()
  }

  function onVisibility(): void {
    clearTimeout(hiding)
    if (document.hidden) hiding = setTimeout(stop, HIDDEN_MS)
    else if (!current) comeBack(0)
  }
  function onOnline(): void {
    if (!document.hidden) comeBack(0)
  }

  onMounted(() => {
    comeBack(0)
    document.addEventListener('visibilitychange', onVisibility)
    window.addEventListener('online', onOnline)
  })
  onBeforeUnmount(() => {
    stop()
    document.removeEventListener('visibilitychange', onVisibility)
    window.removeEventListener('online', onOnline)
  })
}
