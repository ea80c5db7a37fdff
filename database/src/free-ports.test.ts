import { createServer, type AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { findFreePort } from './free-ports.ts'

describe('findFreePort', () => {
  const servers: ReturnType<typeof createServer>[] = []
  afterEach(() => {
    for (const server of servers.splice(0)) server.close()
  })

  it('never gives the same port twice, however many ask at once', async () => {
    const ports = await Promise.all(Array.from({ length: 300 }, () => findFreePort()))
    expect(new Set(ports).size).toBe(300)
    for (const port of ports) expect(port).toBeGreaterThanOrEqual(15_000)
  })

  it('gives ports that can be listened on, and keeps clear of those of outgoing connections', async () => {
    const server = createServer()
    servers.push(server)
    const port = await findFreePort()
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    expect((server.address() as AddressInfo).port).toBe(port)
    expect(port).toBeLessThan(32_768)
  })
})
