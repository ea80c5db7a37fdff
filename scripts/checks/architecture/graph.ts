import path from 'node:path'
import ts from 'typescript'
import { isTest, lineOf, walk, type Source, type Violation } from './sources.ts'

/** One file that needs another. */
export interface Edge {
  from: string
  to: string
  line: number
}

const PACKAGE = /^@kennwilliamson\/([a-z]+)\/(.+)$/

/**
 * Resolves what the files import from each other. Names that Nuxt imports by itself (composables, utils, components) count as
 * imports too, or the frontend would have no dependencies to look at.
 */
export function buildGraph(sources: Source[]): Edge[] {
  const known = new Set(sources.map((source) => source.path))
  const implicit = new ImplicitNames(sources)
  return sources.flatMap((source) => {
    const edges: Edge[] = []
    for (const { specifier, line } of source.imports) {
      const to = resolveImport(source.path, specifier, known)
      if (to !== undefined) edges.push({ from: source.path, to, line })
    }
    return source.path.startsWith('frontend/') ? [...edges, ...implicit.usedBy(source)] : edges
  })
}

/** The file of ours that a specifier names, or undefined for a package and for what Nuxt makes. */
function resolveImport(from: string, specifier: string, known: ReadonlySet<string>): string | undefined {
  const ours = PACKAGE.exec(specifier)
  let target: string
  if (ours) target = `${ours[1] ?? ''}/src/${ours[2] ?? ''}`
  else if (/^\.\.?\//.test(specifier)) target = path.posix.join(path.posix.dirname(from), specifier)
  else if (/^[~@]\//.test(specifier)) target = `frontend/app/${specifier.slice(2)}`
  else if (/^(~~|@@)\//.test(specifier)) target = `frontend/${specifier.slice(3)}`
  else if (specifier.startsWith('#shared/')) target = `frontend/shared/${specifier.slice('#shared/'.length)}`
  else return undefined
  const found = [target, `${target}.ts`, `${target}.vue`, `${target}/index.ts`].find((candidate) => known.has(candidate))
  // A file outside the project's sources is still a place that the rules can judge.
  return found ?? target
}

class ImplicitNames {
  readonly #byName = new Map<string, string>()
  readonly #byTag = new Map<string, string>()

  constructor(sources: Source[]) {
    for (const source of sources) {
      if (isTest(source.path)) continue
      if (/^frontend\/(app\/(composables|utils)|shared\/utils|server\/utils)\//.test(source.path)) {
        for (const name of exportedNames(source)) this.#byName.set(name, source.path)
      }
      const component = /^frontend\/app\/components\/(?:.*\/)?([A-Z]\w*)\.vue$/.exec(source.path)?.[1]
      if (component !== undefined) this.#byTag.set(component, source.path)
    }
  }

  usedBy(source: Source): Edge[] {
    const edges: Edge[] = []
    const add = (to: string | undefined, line: number) => {
      if (to !== undefined && to !== source.path && sameSide(source.path, to)) edges.push({ from: source.path, to, line })
    }
    for (const script of source.scripts) {
      const declared = declaredNames(script)
      walk(script, (node) => {
        if (ts.isIdentifier(node) && isUse(node) && !declared.has(node.text))
          add(this.#byName.get(node.text), lineOf(script, node))
      })
    }
    for (const tag of source.tags) add(this.#byTag.get(pascalCase(tag.name)), tag.line)
    return edges
  }
}

/** Nuxt imports the app's names into the app and the server's into the server. */
function sameSide(from: string, to: string): boolean {
  const side = (file: string) => /^frontend\/(app|server)\//.exec(file)?.[1]
  return side(to) === undefined || side(from) === side(to)
}

function exportedNames(source: Source): string[] {
  return source.scripts.flatMap((script) =>
    script.statements.flatMap((statement) => {
      const isExported =
        ts.canHaveModifiers(statement) && ts.getModifiers(statement)?.some((m) => m.kind === ts.SyntaxKind.ExportKeyword)
      if (!isExported) return []
      if (ts.isVariableStatement(statement)) {
        return statement.declarationList.declarations.flatMap(({ name }) => (ts.isIdentifier(name) ? [name.text] : []))
      }
      return ts.isFunctionDeclaration(statement) && statement.name ? [statement.name.text] : []
    }),
  )
}

function declaredNames(script: ts.SourceFile): Set<string> {
  const names = new Set<string>()
  walk(script, (node) => {
    if (
      (ts.isVariableDeclaration(node) || ts.isParameter(node) || ts.isBindingElement(node) || ts.isFunctionDeclaration(node)) &&
      node.name &&
      ts.isIdentifier(node.name)
    )
      names.add(node.name.text)
    else if (ts.isImportSpecifier(node) || (ts.isImportClause(node) && node.name)) names.add(node.name?.text ?? '')
  })
  return names
}

function isUse(node: ts.Identifier): boolean {
  const { parent } = node
  return (
    !(ts.isPropertyAccessExpression(parent) && parent.name === node) && !(ts.isPropertyAssignment(parent) && parent.name === node)
  )
}

function pascalCase(tag: string): string {
  return tag.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

/** Each cycle once, as the files it runs through. */
export function findCycles(edges: Pick<Edge, 'from' | 'to'>[]): string[][] {
  const next = Map.groupBy(edges, (edge) => edge.from)
  const done = new Set<string>()
  const cycles: string[][] = []
  const visit = (file: string, trail: string[]) => {
    const start = trail.indexOf(file)
    if (start !== -1) cycles.push(trail.slice(start))
    if (start !== -1 || done.has(file)) return
    for (const { to } of next.get(file) ?? []) visit(to, [...trail, file])
    done.add(file)
  }
  for (const file of next.keys()) visit(file, [])
  return cycles
}

/** No file needs itself, however many others lie between. */
export function checkCycles(edges: Edge[]): Violation[] {
  return findCycles(edges).map((cycle) => {
    const [from = '', to = from] = cycle
    return {
      path: from,
      line: edges.find((edge) => edge.from === from && edge.to === to)?.line ?? 1,
      rule: `no cycles: ${[...cycle, from].join(' → ')}`,
      remedy: 'move what both need into a file below them that imports neither',
    }
  })
}
