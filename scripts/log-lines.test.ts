import { describe, expect, it } from 'vitest'
import { lineSplitter, readableLine } from './log-lines.ts'

describe('lineSplitter', () => {
  it('gives whole lines, however they arrive', () => {
    const lines: string[] = []
    const feed = lineSplitter((line) => lines.push(line))
    for (const chunk of ['fir', 'st\nsecond\r\n\n', 'thi', 'rd\n']) feed(chunk)
    expect(lines).toEqual(['first', 'second', 'third'])
  })

  it('cuts a line that never ends', () => {
    const lines: string[] = []
    lineSplitter((line) => lines.push(line))('x'.repeat(10_000))
    expect(lines).toHaveLength(1)
  })
})

describe('readableLine', () => {
  it('makes words of a JSON line', () => {
    expect(readableLine('api', '{"level":30,"time":1,"pid":2,"msg":"answered","path":"/backend/me","ms":1.5}')).toBe(
      'info  answered path=/backend/me ms=1.5',
    )
    expect(readableLine('api', '{"level":"warn","msg":"slow","detail":"two words"}')).toBe('warn  slow detail="two words"')
    expect(readableLine('api', '{"level":50,"msg":"failed","err":{"message":"x","stack":"Error: x\\n    at y"}}')).toBe(
      'error failed err=Error: x\n    at y',
    )
  })

  it('leaves other lines as they are', () => {
    expect(readableLine('nuxt', 'Listening on http://127.0.0.1:3000')).toBe('Listening on http://127.0.0.1:3000')
    expect(readableLine('api', '{ no JSON')).toBe('{ no JSON')
  })

  it('S20: takes queries and secret links out of what nginx says', () => {
    const line =
      'upstream timed out, request: "GET /backend/s/abcdef/events?token=ghijkl HTTP/2.0", upstream: "http://127.0.0.1:8080/s/abcdef?x=y"'
    const shown = readableLine('nginx', line)
    expect(shown).toContain('GET /backend/s/…/events HTTP/2.0')
    for (const secret of ['abcdef', 'ghijkl', 'x=y']) expect(shown).not.toContain(secret)
  })
})
