/** Why the start must end, in words for the person at the terminal: one line for each problem, all that are known at once. */
export class StartFailure extends Error {
  override name = 'StartFailure'
  readonly problems: string[]
  constructor(problems: string | string[]) {
    const list = typeof problems === 'string' ? [problems] : problems
    super(list.join('\n'))
    this.problems = list
  }
}
