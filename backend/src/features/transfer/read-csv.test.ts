import { describe, expect, test } from 'vitest'
import { readCsv } from './read-csv.ts'

const times = async (text: string) => (await readCsv(text)).entries.map(({ at, notes }) => [at, notes])

describe('our own CSV', () => {
  test('is read with its kinds, notes over several lines, and the number of the line at which each began', async () => {
    const text = [
      'kind,occurred_at,notes,corrected_at',
      'start,2026-01-01T00:00:00Z,,',
      'incident,2026-01-02T10:00:00.123456Z,"one\ntwo, three",',
      "incident,2026-01-03T10:00:00+02:00,'=1+1,2026-01-04T00:00:00Z",
      '',
    ].join('\r\n')
    expect(await readCsv(text)).toEqual({
      startedAt: '2026-01-01T00:00:00Z',
      refused: [],
      entries: [
        { line: 3, at: '2026-01-02T10:00:00.123456Z', isLocal: false, notes: 'one\ntwo, three', correctedAt: null },
        { line: 5, at: '2026-01-03T10:00:00+02:00', isLocal: false, notes: '=1+1', correctedAt: '2026-01-04T00:00:00Z' },
      ],
    })
  })

  test('is read as spreadsheets write it again: with semicolons or tabs, in another order, with columns of their own', async () => {
    for (const separator of [';', '\t', ','])
      expect(
        await times(`Mood${separator}Occurred_At ${separator}NOTES\nfine${separator}2026-01-02 10:00${separator}x\n`),
      ).toEqual([['2026-01-02 10:00:00', 'x']])
    expect(await times('\ufeffoccurred_at\n2026-01-02')).toEqual([['2026-01-02 00:00:00', null]])
  })

  test('says of each line why it is none', async () => {
    const { entries, refused } = await readCsv(
      ['occurred_at,notes,kind', 'yesterday,', '2026-02-30T00:00:00Z,', ',', `2026-01-01T00:00:00Z,${'x'.repeat(2001)}`]
        .concat([
          '2026-01-01T00:00:00Z,fine',
          '0999-01-01T00:00:00Z,',
          '2026-01-01T00:00:00Z,x,pause',
          '2026-01-01T00:00:00Z,"\u0000"',
        ])
        .join('\n'),
    )
    expect(entries.map(({ line }) => line)).toEqual([6])
    const time = 'the time must be one such as 2026-07-05T13:58:04Z'
    expect(refused).toEqual([
      { line: 2, reason: time },
      { line: 3, reason: time },
      { line: 4, reason: 'says no time' },
      { line: 5, reason: 'the note must have at most 2000 characters' },
      { line: 7, reason: time },
      { line: 8, reason: 'the kind must be incident or start' },
      { line: 9, reason: 'the note contains characters that cannot be used here' },
    ])
  })
})

describe('a file of Loop Habit Tracker', () => {
  test('is read by day, in the words of its newer and the numbers of its older form', async () => {
    const newer =
      'Date,Value,Notes\n2026-02-02,YES_MANUAL,"after all, again"\n2026-02-01,NO,\n2026-01-31,UNKNOWN,\n2026-01-30,7000,\n'
    expect(await times(newer)).toEqual([
      ['2026-02-02 00:00:00', 'after all, again'],
      ['2026-01-30 00:00:00', null],
    ])
    expect(await times('2026-02-02,2\n2026-02-01,0\n2026-01-31,1\n2026-01-30,3\n2026-01-29,-1\n')).toEqual([
      ['2026-02-02 00:00:00', null],
    ])
    expect(await times('Time\n2026-02-02 13:58\n2026-02-01T07:00:09\n')).toEqual([
      ['2026-02-02 13:58:00', null],
      ['2026-02-01 07:00:09', null],
    ])
    expect(await times('Date,Meditate,\n2026-02-02,YES_MANUAL,\n')).toEqual([['2026-02-02 00:00:00', null]])
  })

  test('says so where it is not one habit’s, and names lines that cannot be', async () => {
    await expect(readCsv('Date,Meditate,Wake up early,\n2026-02-02,YES_MANUAL,NO,\n')).rejects.toMatchObject({
      extras: { errors: [{ path: 'file', message: expect.stringContaining('several habits') as string }] },
    })
    await expect(readCsv('Date,Score\n2026-02-02,0.5\n')).rejects.toThrow()
    expect((await readCsv('Date,Value\n2026-02-02,often\n2026-02-31,2\n')).refused.map(({ line }) => line)).toEqual([2, 3])
  })
})

test.each([
  ['nothing', ''],
  ['another table', 'name,age\nAda,36\n'],
  ['a picture', '\u0089PNG\r\n'],
  ['quotation marks that do not close', 'occurred_at,notes\n2026-01-01T00:00:00Z,"open\n'],
])('%s is no file of ours', async (_what, text) => {
  await expect(readCsv(text)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
})
