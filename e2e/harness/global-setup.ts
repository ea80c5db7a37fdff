import { startSite } from './site.ts'

/** Starts the site once for all tests, unless E2E_SITE_URL names one that runs already (handy while writing a test). */
export default async function globalSetup(): Promise<(() => Promise<void>) | undefined> {
  if (process.env.E2E_SITE_URL) return undefined
  const site = await startSite()
  process.env.E2E_SITE_URL = site.url
  process.env.E2E_SITE_LOGS = site.logs.join(':')
  return site.stop
}
