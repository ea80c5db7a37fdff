import type { Readable } from 'node:stream'
import { BridgeProblem } from './problems.ts'

/** The largest body that a bridge route reads: the API's own limit. */
export const MAX_BODY = 64 * 1024
const DEADLINE = 10_000

/** After an early refusal the rest of the body is still on its way: only a new connection is free of it. */
const CLOSE = { connection: 'close' }

/** The text of a request's body. @throws {BridgeProblem} when there is too much of it, it comes too slowly, or it is not UTF-8. */
export function readBoundedText(request: Readable, deadline: number = DEADLINE): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  return new Promise<string>((resolve, reject) => {
    const late = setTimeout(() => settle(new BridgeProblem('REQUEST_TIMEOUT', CLOSE)), deadline)

    function take(chunk: Buffer): void {
      size += chunk.length
      if (size > MAX_BODY) settle(new BridgeProblem('BODY_TOO_LARGE', CLOSE))
      else chunks.push(chunk)
    }
    const end = () => settle()
    const broken = () => settle(new BridgeProblem('MALFORMED_REQUEST', CLOSE))

    function settle(problem?: BridgeProblem): void {
      clearTimeout(late)
      request.off('data', take).off('end', end).off('close', broken)
      if (problem) {
        request.pause()
        return reject(problem)
      }
      try {
        resolve(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)))
      } catch {
        reject(new BridgeProblem('MALFORMED_REQUEST'))
      }
    }
    request.on('data', take).on('end', end).on('close', broken).once('error', broken)
  })
}
