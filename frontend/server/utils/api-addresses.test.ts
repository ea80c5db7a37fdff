import { describe, expect, it, vi } from 'vitest'
import { createAddresses, type Resolve } from './api-addresses.ts'

describe('createAddresses', () => {
  it('begins with the next address each time', async () => {
    const { inTurn } = createAddresses('api', async () => ['a', 'b', 'c'])
    expect(await inTurn()).toEqual(['a', 'b', 'c'])
    expect(await inTurn()).toEqual(['b', 'c', 'a'])
    expect(await inTurn()).toEqual(['c', 'a', 'b'])
    expect(await inTurn()).toEqual(['a', 'b', 'c'])
  })

  it('asks one that failed last, for five seconds', async () => {
    let time = 0
    const { inTurn, failed } = createAddresses(
      'api',
      async () => ['a', 'b'],
      () => time,
    )
    failed('a')
    expect(await inTurn()).toEqual(['b', 'a'])
    expect(await inTurn()).toEqual(['b', 'a'])
    time = 5_000
    expect(await inTurn()).toEqual(['a', 'b'])
  })

  it('asks for the addresses every two seconds at most, and once for all who wait', async () => {
    let time = 0
    const resolve = vi.fn<Resolve>(async () => ['a'])
    const { inTurn } = createAddresses('api', resolve, () => time)
    await Promise.all([inTurn(), inTurn(), inTurn()])
    time = 1_999
    await inTurn()
    expect(resolve).toHaveBeenCalledTimes(1)
    time = 2_000
    await inTurn()
    expect(resolve).toHaveBeenCalledTimes(2)
  })

  it('goes on with what it knew while the name server is away or silent, and fails when it knew nothing', async () => {
    let time = 0
    const resolve = vi
      .fn<Resolve>()
      .mockResolvedValueOnce(['a'])
      .mockRejectedValueOnce(new Error('EAI_AGAIN'))
      .mockReturnValueOnce(new Promise(() => undefined))
    const { inTurn } = createAddresses('api', resolve, () => time)
    for (let round = 0; round < 3; round++) {
      expect(await inTurn()).toEqual(['a'])
      time += 2_000
    }
    expect(resolve).toHaveBeenCalledTimes(3)
    await expect(createAddresses('api', async () => Promise.reject(new Error('ENOTFOUND'))).inTurn()).rejects.toThrow('ENOTFOUND')
  })

  it('asks nobody about an address', async () => {
    const resolve = vi.fn<Resolve>()
    expect(await createAddresses('127.0.0.1', resolve).inTurn()).toEqual(['127.0.0.1'])
    expect(await createAddresses('[::1]', resolve).inTurn()).toEqual(['::1'])
    expect(resolve).not.toHaveBeenCalled()
  })
})
