import { isTest, type Source, type Violation } from './sources.ts'
import { findCycles, type Edge } from './graph.ts'

/** Who may need whom among the folders. `nginx` and `bench` are needed by nobody, `e2e` by the bench alone, which measures pages as it does. */
const FOLDERS: Record<string, string[]> = {
  contracts: [],
  database: [],
  backend: ['contracts', 'database'],
  frontend: ['contracts'],
  scripts: ['contracts', 'database', 'nginx'],
  nginx: ['contracts', 'database', 'scripts'],
  e2e: ['contracts', 'database', 'scripts'],
  bench: ['contracts', 'database', 'backend', 'e2e', 'scripts'],
}

/** The backend from top to bottom: each may need itself and what stands further down. */
const BACKEND = ['main', 'app', 'features', 'http', 'platform', 'config']

/** The pages' side of the frontend, from top to bottom. */
const FRONTEND = ['pages', 'components', 'composables', 'utils']

function folderOf(file: string): string {
  return file.slice(0, file.indexOf('/'))
}

/** Rule: `contracts` needs nothing but the schema library; frontend and backend meet in contracts and over HTTP alone. */
export function checkFolders(edges: Edge[]): Violation[] {
  return edges.flatMap(({ from, to, line }) => {
    const [own, other] = [folderOf(from), folderOf(to)]
    if (own === other || FOLDERS[own] === undefined || FOLDERS[own].includes(other)) return []
    const remedy =
      own === 'contracts'
        ? 'contracts know nothing of who uses them: move what is needed into contracts'
        : 'put what crosses the wire into contracts/, and call the other side over HTTP'
    return [{ path: from, line, rule: `${own} must not import from ${other} (${to})`, remedy }]
  })
}

/** Rule: another folder of ours is imported by its name, never by a path that climbs out of the own one. */
export function checkPackageNames(source: Source, edges: Edge[]): Violation[] {
  // nginx, e2e and bench are no packages of the workspace, so that a path is all they have.
  const packages = ['contracts', 'database', 'backend', 'frontend', 'scripts']
  if (!packages.includes(folderOf(source.path))) return []
  return edges
    .filter(({ from, to }) => from === source.path && folderOf(from) !== folderOf(to) && packages.includes(folderOf(to)))
    .filter(({ line }) => source.imports.some((found) => found.line === line && found.specifier.startsWith('.')))
    .map(({ from, to, line }) => ({
      path: from,
      line,
      rule: `a path must not climb into another folder (${to})`,
      remedy: `import it by name: @kennwilliamson/${to.replace('/src/', '/').replace(/\.ts$/, '')}`,
    }))
}

const CONTRACT_PACKAGES = /^zod(\/|$)/
const CONTRACT_TEST_PACKAGES = /^(vitest|fast-check|node:)/

/** Rule: contracts import only the schema library. */
export function checkContractPackages(source: Source): Violation[] {
  if (!source.path.startsWith('contracts/')) return []
  return source.imports
    .filter(({ specifier }) => !specifier.startsWith('.') && !specifier.startsWith('@kennwilliamson/'))
    .filter(
      ({ specifier }) => !CONTRACT_PACKAGES.test(specifier) && !(isTest(source.path) && CONTRACT_TEST_PACKAGES.test(specifier)),
    )
    .map(({ specifier, line }) => ({
      path: source.path,
      line,
      rule: `contracts import only zod, not ${specifier}`,
      remedy: 'keep schemas and types here; move what computes to the side that needs it',
    }))
}

const FRAMEWORK = /^(fastify($|\/|-)|@fastify\/)/
const KNOWS_FRAMEWORK = /^backend\/src\/(http\/.*|app|main|features\/[^/]+\/routes)\.ts$/

/** Rule: only routes.ts, http/, app.ts and main.ts know the web framework. */
export function checkFramework(source: Source): Violation[] {
  if (!source.path.startsWith('backend/') || isTest(source.path) || KNOWS_FRAMEWORK.test(source.path)) return []
  return source.imports
    .filter(({ specifier }) => FRAMEWORK.test(specifier))
    .map(({ specifier, line }) => ({
      path: source.path,
      line,
      rule: `only routes.ts, http/, app.ts and main.ts import the web framework, not this file (${specifier})`,
      remedy: 'take plain values as arguments and let routes.ts or http/ deal with requests and replies',
    }))
}

function backendLayer(file: string): number {
  const place = /^backend\/src\/([a-z]+)/.exec(file)?.[1] ?? ''
  return BACKEND.indexOf(place)
}

/** Rule: main → app → features → (http, platform, contracts), and config below them all. */
export function checkBackendLayers(edges: Edge[]): Violation[] {
  return edges.flatMap(({ from, to, line }) => {
    if (isTest(from)) return []
    const [upper, lower] = [backendLayer(from), backendLayer(to)]
    if (upper === -1 || lower === -1 || upper <= lower) return []
    return [
      {
        path: from,
        line,
        rule: `${BACKEND[upper] ?? ''} must not import from ${BACKEND[lower] ?? ''} (${to}): main → app → features → http → platform → config`,
        remedy: 'move what is needed down to the lower place, or hand it in as an argument from app.ts',
      },
    ]
  })
}

const FEATURE = /^backend\/src\/features\/([^/]+)\//

/** Rule: a feature may use another's rules and queries, never its routes, and no two features need each other. */
export function checkFeatures(edges: Edge[]): Violation[] {
  const across = edges.flatMap((edge) => {
    const [own, other] = [FEATURE.exec(edge.from)?.[1], FEATURE.exec(edge.to)?.[1]]
    return own && other && own !== other && !isTest(edge.from) ? [{ ...edge, own, other }] : []
  })
  const routes = across
    .filter(({ to }) => to.endsWith('/routes.ts'))
    .map(({ from, to, line }) => ({
      path: from,
      line,
      rule: `the routes of a feature are its own (${to})`,
      remedy: 'move the rule that both need into a file named for it, and import that',
    }))
  const cycles = findCycles(across.map(({ own, other }) => ({ from: own, to: other }))).map((cycle) => {
    const [own = '', other = own] = cycle
    const edge = across.find((found) => found.own === own && found.other === other)
    return {
      path: edge?.from ?? own,
      line: edge?.line ?? 1,
      rule: `features must not need each other: ${[...cycle, own].join(' → ')}`,
      remedy: 'move what both need into the one below, or into a feature of its own',
    }
  })
  return [...routes, ...cycles]
}

function frontendLayer(file: string): number {
  if (/^frontend\/shared\//.test(file)) return FRONTEND.indexOf('utils')
  if (/^frontend\/app\/([a-z-]+\.vue$|layouts\/)/.test(file)) return FRONTEND.indexOf('pages')
  if (/^frontend\/app\/(middleware|plugins)\//.test(file)) return FRONTEND.indexOf('components')
  return FRONTEND.indexOf(/^frontend\/app\/([a-z]+)\//.exec(file)?.[1] ?? '')
}

/** Rule: pages → components → composables → utils; what runs in the browser never imports what runs in the server. */
export function checkFrontendLayers(edges: Edge[]): Violation[] {
  return edges.flatMap(({ from, to, line }) => {
    if (isTest(from)) return []
    if (/^frontend\/(app|shared)\//.test(from) && to.startsWith('frontend/server/')) {
      const remedy = 'put what both need into frontend/shared/'
      return [{ path: from, line, rule: `the app must not import from the server (${to})`, remedy }]
    }
    const [upper, lower] = [frontendLayer(from), frontendLayer(to)]
    if (upper === -1 || lower === -1 || upper <= lower) return []
    const rule = `${FRONTEND[upper] ?? ''} must not use ${FRONTEND[lower] ?? ''} (${to}): pages → components → composables → utils`
    return [
      {
        path: from,
        line,
        rule,
        remedy: 'pass the value down as a prop or an argument, or move the file to the layer it belongs to',
      },
    ]
  })
}
