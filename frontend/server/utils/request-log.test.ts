import { createEvent } from 'h3'
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { createLog, loggableError, type LogLevel } from './log.ts'
import { logAnswer, loggablePath, requestLogOf } from './request-log.ts'

function eventOf(url: string, headers: Record<string, string> = {}) {
  const request = Object.assign(new IncomingMessage(new Socket()), { url, method: 'GET', headers })
  return createEvent(request, new ServerResponse(request))
}

function linesAt(level: LogLevel) {
  const lines: string[] = []
  return {
    lines,
    log: createLog(
      level,
      (line) => lines.push(line),
      () => new Date('2026-01-02T03:04:05.678Z'),
    ),
  }
}

describe('loggablePath', () => {
  it.each([
    ['/ada/incident-timer?token=SECRET', '/ada/incident-timer'],
    ['/s/SECRET', '/s/…'],
    ['/s/SECRET/x?y=SECRET', '/s/…/x'],
    ['/S/SECRET', '/S/…'],
    ['//s//SECRET', '//s//…'],
    ['/backend/s/SECRET/events', '/backend/s/…/events'],
    ['/%73/SECRET', '/s/…'],
    ['/s%2fSECRET', '/s/…'],
    ['/s/%53ECRET#SECRET', '/s/…'],
    ['/sven/incident-timer', '/sven/incident-timer'],
    ['/%zz', '/%zz'],
  ])('S20: %s → %s', (url, path) => expect(loggablePath(url)).toBe(path))
})

describe('requestLogOf', () => {
  it('keeps the id that nginx gave, and makes one for the whole request otherwise', () => {
    expect(requestLogOf(eventOf('/', { 'x-request-id': 'a0b1c2d3e4f5' })).requestId).toBe('a0b1c2d3e4f5')
    for (const bad of [{}, { 'x-request-id': 'x' }, { 'x-request-id': '"}\n' }, { 'x-request-id': 'x'.repeat(65) }] as Record<
      string,
      string
    >[]) {
      const event = eventOf('/', bad)
      expect(requestLogOf(event).requestId).toMatch(/^[\da-f-]{36}$/)
      expect(requestLogOf(event)).toBe(requestLogOf(event))
    }
  })
})

describe('logAnswer', () => {
  it('S20: writes the keys of the API’s log, and nothing that a request carries', () => {
    const { lines, log } = linesAt('info')
    const carried = { cookie: 'SECRET', authorization: 'SECRET', referer: 'SECRET', 'user-agent': 'SECRET' }
    const event = eventOf('/ada/x?email=SECRET', { ...carried, 'x-request-id': 'a0b1c2d3e4f5' })
    event.node.res.writeHead(404)
    logAnswer(log, event)
    expect(lines).toHaveLength(1)
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      level: 'info',
      time: '2026-01-02T03:04:05.678Z',
      reqId: 'a0b1c2d3e4f5',
      method: 'GET',
      path: '/ada/x',
      status: 404,
      ms: expect.any(Number) as number,
      msg: 'answered',
    })
    expect(lines.join()).not.toContain('SECRET')
  })

  it('says of a visitor who went away that there was no answer', () => {
    const { lines, log } = linesAt('info')
    logAnswer(log, eventOf('/'))
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ status: 499 })
  })

  it('warns of failures, and tells of health checks in detail only', () => {
    const { lines, log } = linesAt('info')
    const failed = eventOf('/')
    failed.node.res.writeHead(503)
    logAnswer(log, failed)
    logAnswer(log, eventOf('/api/health/ready'))
    expect(lines.map((line) => (JSON.parse(line) as { level: string }).level)).toEqual(['warn'])
    const detailed = linesAt('debug')
    logAnswer(detailed.log, eventOf('/api/health'))
    expect(detailed.lines).toHaveLength(1)
    const quiet = linesAt('silent')
    quiet.log('fatal', {}, 'x')
    expect(quiet.lines).toEqual([])
  })
})

describe('loggableError', () => {
  it('names what it shows: an error may carry a request', () => {
    const error = Object.assign(new TypeError('broken'), { code: 'E_X', request: { cookie: 'SECRET' } })
    expect(loggableError(error)).toEqual({ type: 'TypeError', code: 'E_X', message: 'broken', stack: error.stack })
    expect(JSON.stringify(loggableError({ cookie: 'SECRET' }))).not.toContain('SECRET')
  })
})
