import { defineConfig } from '@playwright/test'

/** Chromium as root has no sandbox to offer; nothing here needs a graphics card, and nothing may phone home. */
const args = [
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export default defineConfig({
  testDir: 'tests',
  outputDir: '../test-results/browser',
  globalSetup: './harness/global-setup.ts',
  forbidOnly: true,
  fullyParallel: true,
  workers: 2,
  // A test that passes only now and then is a failure to be mended, not to be repeated.
  retries: 0,
  timeout: 45_000,
  projects: [
    { name: 'site', testIgnore: 'lighthouse.spec.ts' },
    // Alone, because it measures.
    { name: 'lighthouse', testMatch: 'lighthouse.spec.ts', dependencies: ['site'], workers: 1, timeout: 180_000 },
  ],
  expect: { timeout: 10_000 },
  use: {
    // Set by the global setup, once the site says where it is.
    baseURL: process.env.E2E_SITE_URL,
    ignoreHTTPSErrors: true,
    locale: 'en-GB',
    timezoneId: 'Europe/London',
    screenshot: 'only-on-failure',
    launchOptions: { executablePath: process.env.E2E_CHROMIUM ?? '/usr/bin/chromium', args },
  },
})
