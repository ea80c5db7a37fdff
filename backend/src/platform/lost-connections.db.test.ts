import { execFile } from 'node:child_process'
import net, { type AddressInfo, type Socket } from 'node:net'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { cloneTemplate, type TestDatabase } from '@kennwilliamson/database/testing/template-database'

const run = promisify(execFile)

/** A way to the database that loses its connections, all of them and without a word, when a client asks for it by name. */
const way = net.createServer((client) => {
  const { hostname, port } = new URL(database.url)
  const server = net.connect(Number(port), hostname)
  client.on('data', (chunk: Buffer) => {
    if (chunk.includes('lose me')) lose(client)
    else server.write(chunk)
  })
  server.on('data', (chunk: Buffer) => {
    if (!client.destroyed) client.write(chunk)
  })
  for (const socket of [client, server])
    socket.on('error', () => undefined).on('close', () => (client.destroy(), server.destroy()))
})
let lose: (client: Socket) => void
let database: TestDatabase
beforeAll(async () => {
  database = await cloneTemplate(inject('superuserUrl'))
  await new Promise<void>((resolve) => way.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  way.close()
  await database.drop()
})

/** Loses the connection in a transaction, then asks something on a new one, and says both. In a process of its own. */
const program = (open: string): string => `
  import postgres from 'postgres'
  import { openDatabase } from ${JSON.stringify(path.join(import.meta.dirname, 'database.ts'))}
  const sql = ${open}(process.argv[1], { max: 2 })
  const lost = await sql.begin(async (sql) => {
    await sql\`select 1\`
    await sql.unsafe("select 'lose me'")
  }).catch((error) => error.code)
  const [{ again }] = await sql\`select 'well again' as again\`
  await new Promise((resolve) => setTimeout(resolve, 50))
  process.stdout.write(lost + ' ' + again, () => process.exit())
`

async function runThere(open: string): Promise<string> {
  const url = new URL(database.url)
  url.port = String((way.address() as AddressInfo).port)
  const args = ['--input-type=module', '--eval', program(open), url.href]
  const ended = await run(process.execPath, args, { cwd: import.meta.dirname, timeout: 15_000 }).catch((error: unknown) => error)
  const { stdout, stderr } = ended as { stdout: string; stderr: string }
  return stdout.trim() || (/^\w*Error.*$/m.exec(stderr)?.[0] ?? stderr)
}

describe('a transaction whose connection is lost', () => {
  it.each([
    ['ended', (client: Socket) => client.end()],
    ['reset', (client: Socket) => client.resetAndDestroy()],
  ])('L01: fails, and the process goes on with a new connection, when it is %s', async (_how, how) => {
    lose = how
    expect(await runThere('openDatabase')).toMatch(/^(CONNECTION_CLOSED|ECONNRESET) well again$/)
  })

  it('would end the process as the driver alone does it', async () => {
    lose = (client) => client.end()
    expect(await runThere('postgres')).toBe("TypeError: Cannot read properties of null (reading 'write')")
  })
})
