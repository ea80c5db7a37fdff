/** One event of a stream. */
export interface StreamEvent {
  type: string
  data: string
}

/** What has been read so far: whole events, and how long to wait before coming back, where the server said so (milliseconds). */
export interface ReadEvents {
  events: StreamEvent[]
  retry: number | null
}

/** More than any event of ours has. Whatever sends so much without an end is no stream of ours. Characters. */
const MAX_WAITING = 256 * 1024

/**
 * Reads server-sent events (WHATWG HTML, section 9.2.6) from pieces of text that may end anywhere, inside a line break too. Comments and
 * fields that nobody knows are passed over; an event that never ended is none. @throws when one takes no end.
 */
export function createEventReader(): (piece: string) => ReadEvents {
  let rest = ''
  let type = ''
  let data: string[] = []
  let isFirst = true

  return (piece) => {
    const read: ReadEvents = { events: [], retry: null }
    rest += isFirst ? piece.replace(/^\uFEFF/, '') : piece
    if (piece !== '') isFirst = false
    if (rest.length + data.reduce((sum, line) => sum + line.length, 0) > MAX_WAITING) throw new Error('an event without an end')
    // A CR at the very end may be the first half of a CRLF.
    for (let end = /\r\n|\n|\r(?!$)/.exec(rest); end; end = /\r\n|\n|\r(?!$)/.exec(rest)) {
      const line = rest.slice(0, end.index)
      rest = rest.slice(end.index + end[0].length)
      if (line === '') {
        if (data.length > 0) read.events.push({ type: type || 'message', data: data.join('\n') })
        type = ''
        data = []
        continue
      }
      const [, name, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? []
      if (name === 'event') type = value
      else if (name === 'data') data.push(value)
      else if (name === 'retry' && /^\d{1,9}$/.test(value)) read.retry = Number(value)
    }
    return read
  }
}
