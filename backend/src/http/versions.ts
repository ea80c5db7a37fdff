import { Timestamp } from '@kennwilliamson/contracts/common'

/** The `ETag` of a thing: its `updated_at`, so that `If-Match` can be built from a list too. */
export function versionTag(updatedAt: string): string {
  return `"${updatedAt}"`
}

/**
 * The versions that an `If-Match` header accepts (RFC 9110, section 13.1.1); null for any, so also where there is no such header. A tag that is none of ours
 * matches nothing. `W/` is passed over: nginx writes it before the tag of an answer that it compresses.
 */
export function readIfMatch(header: string | undefined): string[] | null {
  if (header === undefined || header.trim() === '*') return null
  return header
    .split(',')
    .map((tag) => /^\s*(?:W\/)?"([^"]*)"\s*$/.exec(tag)?.[1] ?? '')
    .filter((text) => Timestamp.safeParse(text).success && !Number.isNaN(Date.parse(text)))
}
