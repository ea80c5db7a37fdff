import type { FastifyRequest } from 'fastify'

/** Where a request comes from: the browser's own words, at most 256 characters, and the client's address as trusted proxies say. */
export function deviceOf(request: FastifyRequest): { userAgent: string | null; ip: string } {
  // Code points, as PostgreSQL counts; header bytes arrive as Latin-1, and NUL cannot be stored.
  const userAgent = Array.from(request.headers['user-agent'] ?? '')
    .slice(0, 256)
    .join('')
    .replaceAll('\0', '')
  return { userAgent: userAgent || null, ip: request.ip }
}
