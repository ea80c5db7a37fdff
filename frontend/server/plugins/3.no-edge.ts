import { getSettings } from '../utils/settings.ts'

/** The headers that nginx writes, for the time when nothing stands in front. */
const EDGE_HEADERS = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'strict-origin-when-cross-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
}

export default defineNitroPlugin((nitro) => {
  nitro.hooks.hook('request', (event) => {
    if (getSettings().edge === 'none') setResponseHeaders(event, EDGE_HEADERS)
  })
})
