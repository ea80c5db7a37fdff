import { describe, expect, it } from 'vitest'
import { fileNameOf } from './file-name.ts'

describe('fileNameOf', () => {
  it('is the name that the header gives', () => {
    expect(fileNameOf('attachment; filename="kennwilliamson-ada-2026-07-05.json"')).toBe('kennwilliamson-ada-2026-07-05.json')
  })

  it('is the extended one, in any script, where there is one', () => {
    const header = 'attachment; filename="timer.csv"; filename*=UTF-8\'\'%E6%97%A5%E6%9C%AC-2026-07-05.csv'
    expect(fileNameOf(header)).toBe('日本-2026-07-05.csv')
    expect(fileNameOf('attachment; filename="timer.csv"; filename*=UTF-8\'\'..%2Fpasswd')).toBe('timer.csv')
    expect(fileNameOf('attachment; filename="timer.csv"; filename*=UTF-8\'\'%E6%9')).toBe('timer.csv')
  })

  it.each([
    null,
    '',
    'attachment',
    'attachment; filename="../../etc/passwd"',
    'attachment; filename=".hidden"',
    'inline; filename=""',
  ])('is a harmless one where it gives none that is one: %s', (header) => {
    expect(fileNameOf(header)).toBe('download.json')
  })
})
