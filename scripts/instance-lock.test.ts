import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findInstance, noteChildren, releaseInstanceLock, takeInstanceLock, type Instance } from './instance-lock.ts'
import { isRunning, markOf } from './processes.ts'

let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(path.join(tmpdir(), 'kw-lock-'))
  mkdirSync(path.join(dataDir, 'run'))
})
afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

const leave = (instance: Partial<Instance>): void =>
  writeFileSync(
    path.join(dataDir, 'run/supervisor.json'),
    JSON.stringify({ pid: 1, started: '0', siteUrl: 'https://localhost', children: [], ...instance }),
  )

describe('the lock of a data folder', () => {
  it('is taken once, and given back', async () => {
    await takeInstanceLock(dataDir, 'https://localhost:8443')
    expect(findInstance(dataDir)).toMatchObject({ pid: process.pid, siteUrl: 'https://localhost:8443' })
    await expect(takeInstanceLock(dataDir, 'https://localhost:8443')).rejects.toThrow(
      `the site runs already: https://localhost:8443 (pid ${process.pid}, data in ${dataDir})`,
    )
    releaseInstanceLock(dataDir)
    expect(readdirSync(path.join(dataDir, 'run'))).toEqual([])
  })

  it('is not kept by a process that is gone, nor by another one with its number', async () => {
    leave({ pid: process.ppid, started: '1' })
    expect(findInstance(dataDir)).toBeNull()
    await takeInstanceLock(dataDir, 'https://localhost')
    expect(findInstance(dataDir)?.pid).toBe(process.pid)
    releaseInstanceLock(dataDir)
  })

  it('outlives a file that was cut short', async () => {
    writeFileSync(path.join(dataDir, 'run/supervisor.json'), '{"pid":')
    await takeInstanceLock(dataDir, 'https://localhost')
    expect(findInstance(dataDir)?.pid).toBe(process.pid)
    releaseInstanceLock(dataDir)
  })

  it('ends what a killed supervisor has left, and nobody else', async () => {
    const left = spawn('sleep', ['60'], { detached: true })
    const stranger = spawn('sleep', ['60'], { detached: true })
    const marks = [left, stranger].map((child) => markOf(child.pid ?? 0) ?? { pid: 0, started: '' })
    const [mark = { pid: 0, started: '' }, strangersMark = { pid: 0, started: '' }] = marks
    leave({
      pid: 4_194_304,
      children: [
        { ...mark, name: 'api' },
        { pid: strangersMark.pid, started: '1', name: 'nuxt' },
      ],
    })
    await takeInstanceLock(dataDir, 'https://localhost')
    expect(marks.map(isRunning)).toEqual([false, true])
    stranger.kill('SIGKILL')
    releaseInstanceLock(dataDir)
  })

  it('notes the children of its own process only', async () => {
    noteChildren(dataDir, [{ name: 'api', pid: process.pid }])
    expect(existsSync(path.join(dataDir, 'run/supervisor.json'))).toBe(false)
    await takeInstanceLock(dataDir, 'https://localhost')
    noteChildren(dataDir, [{ name: 'api', pid: process.ppid }])
    expect(findInstance(dataDir)?.children).toMatchObject([{ name: 'api', pid: process.ppid }])
    releaseInstanceLock(dataDir)
  })
})
