import { SECURITY_ACTIONS } from '@kennwilliamson/contracts/audit-actions'
import { describe, expect, it } from 'vitest'
import { securitySentence } from './security-sentence.ts'

const BY = ['you', 'administrator', 'operator'] as const

describe('securitySentence', () => {
  it('has words of its own for everything that can happen', () => {
    const sentences = SECURITY_ACTIONS.map((action) => securitySentence({ action, by: 'you' }))
    expect(new Set(sentences).size).toBe(SECURITY_ACTIONS.length)
    for (const sentence of sentences) expect(sentence).not.toMatch(/_|changed something|undefined/)
  })

  it('says who it was, where it was somebody else', () => {
    expect(BY.map((by) => securitySentence({ action: 'reset_link_made', by }))).toEqual([
      'You made a link for a new password',
      'An administrator of this site made a link for a new password',
      'Whoever runs this site made a link for a new password',
    ])
    expect(securitySentence({ action: 'signed_out_everywhere', by: 'administrator' })).toBe(
      'An administrator of this site signed you out everywhere',
    )
  })
})
