import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { findListener } from './processes.ts'

/** What is wrong with the data folder, or nothing: it must take folders and files of ours. */
export function dataFolderProblems(dataDir: string): string[] {
  const probe = path.join(dataDir, 'run', `.probe-${process.pid}`)
  try {
    makeFolder(path.dirname(probe))
    writeFileSync(probe, '')
    rmSync(probe)
    return statSync(dataDir).isDirectory() ? [] : [`DATA_DIR: ${dataDir} is not a folder`]
  } catch (error) {
    const reasons: Record<string, string> = {
      EACCES: 'is not writable for this user',
      EPERM: 'is not writable for this user',
      EROFS: 'is on a read-only disk',
      ENOSPC: 'is on a full disk',
      ENOTDIR: 'is not a folder',
      ENOENT: 'is where no folder can be made',
      EEXIST: 'is not a folder',
    }
    const { code = '', message } = error as NodeJS.ErrnoException
    return [`DATA_DIR: ${dataDir} ${reasons[code] ?? `cannot be used (${message})`}`]
  }
}

/**
 * Makes a folder and those above it that are missing, from the top, so that nothing is made where the first cannot be. Node's
 * own recursive mkdir never ends in /proc, which says of every new folder that the one above is missing.
 */
function makeFolder(folder: string): void {
  const isFolder = (): boolean => statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true
  if (isFolder()) return
  if (path.dirname(folder) !== folder) makeFolder(path.dirname(folder))
  try {
    mkdirSync(folder)
  } catch (error) {
    // Another start may have been quicker.
    if (!isFolder()) throw error
  }
}

/** Which of the ports cannot be had, each with the name of its variable and, where it can be told, who holds it. */
export async function portProblems(ports: [name: string, port: number][], nginx: boolean): Promise<string[]> {
  const problems = ports.map(async ([name, port]) => {
    const isPublic = nginx && (name === 'HTTPS_PORT' || name === 'HTTP_PORT')
    const code = await tryPort(port, isPublic ? '0.0.0.0' : '127.0.0.1')
    if (code === null) return []
    if (code === 'EACCES') return [`${name}: port ${port} is for root only on this machine: take one from 1024 on`]
    const holder = findListener(port)
    return [`${name}: port ${port} is taken${holder === null ? '' : ` by ${holder}`}: stop that, or choose another port`]
  })
  return (await Promise.all(problems)).flat()
}

/** The reason why nobody can listen there, or null. */
function tryPort(port: number, host: string): Promise<string | null> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'))
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(null)))
  })
}
