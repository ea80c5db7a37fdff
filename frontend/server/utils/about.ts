import { readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import MarkdownIt from 'markdown-it'
import { log, loggableError } from './log.ts'

/** What the operator has written about the site. */
export interface About {
  /** The first heading, as text; empty when there is none. */
  title: string
  /** The first paragraph, as text, for previews. */
  summary: string
  /** Everything below the first heading, as HTML. Tags in the file stay words. */
  html: string
}

// Without tags of its own, and only links of kinds that a browser may follow: `javascript:` is none of them.
const markdown = new MarkdownIt({ html: false, linkify: true, typographer: true })

/** The words of the first token of a kind: what follows it is its content. */
function firstText(tokens: ReturnType<typeof markdown.parse>, kind: string): string {
  const at = tokens.findIndex(({ type }) => type === kind)
  const inline = at < 0 ? undefined : tokens[at + 1]
  const words = (inline?.children ?? []).map(({ type, content }) =>
    type === 'softbreak' || type === 'hardbreak' ? ' ' : content,
  )
  return words.join('').trim()
}

/** Markdown as a page. */
export function aboutFrom(text: string): About {
  const tokens = markdown.parse(text, {})
  const startsWithTitle = tokens[0]?.type === 'heading_open' && tokens[0].tag === 'h1'
  return {
    title: startsWithTitle ? firstText(tokens, 'heading_open') : '',
    summary: firstText(tokens, 'paragraph_open'),
    html: markdown.renderer.render(startsWithTitle ? tokens.slice(3) : tokens, markdown.options, {}),
  }
}

/** What the operator has written, and what stands there until then. */
const FILES = ['about.md', 'about.example.md']
let known: { file: string; changed: number; size: number; about: About } | undefined

/**
 * The page of this folder as it is now; null when there is none. Its file is read again when it has changed, so nothing needs a restart. One
 * that is there and cannot be read is an error in the log, and the page of the example.
 */
export async function readAbout(folder: string): Promise<About | null> {
  if (folder === '') return null
  for (const name of FILES) {
    const file = path.join(folder, name)
    try {
      const { mtimeMs: changed, size } = await stat(file)
      if (known?.file !== file || known.changed !== changed || known.size !== size)
        known = { file, changed, size, about: aboutFrom(await readFile(file, 'utf8')) }
      return known.about
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'ENOENT') log('error', { err: loggableError(error) }, `cannot read ${name}`)
    }
  }
  return null
}
