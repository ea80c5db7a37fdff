import { MAX_IMPORT_BYTES } from '@kennwilliamson/contracts/limits'
import type { ImportOutcome } from '@kennwilliamson/contracts/transfer'
import { useApi } from '#imports'
import type { Download, Upload } from './useApi'
import { timerPath } from './useDashboard'

/** A file that a person chose, read. */
export interface ChosenFile extends Upload {
  name: string
}

/** Why a file cannot be taken, in words for the person, or null. What is in it only the API knows. */
export function fileComplaint({ name, size }: { name: string; size: number }): string | null {
  if (!/\.(?:csv|json)$/i.test(name)) return 'This must be a file in CSV or JSON, such as an export from here gives.'
  if (size === 0) return 'This file is empty.'
  return size > MAX_IMPORT_BYTES ? `This file is too large: ${MAX_IMPORT_BYTES / 1024 / 1024} MB is the most.` : null
}

/** Reads a file that `fileComplaint` has nothing against. */
export async function readChosen(file: File): Promise<ChosenFile> {
  const type = /\.json$/i.test(file.name) ? 'application/json' : 'text/csv'
  return { name: file.name, type, text: await file.text() }
}

/** A timer's incidents as a file, out and in. Throws `ApiError`. */
export function useTransfer(timerId: () => string) {
  const api = useApi()
  return {
    exportFile: (format: 'csv' | 'json'): Promise<Download> => api.download(timerPath(timerId(), `/export?format=${format}`)),
    /** What an import would do. Saves nothing. */
    tryImport: (file: Upload): Promise<ImportOutcome> => api.upload(timerPath(timerId(), '/import?dry_run=true'), file),
    /** The same `key` again is the same import. */
    importFile: (file: Upload, key: string): Promise<ImportOutcome> =>
      api.upload(timerPath(timerId(), '/import'), file, { idempotencyKey: key }),
  }
}
