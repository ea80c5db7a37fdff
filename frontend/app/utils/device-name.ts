/** Browsers whose word contains that of another one come before it: Edge says Chrome, and Chrome says Safari. */
const BROWSERS = [
  [/\bEdgA?(?:iOS)?\//, 'Edge'],
  [/\bOPR\/|\bOpera\b/, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bVivaldi\//, 'Vivaldi'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\b(?:Chrome|CriOS|Chromium|HeadlessChrome)\//, 'Chrome'],
  [/\bVersion\/[\d.]+ (?:Mobile\/\w+ )?Safari\//, 'Safari'],
] as const

/** The same of systems: Android says Linux, and an iPhone says Mac OS X. */
const SYSTEMS = [
  [/\biPhone\b|\biPod\b/, 'an iPhone'],
  [/\biPad\b/, 'an iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b|\bMacintosh\b/, 'a Mac'],
  [/\bLinux\b|\bX11\b/, 'Linux'],
] as const

/**
 * A device in the words of a person, from what its browser says of itself: `Firefox on Windows`. Only to be recognised by: a browser
 * can say what it likes.
 */
export function deviceName(userAgent: string | null): string {
  const said = userAgent ?? ''
  const browser = BROWSERS.find(([pattern]) => pattern.test(said))?.[1]
  const system = SYSTEMS.find(([pattern]) => pattern.test(said))?.[1]
  if (browser && system) return `${browser} on ${system}`
  if (browser ?? system) return browser ?? `A browser on ${system}`
  // A program names itself first: `curl/8.5.0`.
  return /^([A-Za-z][\w-]{1,30})\/\d/.exec(said)?.[1] ?? 'Unknown device'
}
