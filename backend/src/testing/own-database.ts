import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { startEmbeddedServer } from '@kennwilliamson/database/embedded-server'
import { cloneTemplate, createTemplate, type TestDatabase } from '@kennwilliamson/database/testing/template-database'

/** A migrated database on a server of its own, for tests that measure and so share neither. `drop` ends the server too. */
export async function startDatabase(): Promise<TestDatabase> {
  const folder = await mkdtemp(path.join(tmpdir(), 'kennwilliamson-measured-'))
  await chmod(folder, 0o755)
  const server = await startEmbeddedServer({ dataDir: folder, port: 0, durable: false })
  await createTemplate(server.url)
  const database = await cloneTemplate(server.url)
  return {
    ...database,
    async drop() {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
