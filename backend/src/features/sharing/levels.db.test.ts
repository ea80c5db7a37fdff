import { PublicEntry, SharedEvent, SharedIncidentList, SharedView } from '@kennwilliamson/contracts/sharing'
import { beforeAll, describe, expect, test } from 'vitest'
import { openEvents } from '../../testing/event-reader.ts'
import { fullTimer, linkedTimer, NEWEST, OLDER, OLDEST, outside, type FullTimer } from '../../testing/full-timer.ts'
import { useHarness } from '../../testing/harness.ts'

// The contract of the share levels, output by output: a timer full of values that can be recognised, and each answer looked through for
// those that its level does not show. What a page makes of these answers it has from here.
const harness = useHarness()

const LEVELS = ['count', 'stats', 'notes', 'history'] as const
type Level = (typeof LEVELS)[number]

/** What the level is the first to show: keys, and values that are in no other part. */
const SHOWN: Record<Level, { keys: string[]; values: string[] }> = {
  count: {
    keys: [
      'title',
      'user_display_name',
      'since',
      'before_first',
      'time_zone',
      'phrase',
      'share_level',
      'is_listed',
      'revision',
      'server_time',
    ],
    values: [],
  },
  // The record lies between the oldest incident and the one after it, in whole seconds.
  stats: {
    keys: ['stats'],
    values: [String(Math.floor((Date.parse(OLDER.occurred_at) - Date.parse(OLDEST.occurred_at)) / 1000))],
  },
  notes: { keys: ['note', 'corrected_at'], values: [NEWEST.notes, NEWEST.corrected_at] },
  history: {
    keys: ['incidents', 'next_cursor'],
    values: [OLDER.notes, OLDER.occurred_at, OLDER.corrected_at, OLDEST.notes, OLDEST.occurred_at],
  },
}
const upTo = (level: Level) => LEVELS.slice(0, LEVELS.indexOf(level) + 1)
const beyond = (level: Level) => LEVELS.slice(LEVELS.indexOf(level) + 1)

let url: string
beforeAll(async () => {
  await harness.app.listen({ host: '127.0.0.1', port: 0 })
  url = `http://127.0.0.1:${String((harness.app.server.address() as { port: number }).port)}/backend`
})

/** A way in, to a timer of this level. */
type Way = (level: Level) => Promise<FullTimer & { path: string }>
const WAYS: Record<string, Way> = {
  'the public address': async (level) => {
    const owner = await fullTimer(harness, level)
    return { ...owner, path: `/shared/${owner.user.slug}/incident-timer` }
  },
  'a link to a private timer': (level) => linkedTimer(harness, 'private', level),
  'a link to a timer that shows all': (level) => linkedTimer(harness, 'history', level),
  'a link to a timer that shows little': (level) => linkedTimer(harness, 'count', level),
}
/** Everything that is wrong with an answer at a level. `keys` are those of the top. */
function faultsOf(text: string, level: Level, secrets: string[]): string[] {
  const faults = secrets.filter((secret) => text.includes(secret)).map((secret) => `shows the secret ${secret}`)
  for (const hidden of beyond(level)) {
    for (const value of SHOWN[hidden].values) if (text.includes(value)) faults.push(`shows ${value} of level ${hidden}`)
    for (const key of SHOWN[hidden].keys)
      if (text.includes(`"${key}":`) && !(key === 'corrected_at' && level === 'history'))
        faults.push(`has ${key} of level ${hidden}`)
  }
  return faults
}

function expectKeys(body: object, level: Level, without: string[] = []): void {
  const allowed = upTo(level).flatMap((one) => SHOWN[one].keys)
  expect(Object.keys(body).toSorted()).toEqual(allowed.filter((key) => !without.includes(key)).toSorted())
}

async function streamed(path: string) {
  const reader = await openEvents(url + path)
  expect(reader.headers['content-type']).toBe('text/event-stream; charset=utf-8')
  const first = await reader.event(0)
  reader.close()
  return first
}

const get = (path: string) => harness.call('GET', path)
const cases = Object.keys(WAYS).flatMap((way) => LEVELS.map((level) => [way, level] as const))

describe('P04: what is seen by', () => {
  test.each(cases)('%s at level %s is in every output what that level allows', async (way, level) => {
    const { path, secrets, user } = await (WAYS[way] as Way)(level)

    const view = await get(path)
    expectKeys(SharedView.strict().parse(view.body), level)
    for (const shown of upTo(level)) for (const value of SHOWN[shown].values) expect(view.text).toContain(value)
    expect(view.body as object).toMatchObject({
      title: 'canary title',
      user_display_name: user.display_name,
      since: NEWEST.occurred_at,
      share_level: level,
    })

    const event = await streamed(`${path}/events`)
    expect(event.event).toBe('snapshot')
    expectKeys(SharedEvent.strict().parse(event.data), level, ['incidents', 'next_cursor'])
    // The stream never has the list: at level history it shows what level notes does.
    expect(faultsOf(event.text, level === 'history' ? 'notes' : level, secrets)).toEqual([])

    const incidents = await get(`${path}/incidents`)
    if (level === 'history') {
      const list = SharedIncidentList.strict().parse(incidents.body)
      expect(list.incidents).toEqual([NEWEST, OLDER, OLDEST])
    } else {
      const elsewhere = await get(path.startsWith('/s/') ? '/s/of-no-link/incidents' : '/shared/nobody-of-that-name/x/incidents')
      expect(outside(incidents)).toEqual(outside(elsewhere))
    }

    const badge = await get(`${path}/badge.svg`)
    expect([badge.status, badge.headers['content-type']]).toEqual([200, 'image/svg+xml; charset=utf-8'])
    expect(badge.text).toContain('canary title')
    for (const text of [view.text, incidents.text]) expect(faultsOf(text, level, secrets)).toEqual([])
    // Of a picture at any level: what level count shows.
    expect(faultsOf(badge.text, 'count', secrets)).toEqual([])

    const card = await get(`${path}/card.png`)
    expect([card.status, card.headers['content-type']]).toEqual([200, 'image/png'])

    // Nothing that a link opens may be kept or found.
    const isSecret = path.startsWith('/s/')
    for (const { headers } of [view, incidents, badge, card]) {
      if (isSecret)
        expect([headers['cache-control'], headers['x-robots-tag'], headers['x-accel-expires']]).toEqual([
          'no-store',
          'noindex',
          undefined,
        ])
      expect(headers['referrer-policy']).toBe('no-referrer')
    }
    expect([badge.headers['cross-origin-resource-policy'], card.headers['cross-origin-resource-policy']]).toEqual([
      'cross-origin',
      'cross-origin',
    ])
    expect(view.headers['cross-origin-resource-policy']).toBe('same-origin')
  })

  test.each(LEVELS)(
    'whoever asks the core at level %s is the newest incident, its note only from level notes on',
    async (level) => {
      const { user, secrets } = await fullTimer(harness, level)
      const answer = await get(`/${user.slug}/incident-timer`)
      const entry = PublicEntry.strict().parse(answer.body)
      expect(entry.notes).toBe(level === 'notes' || level === 'history' ? NEWEST.notes : null)
      // The core has the incident's id by contract, and nothing of any other incident.
      const others = secrets.filter((secret) => secret !== entry.id)
      const text = answer.text.replace(NEWEST.notes, level === 'count' || level === 'stats' ? NEWEST.notes : '')
      expect(faultsOf(text, level === 'history' ? 'notes' : level, others)).toEqual([])
    },
  )

  test.each(LEVELS)('the owner who looks as a visitor of level %s is what that one sees', async (level) => {
    const owner = await fullTimer(harness, 'private')
    const answer = await harness.call('GET', `/timers/${owner.timerId}/view?share_level=${level}`, { token: owner.token })
    expectKeys(SharedView.strict().parse(answer.body), level)
    expect(faultsOf(answer.text, level, owner.secrets)).toEqual([])
    await harness.owner`update timers set share_level = ${level} where id = ${owner.timerId}`
    const seen = (await get(`/shared/${owner.user.slug}/incident-timer`)).body as SharedView
    const { server_time: _1, revision: _2, stats: one, ...expected } = seen
    const { server_time: _3, revision: _4, stats: other, ...body } = answer.body as SharedView
    expect(body).toEqual(expected)
    expect({ ...other, current_run_seconds: 0 }).toEqual({ ...one, current_run_seconds: 0 })
  })

  test('the check is not blind: one level more is a fault, and so is any secret', async () => {
    const { path, secrets } = await (WAYS['the public address'] as Way)('history')
    const { text } = await get(path)
    for (const level of LEVELS.slice(0, -1)) {
      const faults = faultsOf(text, level, secrets)
      for (const hidden of beyond(level))
        for (const value of SHOWN[hidden].values) expect(faults).toContain(`shows ${value} of level ${hidden}`)
      for (const hidden of beyond(level))
        for (const key of SHOWN[hidden].keys) expect(faults).toContain(`has ${key} of level ${hidden}`)
    }
    for (const secret of secrets) expect(faultsOf(text + secret, 'history', secrets)).toEqual([`shows the secret ${secret}`])
    const body = JSON.parse(text) as object
    for (const level of LEVELS.slice(0, -1))
      expect(() => {
        expectKeys(body, level)
      }).toThrow()
  })
})
