import path from 'node:path'
import { isTest, type Violation } from './sources.ts'

const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/
const PASCAL = /^([A-Z][a-z0-9]*)+(\.[a-z]+)*$/
const COMPOSABLE = /^use([A-Z][a-z0-9]*)+(\.[a-z]+)*$/
/** What Nuxt reads from a file's name: `[user]`, `[...path]`, `_auth`, `auth.global`, `session.get`. */
const NUXT_ROUTE = /^_?(\[(\.\.\.)?[a-z][A-Za-z_]*\]|[a-z0-9]+(-[a-z0-9]+)*)([.-](\[(\.\.\.)?[a-z_]+\]|[a-z0-9]+))*$/

const CODE = /\.(ts|vue|js|mjs|css|sql|sh)$/
const DRAWERS = new Set(['utils', 'util', 'constants', 'types', 'helpers', 'misc', 'shared', 'interfaces', 'enums'])
const EMPTY_NAMES = /(^|-)(services?|repositor(y|ies)|managers?|helpers?|dtos?|models?|impl)($|-)/
/** A process that a supervisor watches may well be called a service; a layer of a feature may not. */
const IN_FEATURES = /^(backend|contracts|frontend)\//
const MAX_LINES = 350

/** Rule: files are kebab-case, components PascalCase, composables useThing; no name that says nothing. */
export function checkName(file: string): Violation[] {
  if (!CODE.test(file)) return []
  const stem = path.posix.basename(file).replace(/\.\w+$/, '')
  const found = (rule: string, remedy: string): Violation[] => [{ path: file, line: 1, rule, remedy }]
  const [pattern, style] = styleOf(file)
  if (!pattern.test(stem)) return found(`the name ${stem} is not ${style}`, `rename the file to ${style}`)
  const first = stem.split('.')[0] ?? stem
  if (DRAWERS.has(first))
    return found(
      `${stem} is a drawer for everything`,
      'put each thing beside its only user, or into a file named for the concept',
    )
  if (IN_FEATURES.test(file) && EMPTY_NAMES.test(first))
    return found(`${stem} says what kind of file it is, not what is in it`, 'name the file for the rule or the thing it holds')
  return []
}

function styleOf(file: string): [RegExp, string] {
  if (/^frontend\/app\/(pages|layouts|middleware|plugins)\/|^frontend\/(server|public)\//.test(file))
    return [NUXT_ROUTE, 'kebab-case']
  if (/^frontend\/app\/components\/.*\.vue$/.test(file)) return [PASCAL, 'PascalCase']
  if (/^frontend\/app\/components\/.*\.test\.ts$/.test(file)) return [/./, 'the name of what it tests']
  if (/^frontend\/app\/composables\//.test(file)) return [COMPOSABLE, 'useThing']
  return [KEBAB, 'kebab-case']
}

/** Rule: a file that grows past what one sitting can read is split by concept. */
export function checkLength(file: string, text: string): Violation[] {
  const lines = text.split('\n').length - 1
  if (!/\.(ts|vue|js|mjs|css)$/.test(file) || lines <= MAX_LINES) return []
  const remedy = isTest(file) ? 'split it by the behaviour it describes' : 'split it by concept, never by layer'
  return [{ path: file, line: MAX_LINES + 1, rule: `${lines} lines, more than ${MAX_LINES}`, remedy }]
}
