import { AUDIT_ACTIONS } from '@kennwilliamson/contracts/audit-actions'
import { describe, expect, it } from 'vitest'
import { AUDIT_LABELS, auditSentence } from './audit-sentence.ts'

const event = {
  actor_id: 'a',
  actor_name: 'Ada',
  subject_id: 'b',
  subject_name: 'Ben',
  by_operator: false,
}

describe('auditSentence', () => {
  it('has words for every kind, about oneself and about another', () => {
    for (const action of AUDIT_ACTIONS) {
      expect(AUDIT_LABELS[action]).toMatch(/^[A-Z]/)
      for (const subject_id of ['a', 'b', null]) {
        const sentence = auditSentence({ ...event, action, subject_id })
        expect(sentence).toMatch(/^Ada [a-z ,:’]+(?:Ben)?[a-z ]*$/)
        expect(sentence).not.toContain('_')
      }
    }
  })

  it('says who did it to whom', () => {
    expect(auditSentence({ ...event, action: 'admin_granted' })).toBe('Ada made Ben an administrator')
    expect(auditSentence({ ...event, action: 'signed_out_everywhere', subject_id: 'a' })).toBe('Ada signed out everywhere')
    expect(auditSentence({ ...event, action: 'reset_link_made', actor_id: null, actor_name: null, by_operator: true })).toBe(
      'Whoever runs the machine made a link to a new password for Ben',
    )
  })

  it('knows of accounts that are gone, and lets no name mean anything', () => {
    expect(auditSentence({ ...event, action: 'account_deactivated', actor_name: null, subject_name: null })).toBe(
      'Somebody whose account is gone deactivated the account of somebody whose account is gone',
    )
    expect(auditSentence({ ...event, action: 'admin_granted', subject_name: '$& % $1' })).toBe(
      'Ada made $& % $1 an administrator',
    )
  })

  it('names a kind that only another release knows', () => {
    expect(auditSentence({ ...event, action: 'passkey_added' })).toBe('Ada did “passkey_added” to Ben')
    expect(auditSentence({ ...event, action: 'toString', subject_id: null })).toBe('Ada did “toString”')
  })
})
