import { defineConfig } from '@playwright/test'
import { BROWSER_ARGS } from './harness/browser-args.ts'

export default defineConfig({
  testDir: 'tests',
  outputDir: '../test-results/browser',
  globalSetup: './harness/global-setup.ts',
  forbidOnly: true,
  fullyParallel: true,
  // They wait for a server more than they work.
  workers: 3,
  // A test that passes only now and then is a failure to be mended, not to be repeated.
  retries: 0,
  // A journey that looks at every state with axe takes 40 s on a slow machine; what must be quick has a bound of its own.
  timeout: 120_000,
  projects: [
    { name: 'site', testIgnore: 'lighthouse.spec.ts' },
    // Alone, because it measures.
    { name: 'lighthouse', testMatch: 'lighthouse.spec.ts', dependencies: ['site'], workers: 1, timeout: 180_000 },
  ],
  // One picture for all machines: what another version of Chromium draws at the edges of letters is within the tolerance.
  snapshotPathTemplate: 'pictures/{arg}{ext}',
  expect: {
    timeout: 10_000,
    toHaveScreenshot: { maxDiffPixelRatio: 0.01, threshold: 0.1, animations: 'disabled', scale: 'device' },
  },
  use: {
    // Set by the global setup, once the site says where it is.
    baseURL: process.env.E2E_SITE_URL,
    ignoreHTTPSErrors: true,
    // What cannot be pressed by now never can.
    actionTimeout: 20_000,
    locale: 'en-GB',
    timezoneId: 'Europe/London',
    screenshot: 'only-on-failure',
    launchOptions: { executablePath: process.env.E2E_CHROMIUM ?? '/usr/bin/chromium', args: BROWSER_ARGS },
  },
})
