/**
 * The name that a `Content-Disposition` header (RFC 6266) gives to a file, without anything that could be a path; `download.json`
 * where it gives none. Only the plain form is read: our own API writes no other.
 */
export function fileNameOf(header: string | null): string {
  const [, name] = /;\s*filename="([^"\\]*)"/i.exec(header ?? '') ?? []
  return name && /^[\w.-]+$/.test(name) && !name.startsWith('.') ? name : 'download.json'
}
