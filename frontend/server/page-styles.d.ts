/** Made by the build, see bundle/page-styles.ts. */
declare module '#page-styles' {
  /** The text of each stylesheet by its address, `/_nuxt/….css`. */
  export const pageStyles: ReadonlyMap<string, string>
}
