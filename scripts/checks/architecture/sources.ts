import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { parse as parseComponent } from '@vue/compiler-sfc'
import ts from 'typescript'
import { ROOT } from '../project-root.ts'

/** What is installed, built or kept at run time, and so nobody's source. */
const NOT_SOURCE = new Set([
  'node_modules',
  '.git',
  '.nuxt',
  '.output',
  '.data',
  '.cache',
  '.runtime',
  'test-results',
  'playwright-report',
])

/** One `import`, `export … from`, `import()` or `import('…')` type; also a use of a name that Nuxt imports by itself. */
export interface Import {
  specifier: string
  line: number
}

/** One file as the rules see it. Positions are those of the file, also inside a component's script. */
export interface Source {
  path: string
  text: string
  imports: Import[]
  /** The syntax tree of each script in the file: one, or none to two for a component. */
  scripts: ts.SourceFile[]
  /** The elements of a component's template. */
  tags: { name: string; line: number }[]
}

/** One broken rule, with what to do about it. */
export interface Violation {
  path: string
  line: number
  rule: string
  remedy: string
}

/** Every file of the project, relative to its root. */
export function listFiles(folder = ''): string[] {
  return readdirSync(path.join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const name = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) return NOT_SOURCE.has(entry.name) ? [] : listFiles(name)
    return entry.isFile() ? [name] : []
  })
}

export function readText(file: string): string {
  return readFileSync(path.join(ROOT, file), 'utf8')
}

/** Parses one TypeScript file or Vue component. */
export function parseSource(file: string, text: string): Source {
  const source: Source = { path: file, text, imports: [], scripts: [], tags: [] }
  if (file.endsWith('.vue')) {
    const { descriptor } = parseComponent(text, { filename: file, sourceMap: false })
    for (const block of [descriptor.script, descriptor.scriptSetup]) {
      // Empty lines in front keep the line numbers those of the file.
      if (block) source.scripts.push(parseScript(file, '\n'.repeat(block.loc.start.line - 1) + block.content))
    }
    if (descriptor.template?.ast) collectTags(descriptor.template.ast, source.tags)
  } else {
    source.scripts.push(parseScript(file, text))
  }
  for (const script of source.scripts) {
    walk(script, (node) => {
      const specifier = specifierOf(node)
      if (specifier) source.imports.push({ specifier: specifier.text, line: lineOf(script, specifier) })
    })
  }
  return source
}

function parseScript(file: string, text: string): ts.SourceFile {
  return ts.createSourceFile(file, text, ts.ScriptTarget.ESNext, true, ts.ScriptKind.TS)
}

function specifierOf(node: ts.Node): ts.StringLiteral | undefined {
  let specifier: ts.Node | undefined
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) specifier = node.moduleSpecifier
  else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) specifier = node.arguments[0]
  else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) specifier = node.argument.literal
  return specifier && ts.isStringLiteral(specifier) ? specifier : undefined
}

interface TemplateNode {
  tag?: string
  loc: { start: { line: number } }
  children?: unknown[]
}

function collectTags(node: TemplateNode, into: Source['tags']): void {
  if (node.tag !== undefined) into.push({ name: node.tag, line: node.loc.start.line })
  for (const child of node.children ?? []) {
    if (typeof child === 'object' && child !== null && 'loc' in child) collectTags(child as TemplateNode, into)
  }
}

export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node)
  ts.forEachChild(node, (child) => walk(child, visit))
}

export function lineOf(script: ts.SourceFile, node: ts.Node): number {
  return script.getLineAndCharacterOfPosition(node.getStart(script)).line + 1
}

/** True for tests and measurements, and what only they use. */
export function isTest(file: string): boolean {
  return /\.test\.ts$|\/testing\/|^(?:e2e|bench)\//.test(file)
}
