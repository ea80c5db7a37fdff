import type { ZodType } from 'zod'

/** Checks values by a schema of the contracts: the first complaint about each field, none when all is well. */
export function complaints(schema: ZodType, values: unknown): Record<string, string> {
  const found: Record<string, string> = {}
  for (const { path, message } of schema.safeParse(values).error?.issues ?? []) found[String(path[0])] ??= message
  return found
}
