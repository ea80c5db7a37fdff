import type { ShareLevel } from '@kennwilliamson/contracts/share-levels'

/** A share level in a word or two, for lists and choices. */
export const SHARE_WORDS: Record<ShareLevel, string> = {
  private: 'private',
  count: 'count shared',
  stats: 'statistics shared',
  notes: 'last note shared',
  history: 'history shared',
}

/** What each share level shows, as sentences. */
export const SHARE_SENTENCES: Record<ShareLevel, string> = {
  private: 'Private: only you can see it.',
  count: 'Public count: anyone with the address sees the time, the title and your name. Never your notes.',
  stats: 'Public with statistics: anyone with the address sees the count, the record and the averages.',
  notes: 'Public with the last note: anyone with the address sees the count, the statistics and your last note.',
  history: 'Public with its history: anyone with the address sees all incidents and their notes.',
}

/** A share level where it stands alone, as in a select. */
export const SHARE_NAMES: Record<ShareLevel, string> = {
  private: 'Nobody but me',
  count: 'The count',
  stats: 'Count and statistics',
  notes: 'Up to the last note',
  history: 'The whole history',
}

/** What is told once a timer is seen at another level. */
export const sharedNow = (level: ShareLevel): string =>
  level === 'private' ? 'Closed: nobody else sees it now' : 'Visitors see this now, and no more'

/** The share levels as choices, each with what it adds to the one before it. */
export const SHARE_CHOICES: { level: ShareLevel; label: string; adds: string }[] = [
  { level: 'private', label: 'Nobody but me', adds: 'To everyone else the address does not exist.' },
  { level: 'count', label: 'The count', adds: 'The time, the title and your name. Never your notes.' },
  { level: 'stats', label: '… and the statistics', adds: 'Also the record, the average and the incident-free days.' },
  { level: 'notes', label: '… and the last note', adds: 'Also what you wrote at the last incident.' },
  { level: 'history', label: '… and the whole history', adds: 'Also every incident, each with its note.' },
]
