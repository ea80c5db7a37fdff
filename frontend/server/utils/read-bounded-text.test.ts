import { PassThrough, Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { MAX_BODY, readBoundedText } from './read-bounded-text.ts'

describe('readBoundedText', () => {
  it('reads a body that comes in pieces, also when a character is cut in two', async () => {
    const bytes = Buffer.from('{"name":"Zoë"}')
    expect(await readBoundedText(Readable.from([...bytes].map((byte) => Buffer.from([byte]))))).toBe('{"name":"Zoë"}')
  })

  it('reads as much as the API would, and refuses one byte more', async () => {
    expect(await readBoundedText(Readable.from([Buffer.alloc(MAX_BODY, 'a')]))).toHaveLength(MAX_BODY)
    await expect(readBoundedText(Readable.from([Buffer.alloc(MAX_BODY, 'a'), Buffer.from('a')]))).rejects.toMatchObject({
      code: 'BODY_TOO_LARGE',
    })
  })

  it('refuses a body that drips', async () => {
    const stream = new PassThrough()
    stream.write('{')
    await expect(readBoundedText(stream, 20)).rejects.toMatchObject({ code: 'REQUEST_TIMEOUT', headers: { connection: 'close' } })
    expect(stream.destroyed).toBe(false)
  })

  it('refuses what is not UTF-8', async () => {
    await expect(readBoundedText(Readable.from([Buffer.from([0x7b, 0xff])]))).rejects.toMatchObject({ code: 'MALFORMED_REQUEST' })
  })

  it('does not wait for a client that has gone', async () => {
    const stream = new PassThrough()
    stream.write('{')
    setTimeout(() => stream.destroy(), 5)
    await expect(readBoundedText(stream)).rejects.toMatchObject({ code: 'MALFORMED_REQUEST' })
  })
})
