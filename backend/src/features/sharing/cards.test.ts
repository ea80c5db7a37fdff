import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { createCards, type Cards } from './cards.ts'

const toClose: Cards[] = []
afterEach(() => {
  for (const cards of toClose.splice(0)) cards.close()
})
function start(options: Parameters<typeof createCards>[0] = {}): Cards {
  const cards = createCards(options)
  toClose.push(cards)
  return cards
}

const view = (title: string, server_time = '2026-01-03T00:00:00Z') => ({
  title,
  user_display_name: 'Ada',
  since: '2026-01-01T00:00:00Z',
  server_time,
  time_zone: 'UTC',
})

/** The processes of ours that draw. */
function drawing(): number[] {
  const pids = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)], { encoding: 'utf8' })
  return pids
    .split('\n')
    .filter((line) => line.includes('card-process'))
    .map((line) => Number.parseInt(line, 10))
}

describe('a card', () => {
  test('is a PNG of 1200 by 630', async () => {
    const png = (await start().draw(view('Calm'))) as Buffer
    expect(png.toString('latin1', 1, 4)).toBe('PNG')
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([1200, 630])
    expect(png.length).toBeLessThan(400_000)
  })

  test('is drawn once for all who want it within its minute, and anew when it shows something else', async () => {
    const cards = start()
    const [one, same] = await Promise.all([cards.draw(view('Calm')), cards.draw(view('Calm'))])
    expect(same).toBe(one)
    expect(await cards.draw(view('Calm', '2026-01-03T00:00:59Z'))).toBe(one)
    expect(await cards.draw(view('Calm', '2026-01-03T00:01:00Z'))).not.toBe(one)
    expect(await cards.draw(view('Calm again'))).not.toEqual(one)
  })

  test('that nobody can draw soon is refused, and so is one whose process ends; the next is drawn again', async () => {
    const errors: unknown[] = []
    const cards = start({ maxWaiting: 3, onError: (error) => errors.push(error) })
    const answers = await Promise.all(Array.from({ length: 6 }, (_, n) => cards.draw(view(`Calm ${n}`))))
    expect(answers.filter((answer) => answer === 'busy')).toHaveLength(3)
    expect(errors).toEqual([])

    const [pid = 0] = drawing()
    const answer = cards.draw(view('Never drawn'))
    await delay(0)
    process.kill(pid, 'SIGKILL')
    expect(await answer).toBe('busy')
    expect(errors).toHaveLength(1)
    expect(await cards.draw(view('Never drawn'))).toBeInstanceOf(Buffer)
  })

  test('is drawn by a process that knows nothing of ours, goes first where memory runs out, and goes when it is idle', async () => {
    const cards = start({ idleMs: 200 })
    await cards.draw(view('Calm'))
    const [pid = 0] = drawing()
    const read = (file: string) => readFileSync(`/proc/${pid}/${file}`, 'utf8')
    expect(read('environ').replaceAll('\0', ' ')).not.toMatch(/SECRET|DATABASE|PATH|HOME/)
    expect(read('oom_score_adj').trim()).toBe('1000')
    for (let tries = 0; tries < 100 && drawing().length > 0; tries++) await delay(20)
    expect(drawing()).toEqual([])
  })

  test('thirty cards leave the process that draws as small as one', async () => {
    const cards = start()
    const resident = (pid: number) => Number(/RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
    await cards.draw(view('first'))
    await cards.draw(view('second'))
    const [pid = 0] = drawing()
    const before = resident(pid)
    for (let n = 0; n < 30; n++) await cards.draw(view(`Calm ${n}`))
    // A picture has 3 MB.
    expect(resident(pid) - before).toBeLessThan(25)
  }, 20_000)
})
