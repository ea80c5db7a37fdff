import { describe, expect, it } from 'vitest'
import { fileNameOf } from './file-name.ts'

describe('fileNameOf', () => {
  it('is the name that the header gives', () => {
    expect(fileNameOf('attachment; filename="kennwilliamson-ada-2026-07-05.json"')).toBe('kennwilliamson-ada-2026-07-05.json')
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
