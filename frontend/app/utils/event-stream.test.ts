import fc from 'fast-check'
import { propertyRuns } from '@kennwilliamson/contracts/testing/property-runs'
import { describe, expect, it } from 'vitest'
import { createStreamReader, type StreamEvent } from './event-stream'

function read(pieces: string[]) {
  const events: StreamEvent[] = []
  const retries: number[] = []
  const feed = createStreamReader({ event: (event) => events.push(event), retry: (after) => retries.push(after) })
  for (const piece of pieces) feed(piece)
  return { events, retries }
}

const STREAM = [
  'retry: 1500',
  '',
  ':',
  '',
  'event: snapshot',
  'id: 7',
  'data: {"a":1}',
  '',
  'event: change',
  'id: 8',
  'data: one',
  'data:two',
  '',
  'data: unfinished',
]

describe('createStreamReader', () => {
  it('tells of whole events only, with the id that was said last', () => {
    expect(read([STREAM.join('\n')])).toEqual({
      events: [
        { name: 'snapshot', data: '{"a":1}', id: '7' },
        { name: 'change', data: 'one\ntwo', id: '8' },
      ],
      retries: [1500],
    })
  })

  it('reads the same wherever the stream is cut, and whatever its line breaks are', () => {
    const whole = read([STREAM.join('\n')])
    fc.assert(
      fc.property(fc.constantFrom('\n', '\r\n', '\r'), fc.array(fc.nat(200), { maxLength: 12 }), (lineBreak, cuts) => {
        const text = STREAM.join(lineBreak)
        const places = [0, ...cuts.map((cut) => cut % text.length).sort((a, b) => a - b), text.length]
        expect(read(places.slice(1).map((end, index) => text.slice(places[index], end)))).toEqual(whole)
      }),
      { numRuns: propertyRuns(500) },
    )
  })

  it('takes no retry that is no number, and no field that it does not know', () => {
    expect(read(['retry: soon\nretry:-1\nfoo: bar\n\n'])).toEqual({ events: [], retries: [] })
  })
})
