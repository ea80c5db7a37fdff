/** An attack or a fault that the site must withstand. */
interface HardeningCase {
  what: string
  /** `tested`: some test's name begins with the id. Else why there is none: what has to be there first. */
  status: 'tested' | { waitsFor: string }
}

const tested = (what: string): HardeningCase => ({ what, status: 'tested' })
const waits = (waitsFor: string, what: string): HardeningCase => ({ what, status: { waitsFor } })

const SWEEP = 'the hardening sweep'
const BENCH = 'the bench'
const MAIL = 'mail'

/**
 * Every known case, by its id. A Authentication, S Sessions, Z Authorization, C Cross-site, I Input, H Headers, D Denial of service,
 * P Privacy, U Supply chain, O Operations, L Loss of data. Numbers are never given twice; a missing one belongs to nothing.
 */
export const HARDENING_CASES: Record<string, HardeningCase> = {
  A01: tested('a hundred wrong passwords on one account'),
  A03: tested('one password on hundreds of accounts, and what that does to everybody else'),
  A05: tested('passwords too short, common, or made of the address or the name of the site'),
  A06: tested('long passwords, spaces, emoji, the same in another Unicode form'),
  A08: tested('a password of a megabyte'),
  A09: tested('a password that is no text'),
  A10: tested('look-alikes of an e-mail address'),
  A11: tested('one address registered many times at once'),
  A12: tested('a reset link used twice, replaced, outdated'),
  A14: tested('a reset ends all sessions and is told of'),
  A15: tested('a password changed without the present one'),
  A16: tested('signing somebody in from another site'),
  A18: tested('accounts that come with the installation'),
  A19: tested('a deactivated or deleted account signs in or stays in'),
  A20: tested('how passwords are kept'),

  S01: tested('a used refresh token again'),
  S02: tested('reuse in one session, and the other sessions'),
  S03: tested('many refreshes with one token at once'),
  S04: tested('a lost answer'),
  S07: tested('a session past its absolute end'),
  S08: tested('a session of the pages past its ends'),
  S09: tested('every kind of token after signing out'),
  S10: tested('signing out everywhere'),
  S11: tested('a session planted before signing in'),
  S12: tested('tokens with another algorithm or signature'),
  S14: tested('tokens of another kind or for somebody else'),
  S15: tested('tokens at another time'),
  S17: tested('a changed signing key'),
  S19: tested('the flags of the cookie'),
  S20: tested('tokens where they do not belong: addresses, pages, storage, logs'),
  S21: tested('random tokens'),
  S22: tested('a stolen dump'),
  S23: tested('one person’s page or cookie for another'),

  Z01: tested('every route for every role'),
  Z03: tested('lists asked for somebody else’s rows'),
  Z04: tested('keys that nobody may set'),
  Z07: tested('other spellings of paths and methods'),
  Z09: tested('ports that are nobody’s business'),
  Z10: tested('an address taken over from its former owner'),
  Z11: tested('the page of a deleted account'),
  Z12: tested('what the role of the API may do in the database'),

  C01: tested('forms of another site'),
  C02: tested('origins that look alike'),
  C03: tested('requests that say they come from another site'),
  C05: tested('framing'),
  C07: tested('a hold on our windows'),

  I01: tested('SQL in every field'),
  I02: tested('markup in every field'),
  I04: waits('links of users', 'addresses that are code'),
  I07: tested('characters that break text'),
  I08: tested('numbers that are none'),
  I10: tested('other content types'),
  I11: tested('line breaks in headers'),
  I13: waits('webhooks', 'addresses that the server is made to ask'),
  I14: tested('ways out of the folder of files'),
  I16: tested('random requests made from the schemas'),
  I18: tested('what is no HTTP'),

  H01: waits(SWEEP, 'the rules of MDN’s observatory'),
  H03: tested('the script policy of every page'),
  H04: waits(SWEEP, 'the policy judged by its evaluator'),
  H05: tested('trusted types'),
  H06: tested('the grade of the TLS settings'),
  H07: tested('old TLS'),
  H08: tested('plain http'),
  H10: tested('files and versions that are nobody’s business'),
  H12: tested('what a shared cache may keep'),
  H13: tested('the type of every body'),

  D01: tested('slow clients'),
  D02: tested('a burst of sign-ins'),
  D03: tested('limits across restarts and instances'),
  D04: tested('many passwords at once'),
  D05: tested('deep pages and costly searches'),
  D07: waits(SWEEP, 'HTTP/2 streams without end'),
  D08: waits(BENCH, 'ten minutes of load'),
  D09: waits(BENCH, 'three times what it can carry'),

  P01: tested('whether an address has an account'),
  P03: waits(MAIL, 'whether an address has an account, asked through recovery'),
  P04: tested('what public answers say about a person'),
  P05: tested('what can be counted from outside'),
  P07: tested('taking one’s data along, and leaving nothing'),
  P08: tested('requests to anybody else'),
  P10: tested('what the back button shows after signing out'),

  U01: waits(SWEEP, 'install scripts'),
  U02: tested('packages pinned by their content'),
  U05: waits(SWEEP, 'secrets in files'),
  U07: waits(SWEEP, 'licences'),
  U09: waits(SWEEP, 'secrets of the server in the browser'),

  O01: tested('a restart under load'),
  O02: tested('an instance killed under load'),
  O04: tested('no database for a while'),
  O05: tested('a slow, a stalled and a broken database connection'),
  O07: tested('a migration that waits for a lock'),
  O08: tested('the release before with the new schema'),
  O09: tested('a broken release'),
  O11: tested('what nobody caught, and no memory'),
  O13: tested('secrets that are missing or wrong'),
  O14: tested('nginx reads its configuration anew under load'),
  O15: tested('alive without a database, and not ready'),
  O16: tested('two migrators'),
  O17: tested('a job killed in the middle'),

  L01: tested('PostgreSQL killed under writes'),
  L03: tested('the same with a server that answers too early'),
  L04: tested('settings that keep what was acknowledged'),
  L07: tested('a full disk'),
  L08: tested('backup and restore, to the letter'),
  L11: tested('a damaged backup'),
  L12: tested('a clean machine'),
  L14: waits(MAIL, 'a crash between the change and its mail'),
  L16: tested('export and import'),
}
