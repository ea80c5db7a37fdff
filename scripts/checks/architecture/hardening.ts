import ts from 'typescript'
import type { HARDENING_CASES } from './hardening-cases.ts'
import { lineOf, walk, type Source, type Violation } from './sources.ts'

const IDS = /^(?:[A-Z]\d\d(?:, | |(?=:)|$))+/
const LIST = 'scripts/checks/architecture/hardening-cases.ts'

/** A test that says which cases it is about. */
export interface Claim {
  id: string
  path: string
  line: number
}

/** The ids that names of tests begin with: `S03: …`, `S01, S03: …`, `C02 C03 …`, also in the tables of `.each`. */
export function findClaims(source: Source): Claim[] {
  if (!/\.test\.ts$|^e2e\/tests\/.*\.spec\.ts$/.test(source.path)) return []
  const claims: Claim[] = []
  for (const script of source.scripts) {
    const visit = (node: ts.Node) => {
      if (!ts.isStringLiteralLike(node) && !ts.isTemplateHead(node)) return
      const [ids = ''] = IDS.exec(node.text) ?? []
      for (const [id] of ids.matchAll(/[A-Z]\d\d/g)) claims.push({ id, path: source.path, line: lineOf(script, node) })
    }
    walk(script, (node) => {
      if (!ts.isCallExpression(node) || !/^(test|it|describe)\b/.test(node.expression.getText(script))) return
      const isTable = node.expression.getText(script).endsWith('.each')
      const [name] = node.arguments
      if (name) walk(name, isTable ? visit : (inner) => (inner === name || inner.parent === name ? visit(inner) : undefined))
    })
  }
  return claims
}

/** Rule: a case that applies is a test with its id, and a test is about a case that is known. */
export function checkHardening(claims: Claim[], cases: typeof HARDENING_CASES): Violation[] {
  const found: Violation[] = []
  for (const { id, path, line } of claims) {
    const known = cases[id]
    if (!known) {
      found.push({ path, line, rule: `${id} is no known case`, remedy: `correct the id, or add the case to ${LIST}` })
    } else if (known.status !== 'tested') {
      found.push({ path, line, rule: `${id} waits for something in the list, but is tested`, remedy: `say so in ${LIST}` })
    }
  }
  for (const [id, { what, status }] of Object.entries(cases)) {
    if (status !== 'tested' || claims.some((claim) => claim.id === id)) continue
    found.push({
      path: LIST,
      line: 1,
      rule: `no test is about ${id} (${what})`,
      remedy: `write one whose name begins with "${id}: ", or say in the list what it waits for`,
    })
  }
  return found
}
