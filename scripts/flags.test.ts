import { describe, expect, it } from 'vitest'
import { parseFlags } from './flags.ts'

describe('parseFlags', () => {
  it('knows its flags', () => {
    expect(parseFlags([])).toEqual({ flags: { dev: false, nginx: true, apt: true, help: false }, problems: [] })
    expect(parseFlags(['--dev', '--no-nginx', '--no-apt']).flags).toEqual({ dev: true, nginx: false, apt: false, help: false })
  })

  it('takes no flag for another', () => {
    expect(parseFlags(['--no-ngix']).problems).toHaveLength(1)
  })
})
