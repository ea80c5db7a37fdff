import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'

/**
 * Statements that a device has signed in to an account before: `1.<id>.<MAC>`, the id 128 random bits. They prove nothing else and
 * sign nobody in: an attempt with one is counted apart from those of strangers, who then cannot keep an owner out (decision 5). The
 * account is not in the text but in what the MAC is over, so that the text tells of nobody.
 */
export interface KnownDevices {
  /** The id of the device, when the statement was made by us and for this account; else null, whatever it is. */
  recognise: (statement: unknown, account: string) => string | null
  /** A statement for this account, of a device that has an id already or of a new one. */
  vouchFor: (deviceId: string | null, account: string) => string
}

const FORM = /^1\.([\w-]{22})\.([\w-]{43})$/

/** The key of a secret, by a label of its own (RFC 5869). */
function keyOf(secret: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', 'kennwilliamson known device', 32))
}

/** The first of the secrets makes statements, all are accepted. `account` is the same key of the account at both ends. */
export function createKnownDevices(secrets: string[]): KnownDevices {
  const keys = secrets.map(keyOf)
  const [newest] = keys
  if (!newest) throw new Error('at least one secret is needed')
  const mac = (key: Buffer, deviceId: string, account: string) =>
    createHmac('sha256', key).update(`1 ${deviceId} ${account}`).digest('base64url')

  return {
    recognise(statement, account) {
      const [, deviceId, given] = (typeof statement === 'string' && FORM.exec(statement)) || []
      if (deviceId === undefined || given === undefined) return null
      const isOurs = keys.some((key) => timingSafeEqual(Buffer.from(mac(key, deviceId, account)), Buffer.from(given)))
      return isOurs ? deviceId : null
    },
    vouchFor(deviceId, account) {
      const id = deviceId ?? randomBytes(16).toString('base64url')
      return `1.${id}.${mac(newest, id, account)}`
    },
  }
}
