import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { chromium } from '@playwright/test'
import lighthouse, { type Result } from 'lighthouse'
import { findFreePort } from '../../database/src/free-ports.ts'
import { traceWithoutWaits, type TraceEvent } from './trace-without-waits.ts'

/** The browser that measures. */
interface Browser {
  executablePath?: string
  args?: string[]
}

/**
 * Measures a page as a phone on a slow line, in a browser of its own and without the waits of this machine for its processors. `report`: a file for
 * what can be opened in a browser. @throws where Lighthouse measures nothing.
 */
export async function measurePage(url: string, { executablePath, args = [] }: Browser, report?: string): Promise<Result> {
  const port = await findFreePort()
  const folder = await mkdtemp(path.join(tmpdir(), 'kennwilliamson-lighthouse-'))
  const browser = await chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    // How a page loads is measured here, so clocks stand: what they cost while they run is in clock.spec.ts, against a bare page.
    args: [...args, '--ignore-certificate-errors', '--force-prefers-reduced-motion', `--remote-debugging-port=${String(port)}`],
  })
  try {
    // A live page is never without a connection: Lighthouse would wait its 45 seconds for the end of it.
    const flags = { output: 'html', logLevel: 'error', maxWaitForLoad: 12_000 } as const
    await lighthouse(url, { ...flags, port, gatherMode: folder })
    const file = path.join(folder, 'trace.json')
    const trace = JSON.parse(await readFile(file, 'utf8')) as { traceEvents: TraceEvent[] }
    await writeFile(file, JSON.stringify({ ...trace, traceEvents: traceWithoutWaits(trace.traceEvents) }))
    const measured = await lighthouse(url, { ...flags, auditMode: folder })
    if (typeof measured?.report !== 'string') throw new Error(`Lighthouse has not measured ${url}`)
    if (report !== undefined) {
      await mkdir(path.dirname(report), { recursive: true })
      await writeFile(report, measured.report)
    }
    return measured.lhr
  } finally {
    await rm(folder, { recursive: true, force: true })
    await browser.close()
  }
}
