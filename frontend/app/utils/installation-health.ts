import type { AdminStats } from '@kennwilliamson/contracts/admin'
import { shortSpan } from './short-span.ts'

/** One thing of the installation that is well or wants to be looked at. */
export interface Condition {
  name: string
  isWell: boolean
  /** What there is to say, and where something is wrong, what to do. */
  text: string
}

const HOUR = 3_600_000
/** One a night, and time to spare: the same as the alert's. */
const BACKUP_HOURS = 26
/** The same as the alert's. */
const CERTIFICATE_DAYS = 14
/** The same as the alert's. */
const PROOF_HOURS = 50

function ofRun(name: string, run: AdminStats['backup'], now: number, hours: number, none: string): Condition {
  if (!run) return { name, isWell: false, text: none }
  const age = now - Date.parse(run.finished_at)
  if (!run.succeeded) return { name, isWell: false, text: `The last one failed, ${shortSpan(age)} ago: its reason is in the log` }
  const isWell = age <= hours * HOUR
  return { name, isWell, text: `${shortSpan(age)} ago${isWell ? '' : ': there should be one every night'}` }
}

function ofCertificate(certificate: AdminStats['certificate'], now: number): Condition | null {
  const name = 'Certificate'
  if (!certificate) return null
  if (certificate.expires_at === null) return { name, isWell: false, text: 'It could not be seen just now' }
  const left = Date.parse(certificate.expires_at) - now
  if (left <= 0) return { name, isWell: false, text: 'It has ended: browsers warn of this site' }
  const isWell = left > CERTIFICATE_DAYS * 24 * HOUR
  return { name, isWell, text: `Good for ${shortSpan(left)}${isWell ? '' : ': it should have been renewed by now'}` }
}

/** What an operator looks at first, at the time of the figures. */
export function conditionsOf(stats: Pick<AdminStats, 'backup' | 'proof' | 'certificate' | 'server_time'>): Condition[] {
  const now = Date.parse(stats.server_time)
  const certificate = ofCertificate(stats.certificate, now)
  return [
    ofRun('Last backup', stats.backup, now, BACKUP_HOURS, 'None yet: “npm run backup” makes one now'),
    ofRun('Last backup proved', stats.proof, now, PROOF_HOURS, 'None was restored and compared yet'),
    ...(certificate ? [certificate] : []),
  ]
}

/** A size in the unit that people use for it, with one digit behind the point below ten. */
export function byteSize(bytes: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB']
  const step = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3))
  const value = bytes / 1000 ** step
  return `${step > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} ${units[step] ?? ''}`
}
