import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { fromSchema, mutationsOf, type JsonSchema } from './from-schema.ts'

const schema = z.strictObject({
  id: z.uuid(),
  level: z.enum(['private', 'count']),
  title: z.string().min(1).max(5),
  slug: z.string().regex(/^[a-z]{2,6}$/),
  note: z.string().nullable(),
  number: z.int().min(1).max(9),
  at: z.iso.datetime(),
  list: z.array(z.boolean()).max(3).optional(),
})

describe('values from a schema', () => {
  it('are what the schema describes', () => {
    const values = fromSchema(z.toJSONSchema(schema, { io: 'input' }) as JsonSchema)
    fc.assert(
      fc.property(values, (value) => {
        expect(schema.safeParse(value).error).toBeUndefined()
      }),
    )
  })

  it('are refused where nothing is known of them', () => {
    expect(() => fromSchema({ type: 'tuple' })).toThrow('no values of type tuple')
    expect(() => fromSchema({ type: 'number', multipleOf: 2 } as JsonSchema)).toThrow('nothing is known here of multipleOf')
    expect(() => fromSchema({ type: 'string', format: 'hostname' })).toThrow('no texts of format hostname')
  })

  it('are mostly refused by the schema once they are mutated, and never changed in their place', () => {
    const value = {
      id: '0192f0c0-0000-7000-8000-000000000001',
      level: 'count',
      title: 'A',
      slug: 'ab',
      note: null,
      number: 1,
      at: '2026-01-01T00:00:00Z',
      list: [true],
    }
    const before = structuredClone(value)
    const mutated = fc.sample(mutationsOf(value), 500)
    expect(mutated.filter((one) => !schema.safeParse(one).success).length).toBeGreaterThan(350)
    expect(value).toEqual(before)
  })
})
