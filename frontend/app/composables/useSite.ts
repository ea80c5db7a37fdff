import { useRuntimeConfig, useState } from '#imports'

/** What every page may know of the installation: the origin under which people see it, and what stands in front of it. */
export function useSite() {
  const config = useRuntimeConfig()
  return useState('site', () =>
    // Only the server knows these settings; the page hands them to the browser. An error page may come without them.
    import.meta.server
      ? { origin: new URL(String(config.siteUrl)).origin, edge: String(config.edge) }
      : { origin: location.origin, edge: 'nginx' },
  )
}
