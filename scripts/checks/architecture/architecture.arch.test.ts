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
import { buildGraph, checkCycles } from './graph.ts'
import { checkLockfile, checkMachinePaths, checkVersions } from './hygiene.ts'
import { checkLength, checkName } from './names.ts'
import { ROOT } from '../project-root.ts'
import { listFiles, parseSource, readText, type Violation } from './sources.ts'

const files = listFiles()
const sources = files.filter((file) => /\.(ts|vue)$/.test(file)).map((file) => parseSource(file, readText(file)))
const edges = buildGraph(sources)

/** One line for each violation: where, what, and what to do. */
function explain(violations: Violation[]): string[] {
  return violations.map(({ path, line, rule, remedy }) => `${path}:${line}  ${rule}. Remedy: ${remedy}.`)
}

function holds(violations: Violation[]): void {
  expect(explain(violations)).toEqual([])
}

describe('the project', () => {
  it('is looked at', () => {
    expect(sources.length).toBeGreaterThan(30)
    expect(edges.length).toBeGreaterThan(30)
  })
  it('keeps folders apart: contracts below all, frontend and backend strangers', () => holds(checkFolders(edges)))
  it('imports its own packages by name', () => holds(sources.flatMap((source) => checkPackageNames(source, edges))))
  it('keeps contracts free of everything but the schema library', () => holds(sources.flatMap(checkContractPackages)))
  it('knows the web framework only where requests arrive', () => holds(sources.flatMap(checkFramework)))
  it('layers the backend: main → app → features → http → platform → config', () => holds(checkBackendLayers(edges)))
  it('keeps features from needing each other', () => holds(checkFeatures(edges)))
  it('layers the frontend: pages → components → composables → utils', () => holds(checkFrontendLayers(edges)))
  it('has no import cycles', () => holds(checkCycles(edges)))
  it('reads the environment of the backend in config.ts alone', () => holds(sources.flatMap(checkEnvironment)))
  it('holds SQL in queries.ts alone', () => holds(sources.flatMap(checkSql)))
  it('fetches in pages and composables alone', () => holds(sources.flatMap(checkFetching)))
  it('keeps refresh tokens out of the browser', () => holds(sources.flatMap(checkRefreshTokens)))
  it('names files for what is in them', () => holds(files.flatMap(checkName)))
  it('has no file too long to read', () => holds(files.flatMap((file) => checkLength(file, readText(file)))))
  it('U02 pins every package by its hash and names no registry', () =>
    holds(files.filter((file) => file.endsWith('package-lock.json')).flatMap((file) => checkLockfile(file, readText(file)))))
  it('depends on exact versions', () =>
    holds(files.filter((file) => file.endsWith('package.json')).flatMap((file) => checkVersions(file, readText(file)))))
  it('names no path of one machine', () =>
    holds(
      files
        .filter((file) => /\.(ts|vue|js|json|md|sql|sh|conf|yaml|yml|template)$|^\.ci\//.test(file))
        .flatMap((file) => checkMachinePaths(file, readText(file), ROOT)),
    ))
})
