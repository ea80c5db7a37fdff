/** An event of Chromium's trace (Trace Event Format), times in microseconds. */
export interface TraceEvent {
  name: string
  /** `X`: complete, with a duration. */
  ph: string
  pid: number
  tid: number
  ts: number
  dur?: number
  /** How long of `dur` the thread had a processor. */
  tdur?: number
}

/**
 * The same trace as if each task had had a processor for itself: a task lasts as long as its thread ran, and what is inside moves with it in
 * proportion. A machine that is shared, and on which the site runs beside the browser, makes a thread wait as long as it works, and
 * Lighthouse takes these waits, by four, for blocking of the page.
 */
export function traceWithoutWaits(events: TraceEvent[]): TraceEvent[] {
  const threads = new Map<string, TraceEvent[]>()
  for (const event of events) {
    const thread = `${String(event.pid)}:${String(event.tid)}`
    const known = threads.get(thread)
    if (known) known.push(event)
    else threads.set(thread, [event])
  }
  const moved = new Map<TraceEvent, TraceEvent>()
  for (const own of threads.values()) {
    const tasks = own.filter(isTask).sort((a, b) => a.ts - b.ts)
    if (tasks.length === 0) continue
    let at = 0
    // The task before what it contains, where both begin together.
    for (const event of own.toSorted((a, b) => a.ts - b.ts || Number(isTask(b)) - Number(isTask(a)))) {
      while (at + 1 < tasks.length && (tasks[at + 1]?.ts ?? Infinity) <= event.ts) at++
      const task = tasks[at]
      const dur = task?.dur ?? 0
      if (!task || event.ts < task.ts || event.ts > task.ts + dur || dur === 0) continue
      const share = Math.min(1, (task.tdur ?? dur) / dur)
      moved.set(event, {
        ...event,
        ts: task.ts + (event.ts - task.ts) * share,
        ...(event.dur === undefined ? {} : { dur: event.dur * share }),
      })
    }
  }
  return events.map((event) => moved.get(event) ?? event)
}

const isTask = ({ name, ph, dur }: TraceEvent) => name === 'RunTask' && ph === 'X' && dur !== undefined
