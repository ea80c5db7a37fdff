import type { Timer } from '@kennwilliamson/contracts/timers'

/** The tabs of the dashboard, the first one without a mark in the address. */
export const TABS = ['timer', 'controls', 'suggest', 'filter', 'suggestions'] as const
export type Tab = (typeof TABS)[number]

/** The tab that an address asks for; what it does not know is the first. */
export function tabOf(asked: unknown): Tab {
  return TABS.find((tab) => tab === asked) ?? TABS[0]
}

/** Where a timer's tab of the dashboard is. The default timer and the first tab go without saying. */
export function dashboardLink(timer: Pick<Timer, 'slug' | 'is_default'> | null, tab: Tab) {
  return {
    path: '/incidents',
    query: { ...(timer && !timer.is_default ? { timer: timer.slug } : {}), ...(tab === TABS[0] ? {} : { tab }) },
  }
}
