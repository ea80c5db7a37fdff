import { computed, nextTick, ref, shallowRef } from '#imports'
import { ApiError, sentenceOf } from '~/utils/api-error'

/** Undoes what was done, and gives the id of what shall have the focus then, if anything. */
export type WayBack = () => Promise<string | null>

/** Tells what was done, with the way back where there is one. */
export type Say = (message: string, back?: WayBack | null) => void

/**
 * One message at a time, for `UndoToast`. What has the focus may go away with a press; then `rest` puts it where the next Tab does not begin
 * at the top.
 */
export function useToast(rest: () => void) {
  const toast = ref({ message: '', token: 0 })
  const wayBack = shallowRef<WayBack | null>(null)

  const say: Say = (message, back = null) => {
    toast.value = { message, token: toast.value.token + 1 }
    wayBack.value = back
  }

  async function onClose(before: HTMLElement | null, hadFocus: boolean): Promise<void> {
    say('')
    await nextTick()
    if (!hadFocus) return
    if (before?.isConnected) before.focus({ preventScroll: true })
    else rest()
  }

  async function onUndo(): Promise<void> {
    const back = wayBack.value
    say('')
    await nextTick()
    rest()
    const resting = document.activeElement
    try {
      const id = await back?.()
      say('Back as it was')
      await nextTick()
      // Unless the person has gone on meanwhile.
      if (id && document.activeElement === resting) document.getElementById(id)?.focus()
    } catch (error) {
      // What is over is over; anything else can be tried again.
      say(sentenceOf(error), error instanceof ApiError && error.code === 'UNDO_EXPIRED' ? null : back)
    }
  }

  return { toast, undoable: computed(() => wayBack.value !== null), say, onClose, onUndo }
}
