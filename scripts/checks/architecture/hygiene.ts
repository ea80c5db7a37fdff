import type { Violation } from './sources.ts'

interface Lockfile {
  packages: Record<
    string,
    { link?: boolean; resolved?: string; integrity?: string; inBundle?: boolean; version?: string } | undefined
  >
}

/** Rule: what npm may install is pinned by its content; the lockfile names no place that it comes from. */
export function checkLockfile(file: string, text: string): Violation[] {
  const { packages } = JSON.parse(text) as Lockfile
  return Object.entries(packages).flatMap(([name, entry]) => {
    // Our own workspaces have no archive; what is bundled lies in the archive, and under the hash, of its parent.
    if (entry === undefined || !name.includes('node_modules/') || entry.link || entry.inBundle) return []
    const problems: Violation[] = []
    const found = (rule: string) =>
      problems.push({
        path: file,
        line: lineWith(text, `"${name}"`),
        rule,
        remedy: 'run npm install here, with the .npmrc of this project',
      })
    if (!/^sha(512|384|256)-/.test(entry.integrity ?? '')) found(`${name} has no integrity hash`)
    if (entry.resolved !== undefined) found(`${name} names the place it came from`)
    return problems
  })
}

const DEPENDENCIES = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'] as const

/** Rule: every dependency is an exact version. */
export function checkVersions(file: string, text: string): Violation[] {
  const manifest = JSON.parse(text) as Partial<Record<(typeof DEPENDENCIES)[number], Record<string, string>>>
  return DEPENDENCIES.flatMap((kind) =>
    Object.entries(manifest[kind] ?? {})
      .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
      .map(([name, version]) => ({
        path: file,
        line: lineWith(text, `"${name}"`),
        rule: `${name} is not an exact version (${version})`,
        remedy: 'write the version that was tested; updates are commits',
      })),
  )
}

/** Rule: nothing says where one person keeps the project. */
export function checkMachinePaths(file: string, text: string, root: string): Violation[] {
  const places = [/\/(home|Users)\/[a-z][\w-]*\//i, ...(root.length > 4 ? [new RegExp(`${RegExp.escape(root)}(/|\\b)`)] : [])]
  return text.split('\n').flatMap((line, index) =>
    places.some((place) => place.test(line))
      ? [
          {
            path: file,
            line: index + 1,
            rule: 'a path of one machine',
            remedy: 'write it relative to the project, or take it from the environment',
          },
        ]
      : [],
  )
}

function lineWith(text: string, part: string): number {
  const at = text.indexOf(part)
  return at === -1 ? 1 : text.slice(0, at).split('\n').length
}
