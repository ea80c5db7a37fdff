import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { pageStylesModule } from './page-styles.ts'

async function moduleOf(files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'page-styles-'))
  try {
    for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, name), text)
    return await pageStylesModule(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

describe('pageStylesModule', () => {
  it('has the stylesheets by their address, with addresses in them from the root', async () => {
    const css = `a{background:url(./a.svg)}b{background:url("./b.svg")}c{background:url(data:,x)}\n`
    expect(await moduleOf({ 'entry.a.css': css, 'entry.js': '', 'entry.a.css.gz': '' })).toBe(
      `export const pageStyles = new Map([["/_nuxt/entry.a.css","a{background:url(/_nuxt/a.svg)}b{background:url(\\"/_nuxt/b.svg\\")}c{background:url(data:,x)}"]])`,
    )
  })

  it('refuses what would leave the style element, and a folder without styles', async () => {
    await expect(moduleOf({ 'entry.a.css': `a{content:'</style>'}` })).rejects.toThrow('would end the style element')
    await expect(moduleOf({})).rejects.toThrow("the browser's build has to come first")
  })
})
