import { describe, expect, test } from 'vitest'
import { loggablePath } from './logging.ts'

describe('loggablePath', () => {
  test.each([
    ['/backend/incident-timers?limit=1', '/backend/incident-timers'],
    ['/backend/s/SECRET', '/backend/s/…'],
    ['/backend/s/SECRET/events?x=SECRET', '/backend/s/…/events'],
    ['/backend/%73/SECRET', '/backend/s/…'],
    ['/Backend/S/SECRET', '/Backend/S/…'],
    ['/backend/s/%53ECRET', '/backend/s/…'],
    ['/backend/%zz', '/backend/%zz'],
    ['/backend/shared/ada/incident-timer', '/backend/shared/ada/incident-timer'],
  ])('%s → %s', (url, path) => {
    expect(loggablePath(url)).toBe(path)
  })
})
