/** A program that runs as long as the site does. */
export interface ServicePlan {
  name: 'postgres' | 'api' | 'nuxt' | 'nginx'
  command: string
  args: string[]
  cwd: string
  /** The whole environment of the child: nothing of ours is added. */
  env: Record<string, string>
  uid?: number
  gid?: number
  ready: { kind: 'postgres'; dataDir: string } | { kind: 'http'; port: number; path: string; status: number }
  /** What asks it politely to end; after `stopWithin` milliseconds it is killed. */
  stopSignal: NodeJS.Signals
  stopWithin: number
}

/** A program that runs to its end before the next step begins. */
export interface TaskPlan {
  name: string
  /** What a failure is called, before the task's own words. */
  failure: string
  command: string
  args: string[]
  cwd: string
  env: Record<string, string>
}

/** What is done every night. */
export interface NightlyPlan {
  /** HH:MM, UTC. */
  at: string
  /** When the newest backup was made, in milliseconds since 1970; null where there is none. */
  last: number | null
  task: TaskPlan
}

/** Everything that the supervisor must know, made by the set-up and handed over in the environment. */
export interface Plan {
  root: string
  dataDir: string
  siteUrl: string
  /** Started in this order, stopped in the reverse one. */
  steps: ({ service: ServicePlan } | { task: TaskPlan })[]
  /** The nightly backup; null where it is switched off. */
  nightly: NightlyPlan | null
  /** Rotated by the supervisor, so that it does not grow without bound. */
  accessLog: string | null
  /** Said when the site is ready: what a person should know about the way it runs. */
  notices: string[]
}

/** The variable of the environment in which the set-up leaves the plan. It holds secrets, so no child gets it. */
export const PLAN_VARIABLE = 'KENNWILLIAMSON_PLAN'

/**
 * What makes the supervisor small (measured: 25.8 MB without, 23.2 with): nothing of it runs often enough to be compiled, and
 * it collects its garbage once, when everything runs, since an idle process would not do so by itself for a long time.
 */
export const SUPERVISOR_FLAGS = [
  '--expose-gc',
  '--max-semi-space-size=1',
  '--v8-pool-size=0',
  '--no-opt',
  '--no-maglev',
  '--no-sparkplug',
  '--optimize-for-size',
]
export const SUPERVISOR_ENVIRONMENT = { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '16384', MALLOC_TOP_PAD_: '0' }
