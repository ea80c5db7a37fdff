import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'

/** Where a browser finds the files of a build. */
const BASE = '/_nuxt/'

/** What stands in a stylesheet of a build, as it may stand in a document: addresses in it are no longer beside it. */
function forDocument(css: string, file: string): string {
  if (css.includes('</style')) throw new Error(`${file} would end the style element that it is put into`)
  return css.replaceAll(/url\((["']?)\.\//g, `url($1${BASE}`).trim()
}

/**
 * The source of the module `#page-styles`: each stylesheet of the browser's build by its address. To be asked for once that build is
 * done, which is before the server's is.
 */
export async function pageStylesModule(folder: string): Promise<string> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.css')).toSorted()
  if (files.length === 0) throw new Error(`No stylesheet in ${folder}: the browser's build has to come first`)
  const styles = await Promise.all(
    files.map(async (file) => [`${BASE}${file}`, forDocument(await readFile(path.join(folder, file), 'utf8'), file)] as const),
  )
  return `export const pageStyles = new Map(${JSON.stringify(styles)})`
}
