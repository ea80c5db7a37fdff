import { describe, expect, test } from 'vitest'
import { AUTHORIZATION, ROLES, type Role, type Things } from './testing/authorization-matrix.ts'
import { buildTestApp, testConfig, useHarness } from './testing/harness.ts'
import type { App } from './http/schemas.ts'

const harness = useHarness()
const NOTE = 'for the owner alone'
/** Described by no schema, open to everyone, and the same for all. */
const UNDESCRIBED = ['GET /openapi.json', 'GET /docs']

interface World extends Things {
  tokens: Record<Role, string | undefined>
}

/** The world of the row that is tried now. */
let newest: World | undefined

/** Three people, and something that belongs to one of them. */
async function newWorld(): Promise<World> {
  const [owner, other, admin] = await Promise.all([harness.register(), harness.register(), harness.register()])
  await harness.owner`insert into user_roles (user_id, role_id) select ${admin.user.id}, id from roles where name = 'admin'`
  const entry = await harness.call('POST', '/incident-timers', { token: owner.token, body: { notes: NOTE } })
  const timer = await harness.call('POST', '/timers', { token: owner.token, body: { title: NOTE } })
  const timerId = (timer.body as { id: string }).id
  const incident = await harness.call('POST', `/timers/${timerId}/incidents`, { token: owner.token, body: { notes: NOTE } })
  const link = await harness.call('POST', `/timers/${timerId}/links`, { token: owner.token, body: { share_level: 'count' } })
  const { id: linkId, url } = link.body as { id: string; url: string }
  const suggestion = await harness.call('POST', '/phrases/suggestions', {
    token: owner.token,
    body: { phrase_text: 'One of mine' },
  })
  const [phrase] = await harness.owner<{ id: string }[]>`select id from phrases where active and mood = 'steady' limit 1`
  const [session] = await harness.owner<{ id: string }[]>`select id from sessions where user_id = ${owner.user.id}`
  newest = {
    owner: { ...owner.user, refreshToken: owner.refresh_token },
    incidentId: (entry.body as { id: string }).id,
    timerId,
    timerIncidentId: (incident.body as { id: string }).id,
    sessionId: session?.id ?? '',
    phraseId: phrase?.id ?? '',
    suggestionId: (suggestion.body as { id: string }).id,
    linkId,
    secret: url.split('/').at(-1) ?? '',
    tokens: { anon: undefined, other: other.token, admin: admin.token, owner: owner.token },
  }
  return newest
}

/** Everything of the owner's that nobody else may change. When a session was last seen is no such thing. */
async function readOwned({ owner }: Things): Promise<string> {
  const [row] = await harness.owner<{ owned: string }[]>`
    select concat(
      (select jsonb_agg(to_jsonb(u) order by u.id) from users u where u.id = ${owner.id}),
      (select jsonb_agg(to_jsonb(t) order by t.id) from timers t where t.user_id = ${owner.id}),
      (select jsonb_agg(to_jsonb(i) order by i.id) from incidents i join timers t on t.id = i.timer_id where t.user_id = ${owner.id}),
      (select jsonb_agg(jsonb_build_array(l.id, l.share_level, l.expires_at) order by l.id) from secret_links l join timers t on t.id = l.timer_id where t.user_id = ${owner.id}),
      (select jsonb_agg(to_jsonb(s) order by s.id) from phrase_suggestions s where s.user_id = ${owner.id}),
      (select jsonb_agg(to_jsonb(e) order by e.phrase_id) from user_excluded_phrases e where e.user_id = ${owner.id}),
      (select jsonb_agg(to_jsonb(r) order by r.role_id) from user_roles r where r.user_id = ${owner.id}),
      (select jsonb_agg(jsonb_build_array(s.id, s.generation, s.revoked_at) order by s.id) from sessions s where s.user_id = ${owner.id})
    ) as owned
  `
  return row?.owned ?? ''
}

interface Route {
  name: string
  method: string
  path: string
}

/** The routes of an app, as its OpenAPI document names them. */
async function routesOf(app: App): Promise<Route[]> {
  await app.ready()
  return Object.entries(app.swagger().paths ?? {}).flatMap(([path, operations]) =>
    Object.keys(operations ?? {}).map((key) => {
      const method = key.toUpperCase()
      return { name: `${method} ${path.replace(/^\/backend/, '')}`, method, path: path.replace(/^\/backend/, '') }
    }),
  )
}

async function ask(app: App, { method, path }: Route, things: Things, token: string | undefined) {
  const row = AUTHORIZATION[`${method} ${path}`]
  const values = row?.path?.(things) ?? {}
  const body = row?.body?.(things)
  return await app.inject({
    method: method as 'GET',
    url: `/backend${path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ''))}${row?.query ?? ''}`,
    remoteAddress: `10.${Math.floor(Math.random() * 255)}.${Math.floor(Math.random() * 255)}.1`,
    headers: token ? { authorization: `Bearer ${token}` } : {},
    ...(body ? { payload: body } : {}),
  })
}

/** Every way in which an app and the table differ. */
async function compareWithTable(app: App): Promise<string[]> {
  const routes = await routesOf(app)
  const names = routes.map(({ name }) => name)
  const found = names
    .filter((name) => !AUTHORIZATION[name])
    .map((name) => `${name} has no row in testing/authorization-matrix.ts`)
  for (const name of Object.keys(AUTHORIZATION))
    if (!names.includes(name)) found.push(`there is no route ${name}: remove its row`)

  for (const route of routes) {
    const row = AUTHORIZATION[route.name]
    if (!row) continue
    const world = await newWorld()
    for (const role of ROLES) {
      const before = await readOwned(world)
      const answer = await ask(app, route, world, world.tokens[role])
      if (answer.statusCode !== row.status[role])
        found.push(`${route.name} answers ${answer.statusCode} to ${role}: ${answer.payload}`)
      if (role === 'owner' || row.isEntitled) continue
      if ((await readOwned(world)) !== before) found.push(`${route.name} lets ${role} change what is the owner's`)
      for (const secret of [NOTE, world.owner.email])
        if (answer.payload.includes(secret)) found.push(`${route.name} shows ${role} ${secret}`)
    }
  }
  return found
}

/** The API with something planted before its routes are made. */
function plantedApp(plant?: (app: App) => void): App {
  const { app } = buildTestApp(testConfig('postgres://unused'), harness.sql, {}, { revoked: harness.parts.revoked })
  plant?.(app)
  return app
}

describe('Z01: every route, for each role,', () => {
  test('answers what the table says, and touches nothing of anybody else', async () => {
    const app = plantedApp()
    expect(await compareWithTable(app)).toEqual([])
    await app.close()
  }, 120_000)

  test('would be seen to have lost the guard of administrators', async () => {
    let taken = 0
    const app = plantedApp((app) => {
      // Scopes are made of the app, and take this along.
      const add = app.addHook as (this: unknown, ...hook: unknown[]) => App
      app.addHook = function (this: App, name: string, hook: unknown) {
        if (name !== 'onRequest' || !String(hook).includes('isAdministrator')) return add.call(this, name, hook)
        taken++
        return this
      }
    })
    const found = await compareWithTable(app)
    expect(taken).toBe(1)
    const open = found.flatMap((line) => /^(\w+ \/admin\/\S+) answers \d+ to other/.exec(line)?.[1] ?? [])
    // Two ask once more, under the lock on who is an administrator.
    const asking = ['POST /admin/users/{id}/promote', 'POST /admin/users/{id}/demote']
    const guarded = Object.keys(AUTHORIZATION).filter((name) => name.includes(' /admin/') && !asking.includes(name))
    expect(open.toSorted()).toEqual(guarded.toSorted())
    await app.close()
  }, 120_000)

  test('is in the OpenAPI document, or known to be left out of it', async () => {
    const made: { name: string; isHidden: boolean }[] = []
    const app = plantedApp((app) => {
      app.addHook('onRoute', ({ method, url, schema }) => {
        for (const one of [method].flat())
          made.push({ name: `${one} ${url.replace('/backend', '')}`, isHidden: schema?.hide === true })
      })
      app.get('/backend/planted', { schema: { hide: true } }, () => 'unguarded')
    })
    await app.ready()
    const hidden: string[] = []
    for (const { name } of made.filter(({ isHidden }) => isHidden)) {
      const [method = '', path = ''] = name.split(' ')
      const { statusCode } = await app.inject({ method: method as 'GET', url: `/backend${path.replaceAll(/:\w+/g, 'x')}` })
      // Methods that a path does not have are routes as well.
      if (statusCode !== 405 && method !== 'HEAD') hidden.push(name)
    }
    expect(hidden.toSorted()).toEqual([...UNDESCRIBED, 'GET /planted'].toSorted())
    expect(made.length).toBeGreaterThan(2 * Object.keys(AUTHORIZATION).length)
    await app.close()
  })

  test('would be missed if it had no row', async () => {
    const app = plantedApp((app) => {
      void app.register((scope: App, _options, done) => {
        scope.get('/backend/planted', { schema: { summary: 'No guard' } }, () => 'unguarded')
        done()
      })
    })
    expect(await compareWithTable(app)).toEqual(['GET /planted has no row in testing/authorization-matrix.ts'])
    await app.close()
  }, 120_000)

  test('would be seen to have lost its guard, or to ask no more whose a thing is', async () => {
    const app = plantedApp()
    // Whoever asks is taken for the owner, as without a guard and without an owner in the statement.
    const careless = Object.create(app, {
      inject: {
        value: (request: { headers: object }) =>
          app.inject({ ...request, headers: { authorization: `Bearer ${newest?.tokens.owner ?? ''}` } }),
      },
    }) as App
    const found = await compareWithTable(careless)
    for (const route of Object.keys(AUTHORIZATION).filter((name) => AUTHORIZATION[name]?.status.anon === 401))
      expect(found.join('\n')).toContain(`${route} answers`)
    expect(found.join('\n')).toContain("POST /incident-timers lets other change what is the owner's")
    expect(found.join('\n')).toContain(`GET /incident-timers shows other ${NOTE}`)
    await app.close()
  }, 120_000)
})
