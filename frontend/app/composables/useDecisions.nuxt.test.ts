import { mockNuxtImport, mountSuspended } from '@nuxt/test-utils/runtime'
import { enableAutoUnmount, flushPromises } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { defineComponent } from 'vue'
import { unreachable } from '../utils/api-error'
import { useDecisions } from './useDecisions'

const { loadNews, markSeen } = vi.hoisted(() => ({ loadNews: vi.fn(), markSeen: vi.fn() }))
mockNuxtImport('usePhrases', () => () => ({ loadNews, markSeen }))

async function use(ids: string[]) {
  loadNews.mockResolvedValue({ kind: 'loaded', value: ids.map((id) => ({ id })) })
  let decisions: ReturnType<typeof useDecisions> | undefined
  await mountSuspended(
    defineComponent({
      setup() {
        decisions = useDecisions()
        return () => null
      },
    }),
  )
  await flushPromises()
  if (!decisions) throw new Error('not set up')
  return decisions
}

enableAutoUnmount(afterEach)
afterEach(() => {
  clearNuxtData()
  vi.resetAllMocks()
})

describe('useDecisions', () => {
  it('has them until they are put away, once', async () => {
    const { news, ids, putAway } = await use(['a', 'b'])
    expect(news.value.map(({ id }) => id)).toEqual(['a', 'b'])
    await Promise.all([putAway(), putAway()])
    expect(news.value).toEqual([])
    expect([...ids.value]).toEqual(['a', 'b'])
    expect(markSeen).toHaveBeenCalledExactlyOnceWith(['a', 'b'])
  })

  it('has them again when that did not work', async () => {
    const { news, putAway } = await use(['a'])
    markSeen.mockRejectedValueOnce(unreachable())
    await expect(putAway()).rejects.toThrow('cannot be reached')
    expect(news.value).toHaveLength(1)
  })

  it('has none where there are none, and where they could not be had', async () => {
    const { news, putAway } = await use([])
    await putAway()
    expect([news.value, markSeen.mock.calls]).toEqual([[], []])
    clearNuxtData()
    loadNews.mockResolvedValue({ kind: 'away', message: 'Away.' })
    expect((await use([])).news.value).toEqual([])
  })
})
