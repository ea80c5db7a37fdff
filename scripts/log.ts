/**
 * One line for the person at the terminal (or the journal), with its origin in front: `api      │ …`.
 * The only place in scripts/ that writes to stdout.
 */
export function say(origin: string, line: string): void {
  process.stdout.write(`${origin.padEnd(8)} │ ${line}\n`)
}

/** A line as it is, for what another program may look for. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** A terminal that went away must not end the site that was started from it. */
export function surviveClosedOutput(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
}

/** Does one step of the start and says in one line what came of it and how long it took. */
export async function step<Result>(origin: string, work: () => Promise<{ said: string; result: Result }>): Promise<Result> {
  const began = Date.now()
  const { said, result } = await work()
  say(origin, `${said} (${seconds(Date.now() - began)})`)
  return result
}

/** Milliseconds as `0.4 s`. */
export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`
}
