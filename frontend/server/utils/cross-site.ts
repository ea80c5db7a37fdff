/** What a browser says about where a request comes from, and where it went. */
export interface RequestOrigin {
  method: string
  /** `Sec-Fetch-Site`, where the browser sends it. */
  fetchSite: string | undefined
  origin: string | undefined
  /** Where the request was sent to, as nginx saw it: scheme, host and port. */
  asked: string | undefined
  /** Origin of the site as configured. */
  siteUrl: string
  /** The answer tells about the person who is signed in. */
  personal: boolean
}

/** Methods that change nothing (RFC 9110, 9.2.1). */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Whether a request was made by another site in a visitor's name. Browsers send both headers by themselves and pages cannot
 * forge them; a request with neither is no browser's, carries no stolen cookie, and passes. Comparison is exact, as in the API: another
 * scheme, port or case is another origin, and `null` is nobody's.
 */
export function isCrossSite(request: RequestOrigin): boolean {
  const changing = !SAFE.has(request.method)
  if (!changing && !request.personal) return false
  if (request.fetchSite !== undefined && request.fetchSite !== 'same-origin' && request.fetchSite !== 'none') return true
  return changing && request.origin !== undefined && request.origin !== request.siteUrl && request.origin !== request.asked
}
