import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'

/** How long a name's addresses are believed: as long as nginx believes them, so that both learn of a new instance alike. */
const BELIEVE_MS = 2_000
/** An address that failed is asked last for this long. */
const AVOID_MS = 5_000
/** A name server that takes longer does not answer; the addresses that were known do. */
const LOOKUP_MS = 1_000

/** The addresses behind one host name: the instances of the API. */
export interface Addresses {
  /** All of them, in the order in which to try: each call begins with the next one, and those that failed lately come last. */
  inTurn: () => Promise<string[]>
  /** Nobody answered there. */
  failed: (address: string) => void
}

/** Finds all addresses of a name. */
export type Resolve = (hostname: string) => Promise<string[]>

const lookupAll: Resolve = async (hostname) => {
  const found = await lookup(hostname, { all: true, order: 'verbatim' })
  return found.map(({ address }) => address)
}

/** Keeps the addresses of a name, or the one address that it is. @throws when the name has never been found. */
export function createAddresses(hostname: string, resolve: Resolve = lookupAll, now: () => number = Date.now): Addresses {
  const plain = hostname.replace(/^\[(.*)\]$/, '$1')
  const avoidUntil = new Map<string, number>()
  let known: string[] = isIP(plain) ? [plain] : []
  let believedUntil = isIP(plain) ? Infinity : 0
  let turn = 0
  let running: Promise<void> | undefined

  async function renew(): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`the addresses of ${plain} took too long to find`)), LOOKUP_MS)
    })
    try {
      known = [...new Set(await Promise.race([resolve(plain), late]))]
    } catch (error) {
      // A name server that is away for a moment does not make the API unknown.
      if (known.length === 0) throw error
    } finally {
      clearTimeout(timer)
    }
    believedUntil = now() + BELIEVE_MS
    for (const address of avoidUntil.keys()) if (!known.includes(address)) avoidUntil.delete(address)
  }

  return {
    async inTurn() {
      if (now() >= believedUntil) await (running ??= renew().finally(() => (running = undefined)))
      const first = known.length > 0 ? turn++ % known.length : 0
      const rotated = [...known.slice(first), ...known.slice(0, first)]
      const isWell = (address: string) => (avoidUntil.get(address) ?? 0) <= now()
      return [...rotated.filter(isWell), ...rotated.filter((address) => !isWell(address))]
    },
    failed(address) {
      avoidUntil.set(address, now() + AVOID_MS)
    },
  }
}
