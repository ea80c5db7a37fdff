import { connect } from 'node:tls'

const PATIENCE_MS = 3_000
const KEEP_MS = 300_000
/** nginx may only be starting. */
const KEEP_FAILURE_MS = 15_000

/** When the certificate that is really served ends, in epoch milliseconds; null when it could not be seen. */
export type ProbeCertificate = () => Promise<number | null>

/**
 * Looks at the certificate that visitors get: a TLS connection to `probe`, asking for `serverName`. Only its dates are of interest,
 * so a self-signed one is as good as any. Looked at each five minutes at most. Never rejects.
 */
export function createCertificateProbe(probe: { host: string; port: number }, serverName: string): ProbeCertificate {
  let running: Promise<number | null> | null = null
  let kept: { value: number | null; until: number } | null = null
  return async () => {
    if (kept && kept.until > performance.now()) return kept.value
    running ??= expiryServed(probe, serverName).finally(() => (running = null))
    const value = await running
    kept = { value, until: performance.now() + (value === null ? KEEP_FAILURE_MS : KEEP_MS) }
    return value
  }
}

function expiryServed({ host, port }: { host: string; port: number }, servername: string): Promise<number | null> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, servername, rejectUnauthorized: false })
    const settle = (value: number | null) => {
      clearTimeout(timer)
      resolve(value)
      socket.destroy()
    }
    const timer = setTimeout(settle, PATIENCE_MS, null)
    socket.once('secureConnect', () => {
      const ends = Date.parse(socket.getPeerCertificate().valid_to)
      settle(Number.isNaN(ends) ? null : ends)
    })
    // Stays for errors that come after the end.
    socket.on('error', () => {
      settle(null)
    })
  })
}
