import { setTimeout as delay } from 'node:timers/promises'
import type { ServerResponse } from 'node:http'
import type { Answer, RequestOptions, TestNginx, Upstream } from './start-nginx.ts'

/** A request by the name of the site, as a browser sends it. */
export function visit(nginx: TestNginx, path: string, { headers, ...options }: RequestOptions = {}): Promise<Answer> {
  return nginx.get(path, { ...options, headers: { Host: `localhost:${nginx.httpsPort}`, ...headers } })
}

/** Answers like the application does where the answer is the same for everyone; `words` tell one answer from the next. */
export function answerPublicly(words: string, headers: Record<string, string> = {}): Upstream['answer'] {
  return (_, response: ServerResponse) => {
    response.setHeaders(new Map(Object.entries({ 'content-type': 'text/html', 'x-accel-expires': '1', ...headers })))
    response.end(words)
  }
}

/** Waits for the beginning of a second: what is asked now is asked in one and the same. */
export async function nextSecond(): Promise<void> {
  await delay(1_020 - (Date.now() % 1_000))
}

/** Nobody listens any more, and open connections end. */
export async function goDown({ server }: Upstream): Promise<void> {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
}

/** Listens again where it did. */
export async function comeBack({ server, port }: Upstream): Promise<void> {
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
}
