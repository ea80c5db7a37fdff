import { flushPromises } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ApiError, unreachable } from '../utils/api-error'
import { useToast } from './useToast'

afterEach(() => {
  document.body.innerHTML = ''
})

function use() {
  document.body.innerHTML = '<button id="rest"></button><button id="row"></button><button id="elsewhere"></button>'
  const focus = (id: string) => document.getElementById(id)?.focus()
  return { ...useToast(() => focus('rest')), focus }
}

describe('useToast', () => {
  it('counts messages, so that the same words are said again', () => {
    const { toast, undoable, say } = use()
    say('Saved')
    const first = toast.value
    say('Saved', async () => null)
    expect([first.message, toast.value.message, toast.value.token - first.token, undoable.value]).toEqual([
      'Saved',
      'Saved',
      1,
      true,
    ])
  })

  it('undoes, says so, and puts the focus where the way back says', async () => {
    const { toast, undoable, say, onUndo } = use()
    say('Deleted', async () => 'row')
    await onUndo()
    expect([toast.value.message, undoable.value, document.activeElement?.id]).toEqual(['Back as it was', false, 'row'])
  })

  it('leaves the focus alone where the person has gone on meanwhile', async () => {
    const { say, onUndo, focus } = use()
    let finish: (id: string) => void = () => undefined
    say('Deleted', () => new Promise((resolve) => (finish = resolve)))
    const undone = onUndo()
    await flushPromises()
    expect(document.activeElement?.id).toBe('rest')
    focus('elsewhere')
    finish('row')
    await undone
    expect(document.activeElement?.id).toBe('elsewhere')
  })

  it('can be tried again when it did not work, unless it is over', async () => {
    const { toast, undoable, say, onUndo } = use()
    const back = vi.fn(async () => null)
    back.mockRejectedValueOnce(unreachable())
    back.mockRejectedValueOnce(new ApiError(409, 'UNDO_EXPIRED', 'Too late'))
    say('Deleted', back)
    await onUndo()
    expect([toast.value.message.slice(0, 26), undoable.value]).toEqual(['The site cannot be reached', true])
    await onUndo()
    expect([toast.value.message, undoable.value]).toEqual(['Too late.', false])
  })

  it('gives the focus back when the message goes', async () => {
    const { say, onClose, focus } = use()
    say('Saved')
    const row = document.getElementById('row')
    focus('elsewhere')
    await onClose(row, false)
    expect(document.activeElement?.id).toBe('elsewhere')
    await onClose(row, true)
    expect(document.activeElement?.id).toBe('row')
    row?.remove()
    await onClose(row, true)
    expect(document.activeElement?.id).toBe('rest')
  })
})
