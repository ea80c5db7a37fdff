import ts from 'typescript'

/**
 * Compares the row type that a query declares with the one PostgreSQL answers. SafeQL's own comparison is one of text: it
 * depends on the order in which TypeScript happens to number the members of a union, so that a query could pass or fail by
 * what else the program contains. This one asks the type checker.
 *
 * Loaded by SafeQL as a plugin (see eslint.config.js): tags named `sql` are the queries.
 */

/** What PostgreSQL answers for a column, in SafeQL's words. */
type Answered =
  | { kind: 'type'; value: string }
  | { kind: 'literal'; value: string; base: Answered }
  | { kind: 'union'; value: Answered[] }
  | { kind: 'array'; value: Answered }
  | { kind: 'object'; value: [string, Answered][] }

interface Tag {
  tag: { type: string; name?: string }
  typeArguments?: { params: unknown[] }
}

interface Comparison {
  node: Tag
  output: Answered
  checker: ts.TypeChecker
  parser: { esTreeNodeToTSNodeMap: { get: (node: unknown) => ts.Node } }
}

function checkRowType({ node, output, checker, parser }: Comparison): { message: string } | undefined {
  if (output.kind !== 'object') return undefined
  const declaration = node.typeArguments?.params[0]
  if (declaration === undefined) {
    return { message: `The query answers rows but declares no type. Write sql<${describe(output)}[]>\`…\`` }
  }
  const rows = checker.getTypeFromTypeNode(parser.esTreeNodeToTSNodeMap.get(declaration) as ts.TypeNode)
  const row = elementOf(checker, rows)
  if (row === undefined) return { message: 'Declare an array of rows: sql<Row[]>`…`' }
  const problems = compareRow(checker, row, output.value)
  return problems.length === 0
    ? undefined
    : { message: `The declared row type is not what the query answers: ${problems.join('; ')}` }
}

function compareRow(checker: ts.TypeChecker, row: ts.Type, columns: [string, Answered][]): string[] {
  const problems: string[] = []
  for (const [name, answered] of columns) {
    const property = row.getProperty(name)
    if (property === undefined) {
      problems.push(`column ${name} (${describe(answered)}) is selected but not declared`)
      continue
    }
    const declared = checker.getTypeOfSymbol(property)
    if (!accepts(checker, declared, answered)) {
      problems.push(`column ${name} is ${describe(answered)} but declared ${checker.typeToString(declared)}`)
    }
  }
  const selected = new Set(columns.map(([name]) => name))
  for (const property of row.getProperties()) {
    if (!selected.has(property.name)) problems.push(`${property.name} is declared but not selected`)
  }
  return problems
}

/**
 * True when every value that PostgreSQL may answer fits the declared type. Text may be declared as a union of literals: which
 * texts a column may hold is known to its check constraint, and not to PostgreSQL's row description.
 */
function accepts(checker: ts.TypeChecker, declared: ts.Type, answered: Answered): boolean {
  if (declared.flags & (ts.TypeFlags.Unknown | ts.TypeFlags.Any)) return true
  switch (answered.kind) {
    case 'union':
      return answered.value.every((member) => accepts(checker, declared, member))
    case 'literal':
      return accepts(checker, declared, answered.base)
    case 'array': {
      const elements = members(declared).map((member) => elementOf(checker, member))
      return elements.some((element) => element !== undefined && accepts(checker, element, answered.value))
    }
    case 'object':
      return members(declared).some((member) => compareRow(checker, member, answered.value).length === 0)
    case 'type':
      return members(declared).some((member) => acceptsNamed(checker, member, answered.value))
  }
}

function acceptsNamed(checker: ts.TypeChecker, declared: ts.Type, name: string): boolean {
  const literal = /^['"](.*)['"]$/.exec(name)
  if (literal)
    return Boolean(declared.flags & ts.TypeFlags.String) || (declared.isStringLiteral() && declared.value === literal[1])
  switch (name) {
    // SafeQL could not tell; the tests that run the query do.
    case 'unknown':
    case 'any':
      return true
    case 'null':
      return Boolean(declared.flags & ts.TypeFlags.Null)
    case 'string':
      return Boolean(declared.flags & ts.TypeFlags.StringLike)
    case 'number':
      return Boolean(declared.flags & ts.TypeFlags.Number)
    case 'boolean':
    case 'false':
    case 'true':
      return Boolean(declared.flags & ts.TypeFlags.BooleanLike)
    default:
      // Buffer may be shown with its type argument.
      return checker.typeToString(declared).replace(/<.*>$/, '') === name
  }
}

function members(type: ts.Type): ts.Type[] {
  return type.isUnion() ? type.types : [type]
}

function elementOf(checker: ts.TypeChecker, type: ts.Type): ts.Type | undefined {
  return checker.isArrayType(type) ? checker.getTypeArguments(type as ts.TypeReference)[0] : undefined
}

function describe(answered: Answered): string {
  switch (answered.kind) {
    case 'type':
      return answered.value
    case 'literal':
      return describe(answered.base)
    case 'union':
      return answered.value.map(describe).join(' | ')
    case 'array':
      return answered.value.kind === 'union' ? `(${describe(answered.value)})[]` : `${describe(answered.value)}[]`
    case 'object':
      return `{ ${answered.value.map(([name, column]) => `${name}: ${describe(column)}`).join('; ')} }`
  }
}

/** The shape in which SafeQL loads plugins. */
export default {
  factory: () => ({
    name: 'row-types',
    onTarget: ({ node }: { node: Tag }) =>
      node.tag.type === 'Identifier' && node.tag.name === 'sql' ? { typeCheck: checkRowType } : false,
  }),
}
