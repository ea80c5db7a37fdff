import type { BrowserContext } from '@playwright/test'

/** What Chromium says about a thing that went well. */
const NO_PROBLEM = /^console info: Clear-Site-Data header on '[^']*\/api\/auth\/logout': Cleared data types/

/**
 * Everything that goes wrong in a browser without failing a test by itself: console messages (hydration mismatches and CSP
 * violations among them), errors that nobody caught, requests off the site, requests that failed or were answered badly.
 * What a test provokes it must expect; anything else fails it, and so does an expected problem that did not come.
 */
export class Problems {
  readonly #site: string
  #found: string[] = []
  #expected: { pattern: RegExp; came: boolean }[] = []

  constructor(site: string) {
    this.#site = new URL(site).origin
  }

  watch(context: BrowserContext): void {
    context.on('console', (message) => this.#note(`console ${message.type()}: ${message.text()} (${message.location().url})`))
    context.on('weberror', (error) => this.#note(`uncaught: ${String(error.error())}`))
    context.on('request', (request) => {
      const url = new URL(request.url())
      if (/^https?:$/.test(url.protocol) && url.origin !== this.#site) this.#note(`off the site: ${request.url()}`)
    })
    context.on('requestfailed', (request) => {
      const reason = request.failure()?.errorText ?? ''
      // Whoever leaves a page ends its requests.
      if (reason !== 'net::ERR_ABORTED') this.#note(`failed: ${request.method()} ${request.url()} ${reason}`)
    })
    context.on('response', (response) => {
      if (response.status() >= 400)
        this.#note(`answered ${String(response.status())}: ${response.request().method()} ${response.url()}`)
    })
  }

  /** From here on a problem like this is what the test wants to see. */
  expect(...patterns: RegExp[]): void {
    for (const pattern of patterns) this.#expected.push({ pattern, came: false })
  }

  /** Expects what the browser says about a request that is answered with this status. */
  expectStatus(status: number, path: RegExp): void {
    this.expect(
      new RegExp(`^answered ${String(status)}: \\w+ \\S*${path.source}`),
      new RegExp(`^console error: Failed to load resource: .* status of ${String(status)} .*${path.source}`),
    )
  }

  /** Takes the problems found so far off the list, for a test that looks at them itself. */
  take(): string[] {
    const taken = this.#found
    this.#found = []
    return taken
  }

  /** Expects nothing any more. */
  forget(): void {
    this.#expected = []
  }

  /** Throws when there was a problem that no test expected, or when an expected one did not come. */
  verify(): void {
    const missing = this.#expected
      .filter(({ came }) => !came)
      .map(({ pattern }) => `expected but did not come: ${String(pattern)}`)
    const all = [...this.#found, ...missing]
    if (all.length > 0) throw new Error(`The browser had problems:\n${all.join('\n')}`)
  }

  #note(problem: string): void {
    if (NO_PROBLEM.test(problem)) return
    const expected = this.#expected.filter(({ pattern }) => pattern.test(problem))
    if (expected.length === 0) this.#found.push(problem)
    for (const one of expected) one.came = true
  }
}
