/**
 * Where to go after signing in: the path asked for when it lies on this site, else the dashboard. What a browser would read as
 * another host (`//evil`, `/\evil`, a scheme, control characters in between) never passes, so a link to the sign-in page cannot
 * send people elsewhere.
 */
export function safeRedirect(asked: unknown, fallback = '/incidents'): string {
  if (typeof asked !== 'string' || !/^\/(?![/\\])[\x21-\x7e]*$/.test(asked) || asked.includes('\\')) return fallback
  try {
    const base = 'https://site.invalid'
    const url = new URL(asked, base)
    // Normalising must not make a path that starts with two slashes, as `/.//evil` would.
    if (url.origin !== base || url.pathname.startsWith('//')) return fallback
    return url.pathname + url.search + url.hash
  } catch {
    return fallback
  }
}
