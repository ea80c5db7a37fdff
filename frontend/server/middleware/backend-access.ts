import { jsonOf, type ApiAnswer } from '../utils/api-client.ts'
import { askApi, callerOf, sessionOf } from '../utils/bridge.ts'

/** How a page asks for its first data while it is rendered. Answers are read; a session that is renewed reaches the browser. */
export interface BackendAccess {
  /** As anybody: the session is not looked at, so the page may be the same for all. */
  asAnyone: (path: string) => Promise<BackendAnswer>
  /** As the person signed in; status 401 when there is none. Makes the page private. */
  asOwner: (path: string) => Promise<BackendAnswer>
}

/** A status, the JSON that came with it, and the headers that say when to come back, and to where. */
export interface BackendAnswer {
  status: number
  body: unknown
  retryAfter: string | null
  location: string | null
}

declare module 'h3' {
  interface H3EventContext {
    backend: BackendAccess
  }
}

function read(answer: ApiAnswer): BackendAnswer {
  return {
    status: answer.status,
    body: jsonOf(answer),
    retryAfter: answer.headers['retry-after'] ?? null,
    location: answer.location ?? null,
  }
}

const AWAY: BackendAnswer = { status: 503, body: null, retryAfter: '5', location: null }
const NOBODY: BackendAnswer = { status: 401, body: null, retryAfter: null, location: null }

export default defineEventHandler((event) => {
  event.context.backend = {
    asAnyone: (path) => askApi({ path, caller: callerOf(event), repeatable: true }).then(read, () => AWAY),
    asOwner: (path) =>
      sessionOf(event)
        .askAsOwner(path)
        .then(
          (asked) => (asked ? read(asked.answer) : NOBODY),
          () => AWAY,
        ),
  }
})
