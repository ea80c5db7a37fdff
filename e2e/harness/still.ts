import type { Page } from '@playwright/test'

/**
 * Holds a page still, so that it looks the same at any time and for anybody: the clock shows the same digits and its wheels stand as they
 * begin, dates and what is of one run alone (names, addresses, the phrase of the day) are the same words.
 */
export async function holdStill(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await document.fonts.ready
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
    for (const timer of Array.from({ length: Number(setTimeout(() => undefined)) + 1 }, (_, id) => id)) {
      clearTimeout(timer)
      clearInterval(timer)
    }
    for (const fall of document.querySelectorAll('.fall')) fall.replaceChildren()
    const reading = { years: '12', months: '10', weeks: '3', days: '5', hours: '14', minutes: '07', seconds: '38' }
    for (const group of document.querySelectorAll('.group')) {
      const name = [...group.classList].find((one): one is keyof typeof reading => one in reading)
      const flaps = [...group.querySelectorAll('.flap')]
      const digits = (name === undefined ? '' : reading[name]).slice(0, flaps.length)
      for (const [at, flap] of flaps.entries())
        for (const digit of flap.querySelectorAll('i')) digit.textContent = digits[at] ?? '0'
      // Of one the name is another word.
      const unit = group.querySelector('.unit')
      if (unit && name !== undefined && !unit.textContent.endsWith('s')) unit.textContent = name
    }
    // A wall is dimmed at night, and wanders.
    for (const scene of document.querySelectorAll<HTMLElement>('.scene')) scene.style.translate = ''
    document.querySelector('.night')?.classList.remove('night')
    for (const wheel of document.querySelectorAll<HTMLElement>('.train .face')) wheel.style.transform = ''
    for (const time of document.querySelectorAll('time')) {
      const isLong = /^[A-Z]\w+day/.test(time.textContent)
      time.textContent = isLong ? 'Friday, 1 May 2026, 09:30' : '1 May 2026, 09:30'
    }
    for (const phrase of document.querySelectorAll('.phrase')) phrase.textContent = 'A dull log is a good log.'
    const words: [RegExp, string][] = [
      [/Ada Tester [0-9a-f]{10}/g, 'Ada Tester'],
      [/ada-tester-[0-9a-f]{10}/g, 'ada-tester'],
      [/ada\.[0-9a-f]{10}@/g, 'ada@'],
      [/\d\d:\d\d now/g, '09:30 now'],
      [/localhost:\d+/g, 'example.org'],
    ]
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (texts.nextNode()) {
      const text = texts.currentNode
      for (const [pattern, same] of words) text.nodeValue = (text.nodeValue ?? '').replaceAll(pattern, same)
    }
    for (const field of document.querySelectorAll('input')) {
      for (const [pattern, same] of words) field.value = field.value.replaceAll(pattern, same)
    }
  })
}
