/** What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection), full-width forms included. */
const FORMULA = /^'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/

/** Text as a cell that no spreadsheet runs: one apostrophe before what looks like a formula, or like one that has been made safe. */
export function makeSafe(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text
}

/** The text of a cell that {@link makeSafe} wrote: the exact inverse. */
export function takeBack(cell: string): string {
  return cell.startsWith("'") && FORMULA.test(cell) ? cell.slice(1) : cell
}
