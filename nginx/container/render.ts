import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { BROTLI, renderNginxConfiguration, type NginxOptions } from '../render.ts'

/**
 * `node nginx/container/render.ts FOLDER` writes the configuration of the nginx container, for production and, in the folder
 * `development`, for Nuxt's development server. The image has no Node: what is known only where it runs stays in it as
 * `${NAME}`, and entrypoint.sh checks and fills in exactly the names of AT_START.
 */
const OPTIONS: NginxOptions = {
  folder: '/run/nginx',
  publicFolder: '/srv/site/public',
  certificate: '',
  certificateKey: '',
  siteUrl: 'https://localhost',
  httpsPort: 8443,
  httpPort: 8080,
  listenOn: [''],
  apiAddress: '',
  pagesAddress: '',
  resolver: '',
  // The longest that a read may take. Within the time that Docker waits before it kills.
  shutdownSeconds: 12,
  // Runs as an ordinary user from the first process on.
  user: null,
  workers: 1,
  connections: 1,
  brotliModules: [],
  // At least: `http2 on` is written as a line of its own since then.
  version: '1.26.0',
  // One write of at most 4 KB is never torn apart by another worker's.
  accessLog: '/dev/stdout site buffer=4k flush=1s',
  acmeFolder: '/var/lib/acme',
  earlierAssets: '/var/lib/site-assets',
}

/** Names of the templates that entrypoint.sh gives their values. It refuses to start when this list and its own differ. */
const AT_START = [
  'SITE_URL',
  'SITE_HOST',
  'SITE_HOST_PATTERN',
  'HTTPS_PORT_SUFFIX',
  'REAL_CLIENT',
  'CERTIFICATE',
  'CERTIFICATE_KEY',
  'API',
  'PAGES',
  'RESOLVER',
  'WORKERS',
  'CONNECTIONS',
  'OPEN_FILES',
  'LOAD_MODULES',
  'BROTLI',
  'BROTLI_OFF',
]

function write(folder: string, files: Map<string, string>): void {
  for (const [name, text] of files) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
    writeFileSync(path.join(folder, name), text)
  }
}

const [folder] = process.argv.slice(2)
if (folder === undefined) {
  process.stderr.write('usage: node nginx/container/render.ts FOLDER\n')
  process.exit(1)
}
const asNamed = Object.fromEntries(AT_START.map((name) => [name, `\${${name}}`]))
const options = {
  ...OPTIONS,
  resolver: asNamed['RESOLVER'] ?? '',
  apiAddress: asNamed['API'] ?? '',
  pagesAddress: asNamed['PAGES'] ?? '',
}
for (const dev of [false, true]) {
  const files = renderNginxConfiguration({ ...options, dev }, asNamed)
  // Included where nginx has the modules.
  files.set('snippets/brotli.conf', `${BROTLI}\n`)
  write(path.join(folder, dev ? 'development' : 'production'), files)
}
writeFileSync(path.join(folder, 'names-at-start'), AT_START.map((name) => `${name}\n`).join(''))
