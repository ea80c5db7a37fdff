import { readFile } from 'node:fs/promises'

/** All that the site has written to its logs. A site that was started by hand names its files in E2E_SITE_LOGS, with colons between. */
export async function readLogs(): Promise<string> {
  const files = (process.env.E2E_SITE_LOGS ?? '').split(':').filter(Boolean)
  if (files.length === 0) throw new Error('E2E_SITE_LOGS names no log of the site')
  return (await Promise.all(files.map((file) => readFile(file, 'utf8')))).join('\n')
}
