import fc from 'fast-check'
import { expect } from 'vitest'
import { isAlive, isAnswered, isInGrace, newFamily, noteUse, present, TIMES, type Verdict } from './rotation-rules.ts'

/** Whether an answer reaches the browser at once, never, or at some later time (`deliver`). */
type Fate = 'arrives' | 'lost' | 'late'

/** Something that happens to one sign-in. Tabs share what their browser holds; `back` takes a token that it held before. */
export type Action =
  | { kind: 'refresh'; back: number; fate: Fate }
  | { kind: 'together'; senders: { back: number; fate: Fate; isThief: boolean }[] }
  | { kind: 'deliver' }
  | { kind: 'call'; outside: boolean; isThief: boolean }
  | { kind: 'steal' }
  | { kind: 'replay' }
  | { kind: 'wait'; seconds: number }
  | { kind: 'weeks'; count: number }
  | { kind: 'change-secret' }
  | { kind: 'sign-out' }

/** What a history is played against: the API, or the API with a fault planted before it. */
export interface Subject {
  /** The new tokens, or null when refused. */
  refresh: (token: string, secrets: string[]) => Promise<Pair | null>
  /** True when the access token is accepted. */
  call: (accessToken: string, outside: boolean, secrets: string[]) => Promise<boolean>
  signOut: (token: string) => Promise<void>
  /** Makes time pass for this session. */
  wait: (seconds: number) => Promise<void>
  row: () => Promise<Row>
}

/** The two tokens that an answer brings. */
export interface Pair {
  access: string
  refresh: string
}

/** What the database says of the session. */
export interface Row {
  generation: number
  isRevoked: boolean
  /** Everything that a repeated answer must leave alone. */
  times: string
  /** Audit events about the session. */
  events: string[]
  /** True when access tokens of it are refused on other instances too. */
  isMarked: boolean
}

/** How often each thing came about in all histories, so that it is seen that the histories are worth something. */
export type Counts = Record<string, number>

const SECRETS = [['first'], ['second', 'first'], ['second']]

const fate = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Fate>('arrives') },
  { weight: 3, arbitrary: fc.constant<Fate>('lost') },
  { weight: 1, arbitrary: fc.constant<Fate>('late') },
)
const back = fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(3) })
const sender = fc.record({
  back,
  fate,
  isThief: fc.oneof({ weight: 6, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
})
/** None lies so close below a limit that a slow machine could carry it over: sums stay 5 s away from 30 s, more from the others. */
const seconds = fc.constantFrom(10, 10, 25, 31, 3_600, 21_600, 86_000, 86_500, 259_200, 596_160)

/** One action, the likelier the more can come of it. */
export const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('refresh' as const), back, fate }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('together' as const), senders: fc.array(sender, { minLength: 2, maxLength: 4 }) }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'deliver' as const }) },
  { weight: 7, arbitrary: fc.record({ kind: fc.constant('call' as const), outside: fc.boolean(), isThief: fc.constant(false) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('call' as const), outside: fc.boolean(), isThief: fc.constant(true) }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'steal' as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'replay' as const }) },
  { weight: 7, arbitrary: fc.record({ kind: fc.constant('wait' as const), seconds }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'wait' as const, seconds: 605_000 }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('weeks' as const), count: fc.integer({ min: 1, max: 27 }) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'change-secret' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'sign-out' as const }) },
)

interface Held {
  generation: number
  issuedAt: number
  /** Null for the token of the sign-in, whose access token nobody kept. */
  access: string | null
  signedWith: string
}

/** Plays one history and compares everything that can be seen with what the rules say. */
export async function playHistory(subject: Subject, firstToken: string, history: Action[], counts: Counts): Promise<void> {
  const count = (what: string) => (counts[what] = (counts[what] ?? 0) + 1)
  /** Every refresh token that was ever answered, by generation: a second one for a generation would be a second branch. */
  const tokens = [firstToken]
  let family = newFamily()
  let now = 0
  let phase = 0
  const first: Held = { generation: 0, issuedAt: 0, access: null, signedWith: '' }
  const browser = { held: [first], late: [] as Held[] }
  let thief: Held | null = null
  const secrets = () => SECRETS[phase] ?? []
  const jar = (steps = 0): Held => browser.held.at(-1 - steps) ?? first

  function receive(pair: Pair, generation: number, time: Held['issuedAt']): Held {
    expect(pair.refresh, 'one successor for each token, however often it is asked for').toBe(
      (tokens[generation] ??= pair.refresh),
    )
    return { generation, issuedAt: time, access: pair.access, signedWith: secrets()[0] ?? '' }
  }
  function deliver(got: Held, fate: Fate, isThief: boolean): void {
    if (isThief) thief = got
    else if (fate === 'arrives') browser.held.push(got)
    else if (fate === 'late') browser.late.push(got)
    else count('an answer is lost')
  }
  /** Whoever asked again in time after a lost answer must be let in: said apart from the verdicts, since it is what people notice. */
  function owesAnAnswer(held: Held): boolean {
    const isPrevious =
      held.generation === family.current - 1 && family.usedAt === null && now < family.rotatedAt + TIMES.graceUnused
    const canBeDerived = secrets().includes(family.derivedWith[family.current] ?? '')
    return isAlive(family, now) && (held.generation === family.current || (isPrevious && canBeDerived))
  }
  async function checkRow(before: Row | null, verdicts: Verdict[]): Promise<void> {
    const row = await subject.row()
    expect({ generation: row.generation, isRevoked: row.isRevoked }).toEqual({
      generation: family.current,
      isRevoked: family.ended !== null,
    })
    const events = row.events.filter((event) => event === 'refresh_token_reused' || event === 'signed_out')
    const expected = { reused: ['refresh_token_reused'], signed_out: ['signed_out'] }
    expect(events, 'a session ends once, and the log says why').toEqual(family.ended ? expected[family.ended] : [])
    expect(row.isMarked).toBe(family.ended !== null)
    if (before && verdicts.every((verdict) => verdict !== 'rotated'))
      expect(row.times, 'a replay moves no time').toBe(before.times)
  }

  async function refresh(held: Held, fate: Fate, isThief: boolean): Promise<void> {
    const before = await subject.row()
    const owed = owesAnAnswer(held)
    const wasLost = held.generation === family.current - 1 && family.usedAt === null
    const pair = await subject.refresh(tokens[held.generation] ?? '', secrets())
    const verdict = present(family, held.generation, now, secrets())
    count(isThief ? `a thief is ${verdict}` : verdict)
    expect(pair !== null, `generation ${held.generation} at ${now}: ${verdict}`).toBe(isAnswered(verdict))
    if (owed) expect(pair, 'who asks again within 24 h of a lost answer is still signed in').not.toBeNull()
    if (pair) {
      const got = receive(pair, family.current, now)
      if (owed && wasLost && before.generation === family.current) {
        count('a lost answer is given again')
        if (now - family.rotatedAt > TIMES.graceAfterUse) count('a lost answer is given again after more than 30 s')
      }
      if (owed) expect(await subject.call(pair.access, false, secrets()), 'and the new tokens work').toBe(true)
      deliver(got, fate, isThief)
    }
    await checkRow(before, [verdict])
  }

  /** Presentations at the same time: there must be an order in which the rules give these very answers. */
  async function together(senders: { held: Held; fate: Fate; isThief: boolean }[]): Promise<void> {
    const answers = await Promise.all(senders.map(({ held }) => subject.refresh(tokens[held.generation] ?? '', secrets())))
    const row = await subject.row()
    const fits = ordersOf(senders.length).flatMap((order) => {
      const trial = { ...family, derivedWith: [...family.derivedWith] }
      const generations = new Map<number, number>()
      for (const index of order) {
        if (isAnswered(present(trial, senders[index]?.held.generation ?? 0, now, secrets())))
          generations.set(index, trial.current)
      }
      const isSame = answers.every((answer, index) => {
        const generation = generations.get(index)
        if (answer === null || generation === undefined) return answer === null && generation === undefined
        return tokens[generation] === undefined || tokens[generation] === answer.refresh
      })
      const isRow = trial.current === row.generation && (trial.ended !== null) === row.isRevoked
      return isSame && isRow ? [{ trial, generations }] : []
    })
    const [fit] = fits
    if (!fit) throw new Error(`no order explains these answers: ${answers.map((answer) => (answer ? 'yes' : 'no')).join(' ')}`)
    count(fit.trial.ended && !family.ended ? 'together, and the session ends' : 'together')
    family = fit.trial
    for (const [index, generation] of fit.generations) {
      const [answer, sent] = [answers[index], senders[index]]
      if (answer && sent) deliver(receive(answer, generation, now), sent.fate, sent.isThief)
    }
    await checkRow(null, [])
  }

  async function call(held: Held, outside: boolean): Promise<void> {
    if (held.access === null || now >= Math.min(held.issuedAt + TIMES.accessToken, family.expiresAt)) return
    const accepted = await subject.call(held.access, outside, secrets())
    expect(accepted).toBe(family.ended === null && secrets().includes(held.signedWith))
    if (!accepted) count('an access token is refused')
    if (accepted && outside) {
      noteUse(family, held.generation, now)
      count('a generation is seen in use')
    }
  }
  async function wait(span: number): Promise<void> {
    const wasAlive = isAlive(family, now)
    await subject.wait(span)
    now += span
    if (wasAlive && !isAlive(family, now)) count(family.expiresAt === family.absoluteEndsAt ? 'the absolute end' : 'the idle end')
    if (wasAlive && family.current > 0 && !isInGrace(family, now)) count('a grace is over')
  }

  for (const step of history) {
    if (step.kind === 'refresh') await refresh(jar(step.back), step.fate, false)
    else if (step.kind === 'together') {
      const senders = step.senders.map(({ back, fate, isThief }) => ({
        held: (isThief && thief) || jar(back),
        fate,
        isThief: isThief && thief !== null,
      }))
      await together(senders)
    } else if (step.kind === 'deliver') browser.held.push(...browser.late.splice(0))
    else if (step.kind === 'call') {
      const caller: Held | null = step.isThief ? thief : jar()
      if (caller) await call(caller, step.outside)
    } else if (step.kind === 'steal') thief = jar()
    else if (step.kind === 'replay') {
      if (thief) await refresh(thief, 'arrives', true)
    } else if (step.kind === 'wait') await wait(step.seconds)
    else if (step.kind === 'weeks') {
      for (let week = 0; week < step.count && isAlive(family, now); week++) {
        await refresh(jar(), 'arrives', false)
        await call(jar(), true)
        await wait(596_160)
      }
    } else if (step.kind === 'change-secret') {
      if (phase < SECRETS.length - 1) phase++
    } else {
      await subject.signOut(tokens[jar().generation] ?? '')
      if (isAlive(family, now)) family.ended = 'signed_out'
      await checkRow(null, [])
    }
  }
  // Whoever ended stays ended, whichever token is tried.
  if (family.ended !== null) {
    for (const token of tokens) expect(await subject.refresh(token, secrets())).toBeNull()
    await checkRow(null, [])
  }
}

function ordersOf(count: number): number[][] {
  if (count === 0) return [[]]
  return ordersOf(count - 1).flatMap((order) =>
    Array.from({ length: count }, (_, at) => [...order.slice(0, at), count - 1, ...order.slice(at)]),
  )
}
