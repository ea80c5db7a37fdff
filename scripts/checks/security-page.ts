/** A test file that shows a requirement met, and names of tests that are in it. */
export interface Evidence {
  file: string
  /** Ids of cases (`C02`) and words of titles. */
  names: string[]
}

/** One requirement of docs/security.md. */
export interface Requirement {
  number: string
  level: string
  applies: string
  evidence: Evidence[]
}

/** What a row may say of a requirement, and whether a test must then show it. */
const APPLIES = new Map([
  ['yes', true],
  ['partly', true],
  ['open', false],
  ['no', false],
])

/** Rows begin with the number of a requirement: chapter, section, requirement. */
const ROW = /^\| (\d+\.\d+\.\d+) \| ([^|]*) \|([^|]*)\| ([^|]*) \|([^|]*)\|([^|]*)\|$/

/** The rows of all tables of requirements, in their order. The last column holds `` `file` `` and, after each, ids and “words”. */
export function readRequirements(page: string): Requirement[] {
  return page.split('\n').flatMap((line) => {
    const [, number = '', level = '', , applies = '', , shown = ''] = ROW.exec(line) ?? []
    if (number === '') return []
    const evidence = [...shown.matchAll(/`([^`]+)`([^`]*)/g)].map(([, file = '', after = '']) => ({
      file,
      names: [...after.matchAll(/“([^”]+)”|\b([A-Z]\d\d)\b/g)].map(([, words, id]) => words ?? id ?? ''),
    }))
    return [{ number, level, applies, evidence }]
  })
}

const inOrder = (number: string): number => number.split('.').reduce((sum, part) => sum * 1_000 + Number(part), 0)

/**
 * What is wrong with the rows, one line each: an unknown word, a place out of order, a claim without a test, a test that is not there.
 * `read` gives the text of a file of the project, or null where there is none.
 */
export function faultsOf(requirements: Requirement[], read: (file: string) => string | null): string[] {
  return requirements.flatMap(({ number, level, applies, evidence }, index) => {
    const before = requirements[index - 1]
    const needsTest = APPLIES.get(applies)
    return [
      ...(before && inOrder(before.number) >= inOrder(number) ? [`${number}: stands after ${before.number}`] : []),
      ...(/^[123]$/.test(level) ? [] : [`${number}: level “${level}”`]),
      ...(needsTest === undefined ? [`${number}: says “${applies}”`] : []),
      ...(needsTest === true && evidence.length === 0 ? [`${number}: no test shows it`] : []),
      ...evidence.flatMap((shown) => missingFrom(shown, read).map((fault) => `${number}: ${fault}`)),
    ]
  })
}

function missingFrom({ file, names }: Evidence, read: (file: string) => string | null): string[] {
  if (!/\.(test|spec)\.ts$/.test(file)) return [`${file} is no test`]
  const text = read(file)
  if (text === null) return [`there is no ${file}`]
  if (names.length === 0) return [`which test of ${file}?`]
  return names.filter((name) => !text.includes(name)).map((name) => `${file} has no “${name}”`)
}
