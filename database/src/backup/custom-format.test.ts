import { describe, expect, it } from 'vitest'
import { dumpArguments, libpqEnvironment, orderArchive, restoreArguments, runProgram } from './custom-format.ts'

describe('the programs of PostgreSQL', () => {
  it('get the address in the environment, so that no password stands in a list of processes', () => {
    const url = 'postgres://own%40er:p%2Fss%20w%3Ard@db.internal:5433/kenn?sslmode=require'
    expect(libpqEnvironment(url)).toMatchObject({
      PGHOST: 'db.internal',
      PGPORT: '5433',
      PGUSER: 'own@er',
      PGPASSWORD: 'p/ss w:rd',
      PGDATABASE: 'kenn',
      PGSSLMODE: 'require',
    })
    expect(libpqEnvironment('postgres://a:b@[::1]/x')).toMatchObject({ PGHOST: '::1', PGPORT: '5432' })
  })

  it('dump one snapshot into one archive', () => {
    expect(dumpArguments('00000003-0000001B-1', '/b/database.dump')).toEqual([
      '--format=custom',
      '--snapshot=00000003-0000001B-1',
      '--lock-wait-timeout=60s',
      '--no-password',
      '--file=/b/database.dump',
    ])
  })

  it('restore rows alone, all or nothing, in the order of a list', () => {
    expect(restoreArguments('scratch', '/tmp/list', '/b/database.dump')).toEqual([
      '--data-only',
      '--single-transaction',
      '--exit-on-error',
      '--no-owner',
      '--no-privileges',
      '--no-password',
      '--use-list=/tmp/list',
      '--dbname=scratch',
      '/b/database.dump',
    ])
  })

  it('complain in one line, without the values of a row', async () => {
    const script = (text: string) => runProgram('sh', ['-c', `echo '${text}' >&2; exit 1`], {})
    await expect(
      script(
        'pg_restore: error: COPY failed for table "users": ERROR:  invalid input syntax for type uuid: "secret"\nCONTEXT: secret',
      ),
    ).rejects.toThrow(/^sh failed: COPY failed for table "users": ERROR: {2}invalid input syntax for type uuid$/)
    await expect(script('what?')).rejects.toThrow('sh failed: it ended with exit code 1')
    await expect(runProgram('pg_nothing', [], {})).rejects.toThrow('pg_nothing 17 was not found on this machine')
  })
})

describe('orderArchive', () => {
  const LIST = `;
; Archive created at 2026-11-24 01:00:00 UTC
;
217; 1259 16389 TABLE public incidents owner
3456; 0 16401 TABLE DATA public incidents owner
3457; 0 16402 TABLE DATA public schemaversion owner
3458; 0 16403 TABLE DATA public users owner
`
  it('puts what is pointed at before what points at it, and leaves out the rest', () => {
    expect(orderArchive(LIST, ['users', 'incidents'])).toBe(
      '3458; 0 16403 TABLE DATA public users owner\n3456; 0 16401 TABLE DATA public incidents owner\n',
    )
  })

  it('refuses an archive that lacks a table', () => {
    expect(() => orderArchive(LIST, ['users', 'timers'])).toThrow('the archive holds no rows of timers')
  })
})
