import { describe, expect, test } from 'vitest'
import { readIfMatch, versionTag } from './versions.ts'

const TIME = '2026-07-05T13:58:04.123456Z'

describe('If-Match', () => {
  test('names the versions that are accepted, and without one or with a star any', () => {
    expect(readIfMatch(versionTag(TIME))).toEqual([TIME])
    expect(readIfMatch(`W/"${TIME}" , "2026-01-01T00:00:00Z"`)).toEqual([TIME, '2026-01-01T00:00:00Z'])
    for (const any of [undefined, '*', ' * ']) expect(readIfMatch(any)).toBeNull()
  })

  test.each(['', TIME, '"', '""', '"x"', `'${TIME}'`, '"2026-13-45T00:00:00Z"', '"infinity"', `"${TIME}`, '"*"'])(
    '%j is none of ours, so it matches nothing',
    (header) => {
      expect(readIfMatch(header)).toEqual([])
    },
  )
})
