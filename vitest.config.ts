import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

/**
 * The suffix of a test file says what it needs: `.test.ts` nothing, `.db.test.ts` a real PostgreSQL, `.nginx.test.ts` a real
 * nginx, `.stack.test.ts` the whole running site, `.container.test.ts` a Docker engine; `.arch.test.ts` is about the code itself. Components (`.nuxt.test.ts`) are
 * run by frontend/vitest.config.ts.
 */
const suffixes = ['arch', 'db', 'nginx', 'stack', 'container', 'nuxt']
/** Every test file of ours is set up by this: nothing reaches beyond this machine. */
const setupFiles = ['./scripts/checks/deny-network.ts']
/** Vitest leaves a core to itself, which on two is half of them; files with a server of their own wait more than they work. */
const maxWorkers = Math.max(2, availableParallelism() - 1)
/** Those with a database wait even more: three at once took 175 s on two cores where two took 212. */
const maxDatabaseWorkers = Math.max(3, availableParallelism() - 1)
const exclude = ['**/node_modules/**', '**/.output/**', '**/.nuxt/**', '**/.data/**', 'e2e/**']

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          setupFiles,
          include: ['**/*.test.ts'],
          exclude: [...exclude, ...suffixes.map((suffix) => `**/*.${suffix}.test.ts`)],
        },
      },
      { test: { name: 'architecture', setupFiles, include: ['**/*.arch.test.ts'], exclude } },
      {
        test: {
          name: 'db',
          setupFiles,
          include: ['**/*.db.test.ts'],
          exclude,
          globalSetup: ['database/src/testing/global-setup.ts'],
          maxWorkers: maxDatabaseWorkers,
          testTimeout: 20_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'nginx',
          setupFiles,
          include: ['**/*.nginx.test.ts'],
          exclude,
          maxWorkers,
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'stack',
          setupFiles,
          include: ['**/*.stack.test.ts'],
          exclude,
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'containers',
          setupFiles,
          include: ['**/*.container.test.ts'],
          exclude,
          // Each file has a project of its own, and waits more than it works.
          maxWorkers: 2,
          testTimeout: 300_000,
          hookTimeout: 900_000,
        },
      },
    ],
  },
})
