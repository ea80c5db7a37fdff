import {
  navigateTo,
  onBeforeUnmount,
  onMounted,
  setResponseStatus,
  useApi,
  useRequestEvent,
  useResponseHeader,
  watch,
} from '#imports'

/** What a page of one person says of itself. */
interface PrivatePage {
  /** Where it is, to come back to after signing in. */
  path: string
  /** What came of asking for the person's data; null while nothing has. */
  outcome: () => 'loaded' | 'signed-out' | 'away' | null
  /** Whose it is, once that is known. */
  owner: () => string | null
}

/**
 * What every page of somebody signed in does: sends whoever is signed out to sign in and back again, answers 503 where nobody can say,
 * asks nothing in the name of whoever signs in later in another tab, and is not shown again from the browser's own memory.
 */
export async function usePrivatePage({ path, outcome, owner }: PrivatePage): Promise<void> {
  const api = useApi()
  const signInPage = `/login?redirect=${path}`

  // A page that the browser kept for its back button may belong to somebody who has signed out since.
  function onPageShow(event: PageTransitionEvent): void {
    if (event.persisted) location.reload()
  }
  function act(): void {
    const id = owner()
    if (id !== null) api.actAs(id)
  }
  onMounted(() => {
    window.addEventListener('pageshow', onPageShow)
    // Again, because a page of the same kind that was left says nobody's only now.
    act()
    void api.prepare()
  })
  onBeforeUnmount(() => {
    window.removeEventListener('pageshow', onPageShow)
    api.actAs(null)
  })
  // Another tab may change who is signed in; what is typed here is still this person's.
  watch(owner, act, { immediate: true })
  watch(outcome, (now) => {
    if (now === 'signed-out' && import.meta.client) void navigateTo(signInPage)
  })

  if (outcome() === 'signed-out') await navigateTo(signInPage, { replace: true })
  else if (import.meta.server && outcome() === 'away') {
    const event = useRequestEvent()
    if (event) setResponseStatus(event, 503)
    useResponseHeader('retry-after').value = '5'
  }
}
