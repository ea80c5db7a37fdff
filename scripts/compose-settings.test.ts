import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { SECRETS, SETTINGS } from './settings.ts'

const root = path.join(import.meta.dirname, '..')
const read = (name: string): string => readFileSync(path.join(root, name), 'utf8')
const matches = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map((match) => match[1] ?? '')

const composeFiles = readdirSync(root).filter((name) => /^compose.*\.yaml$/.test(name))
const scripts = ['lib/site.sh', ...readdirSync(path.join(root, 'scripts')).filter((name) => name.endsWith('.sh'))]
/** Every variable that a compose file or a script takes from the environment or .env. */
const used = new Set([
  ...composeFiles.flatMap((name) => matches(read(name), /\$\{([A-Z][A-Z_]+)/g)),
  ...scripts.flatMap((name) => matches(read(`scripts/${name}`), /\bsetting ([A-Z][A-Z_]+)/g)),
])
const [ownPart = '', containerPart = ''] = read('.env.example').split('# --- Only in containers')
const namesIn = (part: string): string[] => matches(part, /^#?([A-Z][A-Z_]+)=/gm)

describe('.env.example', () => {
  it('names every setting of the embedded form, and nothing else, in its first part', () => {
    expect(namesIn(ownPart).toSorted()).toEqual(
      [...Object.keys(SETTINGS.shape), ...SECRETS.map((name) => `${name}_FILE`)].toSorted(),
    )
  })

  it('names every setting of the containers, and in its second part only such', () => {
    const named = new Set([...namesIn(ownPart), ...namesIn(containerPart)])
    expect([...used].filter((name) => !named.has(name))).toEqual([])
    expect(namesIn(containerPart).filter((name) => !used.has(name))).toEqual([])
  })

  it('shows the defaults that the compose files have', () => {
    const shown = new Map([...containerPart.matchAll(/^#([A-Z][A-Z_]+)=(.+)$/gm)].map((match) => [match[1], match[2]]))
    const defaults = composeFiles.flatMap((name) => [...read(name).matchAll(/\$\{([A-Z][A-Z_]+):-([^${}]*)\}/g)])
    for (const [, name, value] of defaults) if (shown.has(name)) expect([name, value]).toEqual([name, shown.get(name)])
  })
})
