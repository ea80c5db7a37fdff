import { mountSuspended } from '@nuxt/test-utils/runtime'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { defineComponent, h } from 'vue'
import { useLiveView, type Connection } from './useLiveView'

interface Planted {
  send: (text: string) => void
  end: () => void
  signal: AbortSignal
}

/** Streams that are fed by hand, one for each time that is asked. */
function planted() {
  const streams: Planted[] = []
  const fetched = vi.fn((_url: string, { signal }: { signal: AbortSignal }) => {
    let controller: ReadableStreamDefaultController<Uint8Array>
    const body = new ReadableStream<Uint8Array>({
      start(given) {
        controller = given
        signal.addEventListener('abort', () => {
          try {
            given.error(new DOMException('aborted', 'AbortError'))
          } catch {
            // It has ended already.
          }
        })
      },
    })
    streams.push({
      send: (text) => {
        controller.enqueue(new TextEncoder().encode(text))
      },
      end: () => {
        controller.close()
      },
      signal,
    })
    return Promise.resolve(new Response(body, { headers: { 'content-type': 'text/event-stream' } }))
  })
  vi.stubGlobal('fetch', fetched)
  return { streams, fetched }
}

async function listen() {
  const heard = { onEvent: vi.fn(), onGone: vi.fn(), look: vi.fn() }
  let connection: { value: Connection } = { value: 'connecting' }
  const page = await mountSuspended(
    defineComponent({
      setup() {
        connection = useLiveView({ api: '/shared/ada/tea', ...heard }).connection
        return () => h('p')
      },
    }),
  )
  await vi.advanceTimersByTimeAsync(0)
  return { ...heard, page, connection: () => connection.value }
}

const STATE = '{"revision":3}'
/** A piece goes through some promises before it is read. */
const settle = () => vi.advanceTimersByTimeAsync(20)

describe('useLiveView', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] })
    vi.spyOn(Math, 'random').mockReturnValue(0.5)
  })
  afterEach(() => {
    vi.useRealTimers()
    vi.restoreAllMocks()
    vi.unstubAllGlobals()
  })

  it('tells of each state, and lets go with the page', async () => {
    const { streams, fetched } = planted()
    const { onEvent, page, connection } = await listen()
    expect(fetched.mock.calls[0]?.[0]).toBe('/backend/shared/ada/tea/events')
    streams[0]?.send(`event: snapshot\ndata: ${STATE}\n\nevent: change\nda`)
    streams[0]?.send(`ta: ${STATE}\n\n`)
    await settle()
    expect(onEvent.mock.calls).toEqual([
      ['snapshot', { revision: 3 }],
      ['change', { revision: 3 }],
    ])
    expect(connection()).toBe('live')
    page.unmount()
    expect(streams[0]?.signal.aborted).toBe(true)
    await vi.advanceTimersByTimeAsync(180_000)
    expect(fetched).toHaveBeenCalledTimes(1)
  })

  it('comes back when a stream has ended, no sooner than it was told', async () => {
    const { streams, fetched } = planted()
    const { page } = await listen()
    streams[0]?.send('retry: 1500\n\n')
    await settle()
    streams[0]?.end()
    await vi.advanceTimersByTimeAsync(1_400)
    expect(fetched).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(600)
    expect(fetched).toHaveBeenCalledTimes(2)
    page.unmount()
  })

  it('takes 40 s without a word for the end; a comment is a word', async () => {
    const { streams, fetched } = planted()
    const { page } = await listen()
    await vi.advanceTimersByTimeAsync(30_000)
    streams[0]?.send(':\n\n')
    await vi.advanceTimersByTimeAsync(39_000)
    expect(streams[0]?.signal.aborted).toBe(false)
    await vi.advanceTimersByTimeAsync(1_500)
    expect(streams[0]?.signal.aborted).toBe(true)
    await vi.advanceTimersByTimeAsync(3_000)
    expect(fetched).toHaveBeenCalledTimes(2)
    page.unmount()
  })

  it.each(['an event', 'an answer'])('hears from %s that it is gone, and asks no more', async (what) => {
    const { streams, fetched } = planted()
    if (what === 'an answer') fetched.mockResolvedValueOnce(new Response(null, { status: 404 }))
    const { onGone, page } = await listen()
    streams[0]?.send('event: gone\ndata: {}\n\n')
    await settle()
    expect(onGone).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(180_000)
    expect(fetched).toHaveBeenCalledTimes(1)
    page.unmount()
  })

  it('heals after ten minutes of nobody, having tried twice a minute and looked by other means', async () => {
    const { streams, fetched } = planted()
    const { page, look, onEvent, connection } = await listen()
    const answer = fetched.getMockImplementation()
    fetched.mockImplementation(() => Promise.reject(new TypeError('offline')))
    streams[0]?.end()
    await vi.advanceTimersByTimeAsync(600_000)
    expect(connection()).toBe('lost')
    expect(look.mock.calls.length).toBeGreaterThanOrEqual(9)
    expect(fetched.mock.calls.length).toBeGreaterThan(20)
    expect(fetched.mock.calls.length).toBeLessThan(45)
    if (answer) fetched.mockImplementation(answer)
    await vi.advanceTimersByTimeAsync(31_000)
    streams.at(-1)?.send(`event: snapshot\ndata: ${STATE}\n\n`)
    await settle()
    expect([connection(), onEvent.mock.calls.length]).toEqual(['live', 1])
    page.unmount()
  })

  it('keeps to what a busy server asks for', async () => {
    const { fetched } = planted()
    fetched.mockImplementation(() => Promise.resolve(new Response(null, { status: 503, headers: { 'retry-after': '10' } })))
    const { page } = await listen()
    await vi.advanceTimersByTimeAsync(9_500)
    expect(fetched).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(3_500)
    expect(fetched).toHaveBeenCalledTimes(2)
    page.unmount()
  })

  it('lets go a minute after the tab was hidden, and takes up again when it is seen', async () => {
    const { streams, fetched } = planted()
    const { page } = await listen()
    const hidden = vi.spyOn(document, 'hidden', 'get').mockReturnValue(true)
    document.dispatchEvent(new Event('visibilitychange'))
    await vi.advanceTimersByTimeAsync(39_000)
    streams[0]?.send(':\n\n')
    await vi.advanceTimersByTimeAsync(20_000)
    expect(streams[0]?.signal.aborted).toBe(false)
    await vi.advanceTimersByTimeAsync(2_000)
    expect(streams[0]?.signal.aborted).toBe(true)
    await vi.advanceTimersByTimeAsync(120_000)
    expect(fetched).toHaveBeenCalledTimes(1)
    hidden.mockReturnValue(false)
    document.dispatchEvent(new Event('visibilitychange'))
    await settle()
    expect(fetched).toHaveBeenCalledTimes(2)
    page.unmount()
  })
})
