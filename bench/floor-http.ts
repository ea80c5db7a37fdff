import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

// The least that a Node process can do for an answer: read the request, write these bytes. Run as a child; says its port.

const body = Buffer.from(process.argv[2] ?? '')
const type = process.argv[3] ?? 'application/json; charset=utf-8'
const status = Number(process.argv[4] ?? 200)

const server = createServer((request, response) => {
  request.resume().once('end', () => {
    response.writeHead(status, { 'content-type': type, 'content-length': body.length })
    response.end(body)
  })
})
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
process.once('disconnect', () => process.exit())
