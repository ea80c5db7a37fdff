import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { runSteps } from './run-steps.ts'
import type { Run, Step, StepResult } from './steps.ts'

const RUN: Run = { folder: '', superuserUrl: '', chromium: '' }
const GOOD: StepResult = { passed: 1, failed: 0, skipped: 0, output: 'all of its words' }

/** Steps that note what runs beside them. */
function watchedSteps(names: string[]): { steps: Step[]; together: string[] } {
  const running = new Set<string>()
  const together: string[] = []
  const steps = names.map((name): Step => {
    const run = async () => {
      running.add(name)
      together.push([...running].join('+'))
      await delay(5)
      running.delete(name)
      return GOOD
    }
    return { name, question: '', needs: [], isHeavy: name.startsWith('heavy'), run }
  })
  return { steps, together }
}

function step(name: string, run: Step['run']): Step {
  return { name, question: '', needs: [], isHeavy: false, run }
}

describe('the steps of npm test', () => {
  it('run in their order, light ones two at a time, heavy ones alone', async () => {
    const { steps, together } = watchedSteps(['a', 'b', 'c', 'heavy 1', 'heavy 2', 'd'])
    const finished = await runSteps(
      steps,
      RUN,
      () => undefined,
      () => false,
    )
    expect(finished).toHaveLength(6)
    expect(together.slice(0, 2)).toEqual(['a', 'a+b'])
    expect(together.slice(3)).toEqual(['heavy 1', 'heavy 2', 'd'])
    expect(together.filter((names) => names.split('+').length > 2)).toEqual([])
  })

  it('all run although one fails, and only what failed tells all it said', async () => {
    const printed: string[] = []
    const bad = { ...GOOD, passed: 0, failed: 2, output: 'the reason' }
    const steps = [step('bad', () => Promise.resolve(bad)), step('good', () => Promise.resolve(GOOD))]
    const finished = await runSteps(
      steps,
      RUN,
      (text) => printed.push(text),
      () => false,
    )
    expect(finished.map(({ name, failed }) => `${name} ${failed}`).toSorted()).toEqual(['bad 2', 'good 0'])
    expect(printed.join('\n')).toMatch(/✗ bad .*0 passed, 2 failed[\s\S]*the reason/)
    expect(printed.join('\n')).not.toContain(GOOD.output)
  })

  it('count a crash of their own as a failure', async () => {
    const crash = step('crash', () => Promise.reject(new Error('no such tool')))
    const [finished] = await runSteps(
      [crash],
      RUN,
      () => undefined,
      () => false,
    )
    expect(finished).toMatchObject({ name: 'crash', passed: 0, failed: 1 })
  })

  it('begin no more and say no more once interrupted', async () => {
    let interrupted = false
    const printed: string[] = []
    const steps = [
      step('first', () => {
        interrupted = true
        return Promise.resolve(GOOD)
      }),
      step('second', () => Promise.reject(new Error('must not run'))),
    ]
    await runSteps(
      steps,
      RUN,
      (text) => printed.push(text),
      () => interrupted,
    )
    expect(printed).toEqual([])
  })
})
