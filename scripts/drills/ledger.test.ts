import { beforeEach, describe, expect, it } from 'vitest'
import { createLedger, type Entry, type Ledger } from './ledger.ts'

let ledger: Ledger
let entry: Entry
beforeEach(() => {
  ledger = createLedger()
  entry = ledger.open('a', 'a first')
})

function acknowledge(): void {
  ledger.settle(entry, 'acknowledged')
  entry.id = '1'
}

const first = { id: '1', notes: 'a first' }
const second = { id: '1', notes: 'a second' }

describe('an incident that was acknowledged', () => {
  beforeEach(acknowledge)

  it('must be there, once, under its id and with its note', () => {
    expect(ledger.compare([first])).toEqual([])
    expect(ledger.compare([])).toEqual(['a: was acknowledged and is lost'])
    expect(ledger.compare([first, { id: '2', notes: 'a first' }])).toEqual(['a: is there 2 times'])
    expect(ledger.compare([{ id: '2', notes: 'a first' }])).toEqual(['a: is there under another id'])
  })

  it('must have its edited note and no older one', () => {
    ledger.change(entry, 'a second')
    ledger.settle(entry, 'acknowledged')
    expect(ledger.compare([second])).toEqual([])
    expect(ledger.compare([first])).toEqual(['a: its edit was acknowledged and is lost'])
    expect(ledger.compare([])).toEqual(['a: was acknowledged and is lost'])
  })

  it('must be gone once its deletion was acknowledged', () => {
    ledger.change(entry, null)
    ledger.settle(entry, 'acknowledged')
    expect(ledger.compare([])).toEqual([])
    expect(ledger.compare([first])).toEqual(['a: its deletion was acknowledged and is lost'])
  })

  it('may have either note after an edit without an answer, and must be there', () => {
    ledger.change(entry, 'a second')
    ledger.settle(entry, 'unknown')
    expect(ledger.isKnown(entry)).toBe(false)
    expect([...ledger.compare([first]), ...ledger.compare([second])]).toEqual([])
    expect(ledger.compare([])).toEqual(['a: was acknowledged and is lost'])
    expect(ledger.compare([{ id: '1', notes: 'a third' }])).toEqual(['a: its edit was acknowledged and is lost'])
  })

  it('may be there or not after a deletion without an answer', () => {
    ledger.change(entry, null)
    ledger.settle(entry, 'unknown')
    expect([...ledger.compare([first]), ...ledger.compare([])]).toEqual([])
  })

  it('keeps what it was when a change is refused', () => {
    ledger.change(entry, null)
    ledger.settle(entry, 'refused')
    expect(ledger.compare([first])).toEqual([])
    expect(ledger.compare([])).toEqual(['a: was acknowledged and is lost'])
  })
})

describe('an incident without an answer', () => {
  it('may be there or not, but never twice', () => {
    ledger.settle(entry, 'unknown')
    expect([...ledger.compare([]), ...ledger.compare([first])]).toEqual([])
    expect(ledger.compare([first, { id: '2', notes: 'a first' }])).toEqual(['a: is there 2 times'])
  })

  it('must be there once a repeated request was acknowledged', () => {
    ledger.settle(entry, 'unknown')
    acknowledge()
    expect(ledger.compare([])).toEqual(['a: was acknowledged and is lost'])
  })
})

it('an incident that nobody has asked for is told', () => {
  acknowledge()
  expect(ledger.compare([first, { id: '9', notes: 'b first' }])).toEqual(['b: nobody has asked for it'])
})

it('counts answers', () => {
  ledger.settle(entry, 'unknown')
  acknowledge()
  expect(ledger.counts).toEqual({ acknowledged: 1, unknown: 1 })
})
