import { fork, type ChildProcess } from 'node:child_process'
import { getCompileCacheDir } from 'node:module'
import path from 'node:path'
import { cardContent, drawCard } from './card.ts'

/** Cards that wait to be drawn; whoever comes after that is told to come back. One takes some 40 ms, the first 200 ms. */
const MAX_WAITING = 16
/** A card is of the minute that it shows, and so is good for that long at most. Milliseconds. */
const KEEP_MS = 60_000
/** So many are kept, of about 200 KB each. */
const KEEP_AT_MOST = 24
/** A process that had nothing to draw for so long is ended, and all that it holds is free again. Milliseconds. */
const IDLE_MS = 20_000
/** A card that takes longer is given up, and the process with it. Milliseconds. */
const PATIENCE_MS = 10_000
/** Small heaps: what it draws with lies outside of them. The Dockerfile and scripts/prepare.ts compile under the same ones. */
const FLAGS = ['--expose-gc', '--max-old-space-size=32', '--max-semi-space-size=1']

/** Draws cards. */
export interface Cards {
  /** The card of a view as PNG; `'busy'` while too many others wait, or when it could not be drawn. Those who want the same at once get the same. */
  draw: (view: Parameters<typeof cardContent>[0]) => Promise<Buffer | 'busy'>
  /** Ends the process. */
  close: () => void
}

interface Options {
  /** Told why a card could not be drawn. */
  onError?: (error: unknown) => void
  idleMs?: number
  maxWaiting?: number
}

/**
 * Cards are drawn one at a time, by a process that is started for the first and ended when it is idle. They are kept by what they show,
 * so that nobody gets one of something that has changed, or that another level hides.
 */
export function createCards({ onError = () => undefined, idleMs = IDLE_MS, maxWaiting = MAX_WAITING }: Options = {}): Cards {
  const kept = new Map<string, { png: Promise<Buffer>; until: number }>()
  let waiting = 0
  let last: Promise<unknown> = Promise.resolve()
  let child: ChildProcess | undefined
  let idle: NodeJS.Timeout | undefined

  function start(): ChildProcess {
    const compiled = getCompileCacheDir()
    const started = fork(new URL('card-process.ts', import.meta.url), {
      // Of what we know it has nothing but where its code is, compiled ahead: stripping types would cost it 15 MB.
      env: compiled === undefined ? {} : { NODE_COMPILE_CACHE: path.dirname(compiled) },
      execArgv: FLAGS,
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    // It keeps nobody from stopping.
    started.unref()
    started.channel?.unref()
    started.on('error', () => undefined)
    return started
  }

  function end(): void {
    clearTimeout(idle)
    child?.kill('SIGKILL')
    child = undefined
  }

  async function render(svg: string): Promise<Buffer> {
    clearTimeout(idle)
    const own = (child ??= start())
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
    const patience = setTimeout(() => {
      reject(new Error('a card took too long'))
    }, PATIENCE_MS)
    const drawn = (png: unknown) => {
      resolve(png as Buffer)
    }
    const ended = () => {
      reject(new Error('the process that draws cards has ended'))
    }
    own.once('message', drawn).once('exit', ended).once('error', ended)
    try {
      own.send(svg, (error) => {
        if (error) reject(error)
      })
      return await promise
    } catch (error) {
      if (child === own) end()
      throw error
    } finally {
      clearTimeout(patience)
      own.off('message', drawn).off('exit', ended).off('error', ended)
      idle = setTimeout(end, idleMs)
      idle.unref()
    }
  }

  function failed(error: unknown): 'busy' {
    onError(error)
    return 'busy'
  }

  function forget(now: number): void {
    for (const [key, { until }] of kept) if (until <= now || kept.size > KEEP_AT_MOST) kept.delete(key)
  }

  return {
    async draw(view) {
      const content = cardContent(view)
      const key = JSON.stringify(content)
      const now = performance.now()
      forget(now)
      const known = kept.get(key)
      if (known) return await known.png.catch(failed)
      if (waiting >= maxWaiting) return 'busy'
      waiting++
      const png = last.then(() => render(drawCard(content))).finally(() => waiting--)
      last = png.catch(() => undefined)
      kept.set(key, { png, until: now + KEEP_MS })
      png.catch(() => kept.delete(key))
      return await png.catch(failed)
    },
    close() {
      end()
    },
  }
}
