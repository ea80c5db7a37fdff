import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { propertyRuns } from '@kennwilliamson/contracts/testing/property-runs'
import { createEventReader, type StreamEvent } from './event-stream.ts'

function readAll(pieces: string[]): StreamEvent[] {
  const read = createEventReader()
  return pieces.flatMap((piece) => read(piece).events)
}

describe('createEventReader', () => {
  it('reads what the API writes', () => {
    const text = 'event: snapshot\nid: 7\ndata: {"a":1}\n\n:\n\nevent: change\nid: 8\ndata: {"a":2}\n\n'
    expect(readAll([text])).toEqual([
      { type: 'snapshot', data: '{"a":1}' },
      { type: 'change', data: '{"a":2}' },
    ])
  })

  it('reads the same wherever the text is cut, and whatever ends its lines', () => {
    const line = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll(/[\r\n]/g, ''))
    const event = fc.record({
      type: fc.constantFrom('snapshot', 'change', 'gone'),
      data: fc.array(line, { minLength: 1, maxLength: 3 }),
    })
    fc.assert(
      fc.property(
        fc.array(event, { maxLength: 4 }),
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.array(fc.nat(60)),
        (events, end, cuts) => {
          const text = events
            .map(({ type, data }) => [': beat', `event: ${type}`, ...data.map((one) => `data: ${one}`), '', ''].join(end))
            .join('')
          const pieces: string[] = []
          let at = 0
          for (const length of cuts) {
            pieces.push(text.slice(at, at + length))
            at += length
          }
          // A lone CR at the very end waits for what may follow it.
          pieces.push(text.slice(at), ': end\n')
          expect(readAll(pieces)).toEqual(events.map(({ type, data }) => ({ type, data: data.join('\n') })))
        },
      ),
      { numRuns: propertyRuns(200) },
    )
  })

  it('passes over comments, unknown fields, events without data, and one that never ended', () => {
    expect(readAll([': hello\n\nid: 3\nfoo: bar\nevent: change\n\nevent: snapshot\ndata: x\n'])).toEqual([])
  })

  it('tells when to come back, and takes no other number for it', () => {
    const read = createEventReader()
    expect(read('retry: 1500\n\n').retry).toBe(1500)
    expect(read('retry: -1\nretry: 1e9\nretry:\nretry: soon\n').retry).toBeNull()
  })

  it('gives up on an event without an end', () => {
    const read = createEventReader()
    expect(() => {
      for (let pieces = 0; pieces < 400; pieces++) read(`data: ${'x'.repeat(1000)}\n`)
    }).toThrow('without an end')
  })
})
