/**
 * The name that a `Content-Disposition` header (RFC 6266) gives to a file, without anything that could be a path; `download.json`
 * where it gives none. The extended form (RFC 8187), in which a name has letters of any script, goes before the plain one.
 */
export function fileNameOf(header: string | null): string {
  const [, extended] = /;\s*filename\*=UTF-8''([^;\s]*)/i.exec(header ?? '') ?? []
  const [, plain] = /;\s*filename="([^"\\]*)"/i.exec(header ?? '') ?? []
  return [decoded(extended), plain].find(isPlain) ?? 'download.json'
}

function decoded(text: string | undefined): string | undefined {
  try {
    return text && decodeURIComponent(text)
  } catch {
    return undefined
  }
}

function isPlain(name: string | undefined): name is string {
  return name !== undefined && /^[\p{L}\p{N}\p{M}_.-]+$/u.test(name) && !name.startsWith('.')
}
