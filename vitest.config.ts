import { defineConfig } from 'vitest/config'

/**
 * The suffix of a test file says what it needs: `.test.ts` nothing, `.db.test.ts` a real PostgreSQL, `.nginx.test.ts` a real
 * nginx, `.stack.test.ts` the whole running site; `.arch.test.ts` is about the code itself. Components (`.nuxt.test.ts`) are
 * run by frontend/vitest.config.ts.
 */
const suffixes = ['arch', 'db', 'nginx', 'stack', 'nuxt']
/** Every test file of ours is set up by this: nothing reaches beyond this machine. */
const setupFiles = ['./scripts/checks/deny-network.ts']
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
          testTimeout: 20_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: { name: 'nginx', setupFiles, include: ['**/*.nginx.test.ts'], exclude, testTimeout: 30_000, hookTimeout: 60_000 },
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
    ],
  },
})
