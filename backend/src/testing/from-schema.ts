import fc from 'fast-check'

/** JSON Schema as the OpenAPI document has it, as far as requests use it. */
export interface JsonSchema {
  type?: string | string[]
  properties?: Record<string, JsonSchema>
  required?: string[]
  items?: JsonSchema
  enum?: unknown[]
  const?: unknown
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  format?: string
  pattern?: string
  minLength?: number
  maxLength?: number
  minItems?: number
  maxItems?: number
  minimum?: number
  maximum?: number
}

/** What is read here, and what says nothing of the value. */
const KNOWN = new Set([
  ...['type', 'properties', 'required', 'items', 'enum', 'const', 'anyOf', 'oneOf', 'format', 'pattern'],
  ...['minLength', 'maxLength', 'minItems', 'maxItems', 'minimum', 'maximum'],
  ...['$schema', 'additionalProperties', 'default', 'description', 'title'],
])

/** Longer texts say no more. */
const LONGEST = 80

/** Values that a schema describes. @throws for a keyword or a format that is not known here: a fuzz that makes up something else would be blind. */
export function fromSchema(schema: JsonSchema): fc.Arbitrary<unknown> {
  const unknown = Object.keys(schema).filter((key) => !KNOWN.has(key))
  if (unknown.length > 0) throw new Error(`nothing is known here of ${unknown.join(', ')}`)
  const { anyOf, oneOf } = schema
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum) return fc.constantFrom(...schema.enum)
  if (anyOf ?? oneOf) return fc.oneof(...(anyOf ?? oneOf ?? []).map(fromSchema))
  const types = [schema.type ?? []].flat()
  if (types.length > 1) return fc.oneof(...types.map((type) => fromSchema({ ...schema, type })))
  switch (types[0]) {
    case undefined:
      return fc.jsonValue()
    case 'null':
      return fc.constant(null)
    case 'boolean':
      return fc.boolean()
    case 'integer':
      return fc.integer({ min: Math.max(schema.minimum ?? -1e6, -1e9), max: Math.min(schema.maximum ?? 1e6, 1e9) })
    case 'number':
      return fc.double({ noNaN: true, min: schema.minimum ?? -1e9, max: schema.maximum ?? 1e9 })
    case 'string':
      return textFrom(schema)
    case 'array':
      return fc.array(fromSchema(schema.items ?? {}), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(schema.maxItems ?? 5, 20),
      })
    case 'object':
      return fc.record(
        Object.fromEntries(Object.entries(schema.properties ?? {}).map(([key, value]) => [key, fromSchema(value)])),
        { requiredKeys: schema.required ?? [] },
      )
    default:
      throw new Error(`no values of type ${types[0]} are made here`)
  }
}

function textFrom({ format, pattern, minLength = 0, maxLength = LONGEST }: JsonSchema): fc.Arbitrary<string> {
  const fits = (text: string) => text.length >= minLength && text.length <= maxLength
  switch (format) {
    case 'uuid':
      return fc.uuid()
    case 'email':
      return fc.emailAddress().filter(fits)
    case 'date-time':
      return fc
        .date({ min: new Date('1970-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
        .map((date) => date.toISOString())
    case undefined:
      break
    default:
      throw new Error(`no texts of format ${format} are made here`)
  }
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern)).filter(fits)
  const unit = fc.constantFrom<'grapheme' | 'grapheme-ascii'>('grapheme', 'grapheme-ascii')
  const longest = Math.max(minLength, Math.min(maxLength, LONGEST))
  return unit.chain((one) => fc.string({ unit: one, minLength, maxLength: longest })).filter(fits)
}

const ODD: unknown[] = [
  ...[
    null,
    true,
    -1,
    0,
    1.5,
    1e308,
    2 ** 53,
    '',
    ' ',
    '\u0000',
    '\ud800',
    '\u202e',
    '0',
    'NaN',
    '2026-02-30T00:00:00Z',
    "' or 1=1 --",
  ],
  ...['9'.repeat(400), 'x'.repeat(70_000), [], {}, [[[[[[]]]]]], { $ne: null }, { toString: 1 }],
]

/** The paths to all leaves and branches of a value but its root. */
function placesOf(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return path.length > 0 ? [path] : []
  const below = Object.entries(value).flatMap(([key, one]) => placesOf(one, [...path, key]))
  return path.length > 0 ? [path, ...below] : below
}

function changed(
  value: unknown,
  [key = '', ...rest]: string[],
  change: (holder: Record<string, unknown>, key: string) => void,
): unknown {
  const copy = structuredClone(value) as Record<string, unknown>
  if (rest.length === 0) change(copy, key)
  else copy[key] = changed(copy[key], rest, change)
  return copy
}

/** A value with something wrong about it: odd in one place, without something, or with something more. */
export function mutationsOf(value: unknown): fc.Arbitrary<unknown> {
  const odd = fc.constantFrom(...ODD)
  const places = placesOf(value)
  const more = fc
    .tuple(fc.constantFrom('constructor', 'id', 'user_id', 'is_admin', 'x'.repeat(5_000)), odd)
    .map(([key, one]) => (typeof value === 'object' && value !== null ? { ...value, [key]: one } : one))
  if (places.length === 0) return fc.oneof(odd, more)
  const place = fc.constantFrom(...places)
  return fc.oneof(
    fc.tuple(place, odd).map(([path, one]) => changed(value, path, (holder, key) => (holder[key] = one))),
    place.map((path) => changed(value, path, (holder, key) => Reflect.deleteProperty(holder, key))),
    more,
    odd,
  )
}
