import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ask, walk } from '../walk.ts'
import { copyCheckout, type Stack } from './engine.ts'

// Developing in containers, as the scripts start it.

let stack: Stack
beforeAll(async () => {
  stack = await copyCheckout({ form: 'dev', name: 'dev' })
  const started = await stack.run('scripts/dev-start.sh')
  expect(started.output).toContain(`ready ${stack.url}`)
  expect(started.code).toBe(0)
})
afterAll(() => stack.remove(), 120_000)

async function edit(file: string, from: string, to: string): Promise<void> {
  const name = path.join(stack.folder, file)
  const text = await readFile(name, 'utf8')
  expect(text).toContain(from)
  await writeFile(name, text.replace(from, to))
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 120; tries++) {
    if (await isSo().catch(() => false)) return
    await delay(500)
  }
  throw new Error(`${what}: not within a minute`)
}

it('is walked over TLS', async () => {
  await walk(stack.url, () => undefined)
})

it('shows a change of a page and of the API without being started again', async () => {
  await edit('frontend/app/pages/index.vue', '<template>', '<template><p hidden>changed while it runs</p>')
  await until('the changed page', async () => (await ask(stack.url, 'GET', '/')).body.includes('changed while it runs'))
  await edit('backend/src/features/health/routes.ts', "service: 'backend'", "service: 'changed'")
  await until('the changed API', async () => (await ask(stack.url, 'GET', '/backend/health')).body.includes('"changed"'))
})

it('shows its logs, and stops without losing what was entered', async () => {
  const logs = await stack.run('scripts/dev-logs.sh', '--no-follow', '--tail', '20', 'backend')
  expect([logs.code, logs.output.includes('Server listening')]).toEqual([0, true])
  const before = await stack.sql('select count(*) from users')
  expect((await stack.run('scripts/dev-stop.sh')).code).toBe(0)
  expect(await stack.containers('backend')).toEqual([])
  expect((await stack.run('scripts/setup-db.sh')).output).toContain('schema is at version')
  expect(await stack.sql('select count(*) from users')).toBe(before)
  expect((await stack.run('scripts/ssl-manager.sh', 'status')).output).toMatch(/\d+ days left/)
})
