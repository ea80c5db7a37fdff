import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { aboutFrom, readAbout } from './about.ts'

describe('aboutFrom', () => {
  it('takes the first heading as the title, and the first paragraph as the summary', () => {
    const { title, summary, html } = aboutFrom('# A *small* site\n\nWhat `it` is,\nand why.\n\n## More\n\nText.')
    expect([title, summary]).toEqual(['A small site', 'What it is, and why.'])
    expect(html).not.toContain('<h1')
    expect(html).toContain('<h2>More</h2>')
  })

  it('does without a title', () => {
    expect(aboutFrom('Just text.')).toEqual({ title: '', summary: 'Just text.', html: '<p>Just text.</p>\n' })
    expect(aboutFrom('')).toEqual({ title: '', summary: '', html: '' })
  })

  it('lets no tag and no script out of the file', () => {
    const { html } = aboutFrom(
      '<script>alert(1)</script>\n\n[press](javascript:alert(1)) <img src=x onerror=alert(1)> [mail](mailto:a@example.org)',
    )
    expect(html).not.toMatch(/<script|<img|href="javascript/)
    expect(html).toContain('&lt;script&gt;')
    expect(html).toContain('href="mailto:a@example.org"')
  })
})

describe('readAbout', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'about-'))
  const file = path.join(folder, 'about.md')
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('is null while nothing is there', async () => {
    expect(await readAbout(folder)).toBeNull()
    expect(await readAbout('')).toBeNull()
  })

  it('is the example until somebody has written', async () => {
    await writeFile(path.join(folder, 'about.example.md'), '# Example')
    expect((await readAbout(folder))?.title).toBe('Example')
  })

  it('reads the file again when it was changed, and only then', async () => {
    await writeFile(file, '# One')
    const first = await readAbout(folder)
    expect(first?.title).toBe('One')
    expect(await readAbout(folder)).toBe(first)
    await writeFile(file, '# Two')
    await utimes(file, new Date(), new Date(Date.now() + 2_000))
    expect((await readAbout(folder))?.title).toBe('Two')
  })

  it('says in the log what cannot be read, and goes on with the example', async () => {
    await rm(file)
    await mkdir(file)
    const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
    expect((await readAbout(folder))?.title).toBe('Example')
    expect(written.mock.calls.join('')).toMatch(/"level":"error".*EISDIR.*cannot read about\.md/)
    written.mockRestore()
  })
})
