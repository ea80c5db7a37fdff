import { mountSuspended } from '@nuxt/test-utils/runtime'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { defineComponent, h } from 'vue'
import { useLiveView } from './useLiveView'

/** A stream that is fed by hand, and what was asked. */
function planted() {
  const streams: { send: (text: string) => void; end: () => void; signal: AbortSignal | null }[] = []
  const fetched = vi.fn((_url: string, init: RequestInit) => {
    let controller: ReadableStreamDefaultController<Uint8Array>
    const body = new ReadableStream<Uint8Array>({
      start(given) {
        controller = given
      },
    })
    init.signal?.addEventListener('abort', () => {
      try {
        controller.error(new DOMException('aborted', 'AbortError'))
      } catch {
        // It has ended already.
      }
    })
    streams.push({
      send: (text) => {
        controller.enqueue(new TextEncoder().encode(text))
      },
      end: () => {
        controller.close()
      },
      signal: init.signal ?? null,
    })
    return Promise.resolve(new Response(body))
  })
  return { streams, fetched }
}

async function listen() {
  const heard = { state: vi.fn(), gone: vi.fn(), moved: vi.fn(), unheard: vi.fn() }
  const page = await mountSuspended(
    defineComponent({
      setup() {
        useLiveView('/shared/ada/tea', heard)
        return () => h('p')
      },
    }),
  )
  await vi.advanceTimersByTimeAsync(0)
  return { heard, page }
}

const STATE = '{"revision":3}'

describe('useLiveView', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    vi.spyOn(Math, 'random').mockReturnValue(0.5)
  })
  afterEach(() => {
    vi.useRealTimers()
    vi.restoreAllMocks()
    vi.unstubAllGlobals()
  })

  it('tells of each state, and whether it replaces what was shown', async () => {
    const { streams, fetched } = planted()
    vi.stubGlobal('fetch', fetched)
    const { heard, page } = await listen()
    expect(fetched.mock.calls[0]?.[0]).toBe('/backend/shared/ada/tea/events')
    streams[0]?.send(`event: snapshot\ndata: ${STATE}\n\nevent: change\ndata: ${STATE}\n\n`)
    await vi.waitFor(() => {
      expect(heard.state.mock.calls).toEqual([
        [{ revision: 3 }, true],
        [{ revision: 3 }, false],
      ])
    })
    page.unmount()
    expect(streams[0]?.signal?.aborted).toBe(true)
    await vi.advanceTimersByTimeAsync(120_000)
    expect(fetched).toHaveBeenCalledTimes(1)
  })

  it('comes back when a stream has ended, as late as it was told, and when nobody has said a word for 40 s', async () => {
    const { streams, fetched } = planted()
    vi.stubGlobal('fetch', fetched)
    const { heard, page } = await listen()
    streams[0]?.send('retry: 1500\n\n')
    streams[0]?.end()
    await vi.advanceTimersByTimeAsync(1_400)
    expect(fetched).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(200)
    expect(fetched).toHaveBeenCalledTimes(2)
    // A comment is a word too.
    await vi.advanceTimersByTimeAsync(30_000)
    streams[1]?.send(':\n\n')
    await vi.advanceTimersByTimeAsync(30_000)
    expect(streams[1]?.signal?.aborted).toBe(false)
    await vi.advanceTimersByTimeAsync(15_000)
    expect(streams[1]?.signal?.aborted).toBe(true)
    expect(heard.unheard).toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(2_000)
    expect(fetched).toHaveBeenCalledTimes(3)
    page.unmount()
  })

  it('says that it is gone, and asks no more', async () => {
    const { streams, fetched } = planted()
    vi.stubGlobal('fetch', fetched)
    const { heard, page } = await listen()
    streams[0]?.send('event: gone\ndata: {}\n\n')
    await vi.waitFor(() => {
      expect(heard.gone).toHaveBeenCalledTimes(1)
    })
    await vi.advanceTimersByTimeAsync(120_000)
    expect(fetched).toHaveBeenCalledTimes(1)
    page.unmount()

    fetched.mockResolvedValueOnce(new Response(null, { status: 404 }))
    const next = await listen()
    await vi.waitFor(() => {
      expect(next.heard.gone).toHaveBeenCalledTimes(1)
    })
    next.page.unmount()
  })

  it('waits longer with each refusal, and as long as it is told', async () => {
    const fetched = vi.fn(() => Promise.resolve(new Response(null, { status: 503, headers: { 'retry-after': '10' } })))
    vi.stubGlobal('fetch', fetched)
    const { heard, page } = await listen()
    await vi.advanceTimersByTimeAsync(9_000)
    expect([fetched.mock.calls.length, heard.unheard.mock.calls.length]).toEqual([1, 1])
    await vi.advanceTimersByTimeAsync(2_000)
    expect(fetched).toHaveBeenCalledTimes(2)
    fetched.mockImplementation(() => Promise.reject(new TypeError('offline')))
    await vi.advanceTimersByTimeAsync(600_000)
    // Once in half a minute in the end.
    expect(fetched.mock.calls.length).toBeGreaterThan(18)
    expect(fetched.mock.calls.length).toBeLessThan(32)
    page.unmount()
  })
})
