import { describe, expect, it } from 'vitest'
import { checkEnvironment, checkFetching, checkRefreshTokens, checkSql } from './contents.ts'
import {
  checkBackendLayers,
  checkContractPackages,
  checkFeatures,
  checkFolders,
  checkFramework,
  checkFrontendLayers,
  checkPackageNames,
} from './dependencies.ts'
import { buildGraph, checkCycles, type Edge } from './graph.ts'
import { checkLockfile, checkMachinePaths, checkVersions } from './hygiene.ts'
import { checkLength, checkName } from './names.ts'
import { parseSource, type Source } from './sources.ts'

/** A small project: the text of each file by its path. */
function project(files: Record<string, string>): { sources: Source[]; edges: Edge[] } {
  const sources = Object.entries(files).map(([path, text]) => parseSource(path, text))
  return { sources, edges: buildGraph(sources) }
}

function source(path: string, text: string): Source {
  return parseSource(path, text)
}

describe('each rule refuses what it is there for', () => {
  it('contracts importing from backend, by name and by path', () => {
    const byName = project({ 'contracts/src/a.ts': "import { x } from '@kennwilliamson/backend/app'" })
    expect(checkFolders(byName.edges)).toMatchObject([{ path: 'contracts/src/a.ts', line: 1 }])
    const byPath = project({ 'contracts/src/a.ts': "\nexport { x } from '../../backend/src/app.ts'", 'backend/src/app.ts': '' })
    expect(checkFolders(byPath.edges)).toMatchObject([{ path: 'contracts/src/a.ts', line: 2 }])
  })

  it('frontend importing from backend, also as a type and on demand', () => {
    for (const text of [
      "type X = import('../../../backend/src/app.ts').X",
      "const x = await import('@kennwilliamson/backend/app')",
    ]) {
      expect(checkFolders(project({ 'frontend/app/composables/useA.ts': text }).edges)).toHaveLength(1)
    }
  })

  it('a component importing from backend, at the line of the file', () => {
    const text = '<template><p /></template>\n<script setup lang="ts">\nimport x from \'@kennwilliamson/backend/app\'\n</script>'
    expect(checkFolders(project({ 'frontend/app/pages/a.vue': text }).edges)).toMatchObject([{ line: 3 }])
  })

  it('a path that climbs into another folder', () => {
    const { sources, edges } = project({
      'backend/src/main.ts': "import '../../database/src/migrate.ts'",
      'database/src/migrate.ts': '',
    })
    expect(sources.flatMap((one) => checkPackageNames(one, edges))).toHaveLength(1)
  })

  it('contracts importing a package', () => {
    expect(checkContractPackages(source('contracts/src/a.ts', "import 'fastify'"))).toHaveLength(1)
    expect(checkContractPackages(source('contracts/src/a.ts', "import { z } from 'zod'"))).toEqual([])
  })

  it('a rule file importing the web framework', () => {
    expect(checkFramework(source('backend/src/features/timers/streaks.ts', "import type { X } from 'fastify'"))).toHaveLength(1)
    expect(checkFramework(source('backend/src/platform/database.ts', "import x from '@fastify/swagger'"))).toHaveLength(1)
    expect(checkFramework(source('backend/src/features/timers/routes.ts', "import 'fastify'"))).toEqual([])
  })

  it('platform importing a feature, a feature importing the app', () => {
    const { edges } = project({
      'backend/src/platform/jobs.ts': "import '../features/timers/queries.ts'",
      'backend/src/features/timers/routes.ts': "import type { Parts } from '../../app.ts'",
      'backend/src/features/timers/queries.ts': "import '../../platform/jobs.ts'",
      'backend/src/app.ts': '',
    })
    expect(checkBackendLayers(edges).map(({ path }) => path)).toEqual([
      'backend/src/platform/jobs.ts',
      'backend/src/features/timers/routes.ts',
    ])
  })

  it('a feature using the routes of another, and two that need each other', () => {
    const { edges } = project({
      'backend/src/features/a/one.ts': "import '../b/routes.ts'",
      'backend/src/features/b/routes.ts': '',
      'backend/src/features/b/two.ts': "import '../a/three.ts'",
      'backend/src/features/a/three.ts': '',
    })
    expect(checkCycles(edges)).toEqual([])
    expect(checkFeatures(edges).map(({ rule }) => rule)).toEqual([
      'the routes of a feature are its own (backend/src/features/b/routes.ts)',
      'features must not need each other: a → b → a',
    ])
  })

  it('a cycle, also a long one', () => {
    const { edges } = project({
      'scripts/a.ts': "import './b.ts'",
      'scripts/b.ts': "import './c.ts'",
      'scripts/c.ts': "import './a.ts'",
    })
    expect(checkCycles(edges)).toHaveLength(1)
  })

  it('a util using a composable and a composable using a component, though Nuxt imports them by itself', () => {
    const { edges } = project({
      'frontend/app/composables/useSession.ts': 'export function useSession() { return 1 }',
      'frontend/app/utils/format.ts': 'export const format = () => useSession()',
      'frontend/app/components/TheClock.vue': '<template><p /></template>',
      'frontend/app/pages/index.vue':
        '<template>\n<the-clock />\n</template><script setup lang="ts">const s = useSession()</script>',
    })
    expect(checkFrontendLayers(edges)).toMatchObject([{ path: 'frontend/app/utils/format.ts', line: 1 }])
    expect(edges).toContainEqual({ from: 'frontend/app/pages/index.vue', to: 'frontend/app/components/TheClock.vue', line: 2 })
  })

  it('the app importing from the server', () => {
    const { edges } = project({
      'frontend/app/pages/a.vue': '<script setup lang="ts">import x from \'~~/server/utils/session\'</script>',
    })
    expect(checkFrontendLayers(edges)).toHaveLength(1)
  })

  it('the environment read outside config.ts', () => {
    expect(checkEnvironment(source('backend/src/app.ts', 'const x = process.env.HOME'))).toHaveLength(1)
    expect(checkEnvironment(source('backend/src/config.ts', 'const x = process.env.HOME'))).toEqual([])
  })

  it('SQL outside queries.ts, tagged or as text', () => {
    const route = 'backend/src/features/timers/routes.ts'
    expect(checkSql(source(route, 'await sql`select 1`'))).toHaveLength(1)
    expect(checkSql(source(route, "await query('  delete from timers')"))).toHaveLength(1)
    expect(checkSql(source(route, 'await query(`update timers set title = ${title}`)'))).toHaveLength(1)
    expect(checkSql(source(route, "reply('Select a timer'); app.delete('/timers'); const word = 'update'"))).toEqual([])
  })

  it('a component that fetches', () => {
    const text = '<script setup lang="ts">\nconst { data } = await useFetch("/api/x")\n</script>'
    expect(checkFetching(source('frontend/app/components/TheClock.vue', text))).toMatchObject([{ line: 2 }])
    expect(checkFetching(source('frontend/app/pages/index.vue', text))).toEqual([])
    expect(checkFetching(source('frontend/app/utils/a.ts', 'export const a = () => $fetch.raw("/x")'))).toHaveLength(1)
  })

  it('a refresh token in the browser', () => {
    expect(checkRefreshTokens(source('frontend/app/composables/useSession.ts', 'const x = answer.refresh_token'))).toHaveLength(1)
  })

  it('names that say nothing or are written otherwise', () => {
    for (const name of [
      'backend/src/features/timers/utils.ts',
      'backend/src/features/timers/timer-service.ts',
      'backend/src/features/timers/TimerRow.ts',
      'backend/src/http/guard_helpers.ts',
      'contracts/src/types.ts',
      'frontend/app/components/the-clock.vue',
      'frontend/app/composables/session.ts',
    ]) {
      expect(checkName(name), name).toHaveLength(1)
    }
    for (const name of [
      'frontend/app/pages/[user]/[timer].vue',
      'frontend/server/api/[...path].get.ts',
      'database/migrations/0001.do.a.sql',
    ]) {
      expect(checkName(name), name).toEqual([])
    }
  })

  it('a file of 351 lines', () => {
    expect(checkLength('a.ts', 'x\n'.repeat(351))).toHaveLength(1)
    expect(checkLength('a.ts', 'x\n'.repeat(350))).toEqual([])
  })

  it('U02 a package without a hash, and one that names a registry', () => {
    const lock = (entry: object) => JSON.stringify({ packages: { '': {}, backend: {}, 'node_modules/a': entry } })
    expect(checkLockfile('package-lock.json', lock({ version: '1.0.0' }))).toHaveLength(1)
    expect(
      checkLockfile('package-lock.json', lock({ integrity: 'sha512-x', resolved: 'https://example.org/a.tgz' })),
    ).toHaveLength(1)
    expect(checkLockfile('package-lock.json', lock({ integrity: 'sha512-x' }))).toEqual([])
  })

  it('a range instead of a version', () => {
    expect(checkVersions('package.json', '{ "dependencies": { "a": "^1.0.0" } }')).toHaveLength(1)
  })

  it('the path of one machine', () => {
    const place = ['', 'home', 'somebody', 'site'].join('/')
    expect(checkMachinePaths('README.md', `cd ${place}`, place)).toHaveLength(1)
    expect(checkMachinePaths('README.md', 'cd site', place)).toEqual([])
  })
})
