import ts from 'typescript'
import { isTest, lineOf, walk, type Source, type Violation } from './sources.ts'

/** Runs `find` over every node of a file's scripts and makes violations of the texts it returns. */
function report(
  source: Source,
  find: (node: ts.Node) => string | undefined,
  rule: (found: string) => string,
  remedy: string,
): Violation[] {
  const violations: Violation[] = []
  for (const script of source.scripts) {
    walk(script, (node) => {
      const found = find(node)
      if (found !== undefined) violations.push({ path: source.path, line: lineOf(script, node), rule: rule(found), remedy })
    })
  }
  return violations
}

/** Rule: in the backend only config.ts reads the environment. */
export function checkEnvironment(source: Source): Violation[] {
  if (!source.path.startsWith('backend/') || source.path === 'backend/src/config.ts' || isTest(source.path)) return []
  return report(
    source,
    (node) => (ts.isPropertyAccessExpression(node) && node.getText() === 'process.env' ? 'process.env' : undefined),
    () => 'only config.ts reads process.env',
    'add the setting to the schema in backend/src/config.ts and take its value as an argument',
  )
}

/** The shape of a statement, and not of a sentence or a route that begins with the same word. */
const STATEMENT =
  /^\s*(select\s[\s\S]*\sfrom\s|select\s+(\d|\w+\()|insert\s+into\s|update\s+\w+\s+set\s|delete\s+from\s|with\s+\w+\s+as\s*\(|(create|alter|drop)\s+(table|role|index|type|function|trigger|extension)\s|(listen|notify|truncate)\s+[a-z_]+\s*(;|,|$)|set\s+local\s|lock\s+table\s)/i

/** Rule: in the backend only queries.ts holds SQL. */
export function checkSql(source: Source): Violation[] {
  if (!source.path.startsWith('backend/') || source.path.endsWith('/queries.ts') || isTest(source.path)) return []
  return report(
    source,
    (node) => {
      if (ts.isTaggedTemplateExpression(node))
        return /(^|\.)(sql|tx|db|database)$/.test(node.tag.getText()) ? 'a tagged statement' : undefined
      if (ts.isStringLiteralLike(node) && ts.isTaggedTemplateExpression(node.parent)) return undefined
      const text = ts.isStringLiteralLike(node) || ts.isTemplateHead(node) ? node.text : undefined
      return text !== undefined && STATEMENT.test(text) ? text.trim().slice(0, 40) : undefined
    },
    (found) => `only queries.ts and database/ hold SQL (${found})`,
    'write a function named like a sentence in the queries.ts beside this file, and call that',
  )
}

const FETCHES = new Set([
  '$fetch',
  'fetch',
  'useFetch',
  'useLazyFetch',
  'useAsyncData',
  'useLazyAsyncData',
  'useRequestFetch',
  'EventSource',
])
const MAY_FETCH = /^frontend\/(app\/(pages|composables)|server)\//

/** Rule: in the frontend only pages and composables fetch. */
export function checkFetching(source: Source): Violation[] {
  if (!source.path.startsWith('frontend/') || MAY_FETCH.test(source.path) || isTest(source.path)) return []
  return report(
    source,
    (node) => {
      if (!ts.isCallExpression(node) && !ts.isNewExpression(node)) return undefined
      const name = /^(?:globalThis\.|window\.)?([$\w]+)/.exec(node.expression.getText())?.[1]
      return name !== undefined && FETCHES.has(name) ? name : undefined
    },
    (name) => `only pages and composables fetch (${name})`,
    'fetch in the page or in a composable, and hand the data down as a prop',
  )
}

/** Rule: only the frontend's server sees refresh tokens. That one was used twice is an event, which its owner is told of. */
export function checkRefreshTokens(source: Source): Violation[] {
  if (!/^frontend\/(app|shared)\//.test(source.path) || isTest(source.path)) return []
  return report(
    source,
    (node) =>
      (ts.isIdentifier(node) || ts.isStringLiteralLike(node)) && /refresh[-_ ]?token(?!_reused$)/i.test(node.text)
        ? node.text.slice(0, 40)
        : undefined,
    (found) => `only frontend/server knows refresh tokens (${found})`,
    'the browser holds an access token in memory and nothing else: keep this in frontend/server/',
  )
}
