import { readFileSync } from 'node:fs'
import { LOG_LEVELS, type LogLevel } from './log.ts'

/** What the Nuxt server runs by. */
export interface Settings {
  /** Origin of the API as this process reaches it, without a slash at the end. */
  backendUrl: string
  /** Origin under which people see the site. */
  siteUrl: string
  /** What stands in front: nginx, or nothing (for looking around only). */
  edge: 'nginx' | 'none'
  /** Seals the session cookie. */
  sessionPassword: string
  /** How long a session lives without being used. */
  sessionSeconds: number
  logLevel: LogLevel
  /** How long a stop goes on accepting, while readiness says 503. */
  drainSeconds: number
  /** Where the Markdown of `/about` is; empty when nowhere. */
  contentDir: string
}

/** The settings as the environment gives them, unchecked. */
export type RawSettings = Partial<Record<keyof Settings | 'sessionPasswordFile', unknown>>

function originOf(value: unknown): string | null {
  try {
    const url = new URL(String(value))
    return /^https?:$/.test(url.protocol) && url.pathname === '/' && !url.username ? url.origin : null
  } catch {
    return null
  }
}

/** Checks everything at once: the settings, or one line for each problem, which never repeats a secret. */
export function checkSettings(raw: RawSettings): { settings: Settings } | { problems: string[] } {
  const problems: string[] = []
  const backendUrl = originOf(raw.backendUrl)
  if (!backendUrl) problems.push('NUXT_BACKEND_URL: must be an http address such as http://127.0.0.1:8080')
  const siteUrl = originOf(raw.siteUrl)
  if (!siteUrl) problems.push('NUXT_SITE_URL: must be an address such as https://example.org')
  const edge = raw.edge === 'nginx' || raw.edge === 'none' ? raw.edge : null
  if (!edge) problems.push('NUXT_EDGE: must be nginx or none')
  if (edge === 'none' && siteUrl && !/^(localhost|127\.0\.0\.1|\[::1\])$/.test(new URL(siteUrl).hostname)) {
    problems.push('NUXT_EDGE: none is for this machine only, so NUXT_SITE_URL must be on localhost')
  }
  const sessionSeconds = Number(raw.sessionSeconds)
  if (!Number.isInteger(sessionSeconds) || sessionSeconds < 60 || sessionSeconds > 34_560_000) {
    problems.push('NUXT_SESSION_SECONDS: must be a whole number from 60 to 34560000')
  }
  const logLevel = LOG_LEVELS.find((level) => level === raw.logLevel)
  if (!logLevel) problems.push(`NUXT_LOG_LEVEL: must be one of ${LOG_LEVELS.join(', ')}`)
  const drainSeconds = Number(raw.drainSeconds)
  if (!Number.isInteger(drainSeconds) || drainSeconds < 0 || drainSeconds > 60) {
    problems.push('NUXT_DRAIN_SECONDS: must be a whole number from 0 to 60')
  }

  let sessionPassword = typeof raw.sessionPassword === 'string' ? raw.sessionPassword : ''
  if (raw.sessionPassword && !sessionPassword) {
    problems.push('NUXT_SESSION_PASSWORD: must be text, so not digits alone')
  } else if (!sessionPassword && typeof raw.sessionPasswordFile === 'string' && raw.sessionPasswordFile) {
    try {
      sessionPassword = readFileSync(raw.sessionPasswordFile, 'utf8').trim()
    } catch {
      problems.push(`NUXT_SESSION_PASSWORD_FILE: cannot read ${raw.sessionPasswordFile}`)
    }
  }
  if (problems.every((problem) => !problem.startsWith('NUXT_SESSION_PASSWORD')) && sessionPassword.length < 32) {
    problems.push('NUXT_SESSION_PASSWORD: must be set and have at least 32 characters')
  }

  if (problems.length > 0 || !backendUrl || !siteUrl || !edge || !logLevel) return { problems }
  const contentDir = typeof raw.contentDir === 'string' ? raw.contentDir : ''
  return { settings: { backendUrl, siteUrl, edge, sessionPassword, sessionSeconds, logLevel, drainSeconds, contentDir } }
}

let current: Settings | undefined

/** Called once, at the start. */
export function setSettings(settings: Settings): void {
  current = settings
}

/** The checked settings. */
export function getSettings(): Settings {
  if (!current) throw new Error('the settings were asked for before the start')
  return current
}
