/** An event of a stream (WHATWG HTML, server-sent events): its name, its data, and the id that names its state. */
export interface StreamEvent {
  name: string
  data: string
  id: string | null
}

/** What is told of a stream while it is read. */
export interface StreamListener {
  event: (event: StreamEvent) => void
  /** How long to wait before coming back once it has ended, in milliseconds. */
  retry: (milliseconds: number) => void
}

/** Reads a stream piece by piece, wherever the pieces were cut. Comments say nothing but that somebody is there. */
export function createStreamReader({ event, retry }: StreamListener): (piece: string) => void {
  let rest = ''
  let name = ''
  let data: string[] = []
  let id: string | null = null

  function readLine(line: string): void {
    if (line === '') {
      if (data.length > 0) event({ name: name || 'message', data: data.join('\n'), id })
      name = ''
      data = []
      return
    }
    const colon = line.indexOf(':')
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === 'event') name = value
    else if (field === 'data') data.push(value)
    else if (field === 'id') id = value
    else if (field === 'retry' && /^\d+$/.test(value)) retry(Number(value))
  }

  return (piece) => {
    rest += piece
    // A carriage return at the very end may be half of a line break.
    for (let cut = /\r\n|\n|\r(?!$)/.exec(rest); cut; cut = /\r\n|\n|\r(?!$)/.exec(rest)) {
      readLine(rest.slice(0, cut.index))
      rest = rest.slice(cut.index + cut[0].length)
    }
  }
}
