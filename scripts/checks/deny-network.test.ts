import { createServer, connect, type AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'

describe('the network in tests', () => {
  it('ends at this machine', async () => {
    // 192.0.2.0/24 and .invalid lead nowhere (RFC 5737, RFC 2606), should the guard be gone.
    await expect(fetch('http://192.0.2.1/')).rejects.toMatchObject({
      cause: { message: expect.stringMatching(/Tests talk to this machine alone/) },
    })
    await expect(fetch('http://elsewhere.invalid/')).rejects.toMatchObject({
      cause: { message: expect.stringMatching(/tried to reach elsewhere.invalid/) },
    })
    expect(() => connect(443, '192.0.2.1')).toThrow(/tried to reach 192.0.2.1/)
  })

  it('is there on this machine', async () => {
    const server = createServer((socket) => socket.end('here'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const socket = connect((server.address() as AddressInfo).port, 'localhost')
    const said = await new Promise<string>((resolve) => socket.once('data', (data) => resolve(data.toString())))
    expect(said).toBe('here')
    server.close()
  })
})
