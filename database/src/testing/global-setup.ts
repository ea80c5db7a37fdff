import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { startEmbeddedServer } from '../embedded-server.ts'
import { createTemplate } from './template-database.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The superuser's address of the test server that holds the migrated template. */
    superuserUrl: string
  }
}

interface Project {
  provide: (key: 'superuserUrl', value: string) => void
}

/** One PostgreSQL for all test files: the one named by TEST_DATABASE_URL, else an embedded one of our own. */
export default async function setup(project: Project): Promise<() => Promise<void>> {
  const given = process.env.TEST_DATABASE_URL
  if (given) {
    await createTemplate(given)
    project.provide('superuserUrl', given)
    return () => Promise.resolve()
  }
  const folder = await mkdtemp(path.join(tmpdir(), 'kennwilliamson-test-'))
  const server = await startEmbeddedServer({ dataDir: folder, port: 0, durable: false })
  await createTemplate(server.url)
  project.provide('superuserUrl', server.url)
  return async () => {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
}
