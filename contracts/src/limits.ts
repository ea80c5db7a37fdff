// Numbers that a page needs without the schema library, which a browser loads only when something is checked.

/** How long after a reset it can be taken back, in seconds. */
export const UNDO_SECONDS = 600

/** Bytes that a file to import may have. */
export const MAX_IMPORT_BYTES = 10 * 1024 * 1024
