import { execFile } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { isIP } from 'node:net'
import path from 'node:path'
import { promisify } from 'node:util'
import { StartFailure } from './failure.ts'

const run = promisify(execFile)
const DAY = 86_400_000

export interface Certificate {
  certificate: string
  key: string
  /** True when this call made it. */
  created: boolean
}

/**
 * The self-signed certificate in `folder`, for this host and for the names of the machine itself. It is made anew when the
 * host changed or less than 30 days are left. Browsers refuse more than 398 days, even of one that a person has trusted.
 */
export async function provideCertificate(folder: string, host: string): Promise<Certificate> {
  const certificate = path.join(folder, 'certificate.pem')
  const key = path.join(folder, 'key.pem')
  const names = [...new Set([host.replace(/^\[|\]$/g, ''), 'localhost', '127.0.0.1', '::1'])]
  if (await isGood(certificate, names)) return { certificate, key, created: false }
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const making = await mkdtemp(path.join(folder, 'making-'))
  try {
    const newKey = path.join(making, 'key.pem')
    const newCertificate = path.join(making, 'certificate.pem')
    const alternatives = names.map((name) => `${isIP(name) === 0 ? 'DNS' : 'IP'}:${name}`).join(',')
    const subject = ['-subj', `/CN=${(names[0] ?? 'localhost').slice(0, 64)}`, '-addext', `subjectAltName=${alternatives}`]
    const use = ['-addext', 'keyUsage=critical,digitalSignature', '-addext', 'extendedKeyUsage=serverAuth', '-days', '397']
    const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-sha256']
    await run('openssl', [...request, '-keyout', newKey, '-out', newCertificate, ...subject, ...use])
    await chmod(newKey, 0o600)
    await rename(newKey, key)
    await rename(newCertificate, certificate)
  } catch (error) {
    const { code, stderr, message } = error as NodeJS.ErrnoException & { stderr?: string }
    if (code === 'ENOENT')
      throw new StartFailure('openssl was not found, and the certificate needs it: install it (apt-get install openssl)')
    throw new StartFailure(`the certificate in ${folder} could not be made: ${stderr?.trim() || message}`)
  } finally {
    await rm(making, { recursive: true, force: true })
  }
  return { certificate, key, created: true }
}

async function isGood(file: string, names: string[]): Promise<boolean> {
  const text = await readFile(file).catch(() => null)
  if (text === null) return false
  const found = new X509Certificate(text)
  const covers = names.every((name) => (isIP(name) === 0 ? found.checkHost(name) : found.checkIP(name)) !== undefined)
  return covers && found.validToDate.getTime() - Date.now() > 30 * DAY
}
