import path from 'node:path'
import { findInstance } from './instance-lock.ts'
import { print } from './log.ts'
import { childrenByParent, pssOf, sum, withDescendants } from './process-tree.ts'
import { readWrittenSettings } from './settings.ts'

// `npm run memory`: what the running site takes, against its budgets. PSS: a page that several processes share counts for each
// by its share, so that the sum is what the machine really gives. Exit code 1 over budget, 2 when the site does not run.

/** In MB, idle. npm itself is not counted. */
const BUDGETS: Record<string, number> = { supervisor: 25, api: 90, nuxt: 110, postgres: 60, nginx: 15, total: 300 }

const root = path.join(import.meta.dirname, '..')
const { settings } = readWrittenSettings(root, true)
const instance = findInstance(settings.DATA_DIR)

if (instance === null) {
  process.stderr.write(`the site does not run on ${settings.DATA_DIR}\n`)
  process.exitCode = 2
} else {
  const children = childrenByParent()
  const measured = instance.children.map(({ name, pid }) => ({ name, megabytes: sum(withDescendants(pid, children).map(pssOf)) }))
  const rows = [{ name: 'supervisor', megabytes: pssOf(instance.pid) }, ...measured]
  const total = { name: 'total', megabytes: sum(rows.map(({ megabytes }) => megabytes)) }
  let isOver = false
  for (const { name, megabytes } of [...rows, total]) {
    const budget = BUDGETS[name] ?? 0
    const verdict = megabytes > budget ? 'OVER' : ''
    isOver ||= verdict !== ''
    print(`${name.padEnd(10)} ${megabytes.toFixed(1).padStart(6)} MB of ${String(budget).padStart(3)} ${verdict}`.trimEnd())
  }
  if (isOver) process.exitCode = 1
}
