import { describeCounts, type Counts } from './counts.ts'
import type { Run, Step, StepResult } from './steps.ts'

export interface Finished extends Counts {
  name: string
  seconds: number
}

/**
 * Runs the steps in their order: light ones two at a time, heavy ones alone. A failure stops nothing, so that one run tells
 * all. Each step is reported when it ends: one line, and under it everything it said if it failed. An interrupted run begins
 * nothing more and says nothing more: what its steps come to by then means nothing.
 */
export async function runSteps(
  steps: Step[],
  run: Run,
  print: (text: string) => void,
  isInterrupted: () => boolean,
): Promise<Finished[]> {
  const finished: Finished[] = []
  const running = new Set<Promise<void>>()
  for (const step of steps) {
    while (running.size > (step.isHeavy ? 0 : 1)) await Promise.race(running)
    if (isInterrupted()) break
    const done = runStep(step, run).then(({ result, seconds }) => {
      if (!isInterrupted()) print(describeStep(step.name, seconds, result))
      finished.push({ name: step.name, seconds, ...result })
      running.delete(done)
    })
    running.add(done)
    if (step.isHeavy) await done
  }
  await Promise.all(running)
  return finished
}

async function runStep(step: Step, run: Run): Promise<{ result: StepResult; seconds: number }> {
  const began = performance.now()
  const result = await step.run(run).catch((error: unknown) => {
    const output = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return { passed: 0, failed: 1, skipped: 0, output }
  })
  return { result, seconds: (performance.now() - began) / 1000 }
}

function describeStep(name: string, seconds: number, result: StepResult): string {
  const ok = result.failed === 0
  const line = `${ok ? '✓' : '✗'} ${name.padEnd(12)} ${seconds.toFixed(1).padStart(6)} s   ${describeCounts(result)}`
  if (ok) return line
  const ruler = '─'.repeat(20)
  return `${line}\n${ruler} ${name} ${ruler}\n${result.output}\n${ruler} end of ${name} ${ruler}`
}
