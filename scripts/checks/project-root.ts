import path from 'node:path'

/** The folder of the project, wherever it was cloned to. */
export const ROOT = path.resolve(import.meta.dirname, '../..')
