import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { ERRORS, type ErrorCode } from '@kennwilliamson/contracts/errors'

/** All that the configuration depends on. Folders and files are absolute. */
export interface NginxOptions {
  /** Where the configuration is written to and where nginx keeps its pid, log and temporary files. */
  folder: string
  /** The public files of the frontend's build. */
  publicFolder: string
  certificate: string
  certificateKey: string
  /** Origin under which people see the site. */
  siteUrl: string
  httpsPort: number
  httpPort: number
  /** Prefixes of `listen`: `''` for every IPv4 address, `'[::]:'` for every IPv6 one, `'127.0.0.1:'`. */
  listenOn: string[]
  /** `host:port` of the API and of the pages. */
  apiAddress: string
  pagesAddress: string
  /** A DNS server that looks up the names in the two addresses while nginx runs, each for 2 s; without it they are looked up once. */
  resolver?: string
  /** Whom the workers run as; only where nginx is started as root. */
  user: { name: string; group: string } | null
  /** Addresses or networks of proxies before nginx, whose `X-Forwarded-For` is believed; none for none. */
  trustedProxies?: string[]
  workers: number
  /** Connections of one worker; each needs an open file. */
  connections: number
  /** Absolute paths of the brotli modules, none where the machine has none. */
  brotliModules: string[]
  /** nginx's version, such as `1.22.1`: how HTTP/2 is switched on changed with 1.25.1. */
  version: string
  /** Assets come from Nuxt's development server, with its WebSocket. */
  dev?: boolean
  /** How long a worker that is replaced may take for what it has begun, in seconds; an event stream ends then. 3 unless said. */
  shutdownSeconds?: number
  /** Where requests are logged to; a file in `folder` unless said. */
  accessLog?: string
  /** Where the challenges of a certificate authority lie, for the http port; none for none. */
  acmeFolder?: string
  /** Where assets are looked for that are not in `publicFolder`: those of earlier releases, for pages that are still open. */
  earlierAssets?: string
  /** Both false only for the negative controls of the tests. */
  limits?: boolean
  cache?: boolean
  /** How long a last good answer may be given in the place of none, in seconds; tests shorten it. */
  lastGoodSeconds?: number
  /** Lines for the http block, for tests. */
  extra?: string
}

const TITLES: Partial<Record<number, string>> = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  413: 'Content Too Large',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
}

const OWN_PROBLEMS = [
  'MALFORMED_REQUEST',
  'FORBIDDEN',
  'NOT_FOUND',
  'METHOD_NOT_ALLOWED',
  'REQUEST_TIMEOUT',
  'BODY_TOO_LARGE',
  'TOO_MANY_REQUESTS',
  'HEADERS_TOO_LARGE',
  'INTERNAL',
  'OVERLOADED',
] as const satisfies ErrorCode[]

/** Writes the configuration into `options.folder` and returns the path of its main file. */
export function writeNginxConfiguration(options: NginxOptions): string {
  for (const folder of ['snippets', 'logs', 'temp', 'cache']) mkdirSync(path.join(options.folder, folder), { recursive: true })
  for (const [name, text] of renderNginxConfiguration(options)) writeFileSync(path.join(options.folder, name), text)
  return path.join(options.folder, 'nginx.conf')
}

/** Fills in the templates of this folder: file name to text. `instead` replaces the values of some names. */
export function renderNginxConfiguration(options: NginxOptions, instead: Record<string, string> = {}): Map<string, string> {
  const values = { ...templateValues(options), ...instead }
  const fill = (text: string): string =>
    text.replaceAll(/\$\{([A-Z][A-Z0-9_]*)\}/g, (_, name: string) => {
      const value = values[name]
      if (value === undefined) throw new Error(`the nginx templates want \${${name}}, which render.ts does not know`)
      return value
    })
  const files = [
    'nginx.conf',
    ...readdirSync(path.join(import.meta.dirname, 'snippets')).map((name) => `snippets/${name.replace(/\.template$/, '')}`),
  ]
  return new Map(files.map((name) => [name, fill(readFileSync(path.join(import.meta.dirname, `${name}.template`), 'utf8'))]))
}

function templateValues(options: NginxOptions): Record<string, string> {
  const { siteUrl, httpsPort, httpPort, dev = false, limits = true, brotliModules, trustedProxies = [] } = options
  const brotli = brotliModules.length > 0
  const separateHttp2 = isAtLeast(options.version, [1, 25, 1])
  const listen = (port: number, more: string): string =>
    options.listenOn.map((prefix) => `listen ${prefix}${port}${more} default_server;`).join('\n    ')
  return {
    LOAD_MODULES: brotliModules.map((file) => `load_module ${file};`).join('\n'),
    USER: options.user === null ? '' : `user ${options.user.name} ${options.user.group};`,
    WORKER_USER_NAME: options.user?.name ?? 'an unprivileged user',
    SHUTDOWN_TIMEOUT: `${options.shutdownSeconds ?? 3}s`,
    WORKERS: String(options.workers),
    CONNECTIONS: String(options.connections),
    OPEN_FILES: String(options.connections + 64),
    FOLDER: options.folder,
    PUBLIC_FOLDER: options.publicFolder,
    CERTIFICATE: options.certificate,
    CERTIFICATE_KEY: options.certificateKey,
    INSTANCES: options.resolver === undefined ? upstreams(options) : lookUp(options.resolver),
    // A name's addresses have no connections that are kept. Whoever closes a connection first has its port in use for another minute:
    // at some 500 a second nginx would run out of ports, so it has the instance close it.
    CONNECTION: options.resolver === undefined ? '""' : 'close',
    API: options.resolver === undefined ? 'api' : options.apiAddress,
    PAGES: options.resolver === undefined ? 'pages' : options.pagesAddress,
    KEPT: options.cache === false ? '0' : '1',
    // With the second that the edge keeps it, and the time that an answer may have taken: 60 s in all.
    LAST_GOOD_SECONDS: String(options.lastGoodSeconds ?? 55),
    PUBLIC_API_PATHS,
    PUBLIC_PAGE_PATHS,
    PUBLIC_PICTURE_PATHS,
    // The development server compiles a page when it is first asked for.
    API_READ_TIMEOUT: dev ? '30s' : '3s',
    PAGES_READ_TIMEOUT: dev ? '60s' : '6s',
    ACCESS_LOG: options.accessLog ?? `${options.folder}/logs/access.log site buffer=16k flush=2s`,
    ACME: options.acmeFolder === undefined ? '' : ACME.replace('FOLDER', options.acmeFolder),
    LISTEN_HTTP: listen(httpPort, ''),
    LISTEN_HTTPS: listen(httpsPort, separateHttp2 ? ' ssl' : ' ssl http2') + (separateHttp2 ? '\n    http2 on;' : ''),
    HTTPS_PORT_SUFFIX: httpsPort === 443 ? '' : `:${httpsPort}`,
    SITE_URL: siteUrl,
    SITE_HOST: new URL(siteUrl).hostname,
    SITE_HOST_PATTERN: new URL(siteUrl).hostname.replaceAll('.', '\\.'),
    REAL_CLIENT: realClient(trustedProxies),
    EXTRA: options.extra ?? '',
    ...limitValues(limits),
    BROTLI: brotli ? BROTLI : '# brotli: this nginx has no module for it',
    BROTLI_OFF: brotli ? 'brotli off;' : '',
    ASSETS: dev ? DEV_ASSETS.replace('FOLDER', options.folder) : assets(options),
    // Nuxt's development server sends pages without a policy, since its inline scripts change all the time.
    DEV_POLICY: dev ? '"~^\\|text/html" "frame-ancestors \'none\'";' : '',
    DEV_PATHS: dev ? '"~^/_nuxt/" 0;' : '',
    CONNECTION_UPGRADE: dev ? 'map $http_upgrade $connection_upgrade {\n  default upgrade;\n  "" "";\n}' : '',
    PAGES_CONNECTION: dev
      ? 'proxy_set_header Upgrade $http_upgrade;\nproxy_set_header Connection $connection_upgrade;'
      : 'proxy_set_header Connection $connection_inside;',
    PROBLEM_LOCATIONS: OWN_PROBLEMS.map(problemLocation).join('\n'),
    PROBLEM_PLAIN: problem('FORBIDDEN', 'This answers over https only'),
    PAGE_400: page('Bad address', 'This address is not written correctly. Please check it.'),
    PAGE_404: page('Not found', 'There is nothing at this address.'),
    PAGE_503: page('One moment', 'The site is starting or busy. Please try again in a few seconds.'),
  }
}

/** Instances at addresses that stay. */
function upstreams({ apiAddress, pagesAddress }: NginxOptions): string {
  return [
    ['api', apiAddress],
    ['pages', pagesAddress],
  ]
    .map(([name, address]) => UPSTREAM.replace('NAME', name ?? '').replace('ADDRESS', address ?? ''))
    .join('\n\n  ')
}

// Without IPv6: Docker's own DNS asks the world for an address that it does not have.
function lookUp(resolver: string): string {
  return `resolver ${resolver} valid=2s ipv6=off;\n  resolver_timeout 2s;`
}

/** Recursive: the client is the last address of the list that is no trusted proxy, so what a client puts before is ignored. */
function realClient(trustedProxies: string[]): string {
  if (trustedProxies.length === 0) return '# no proxy before nginx: the client is whoever connects'
  return [
    ...trustedProxies.map((entry) => `set_real_ip_from ${entry};`),
    'real_ip_header X-Forwarded-For;',
    'real_ip_recursive on;',
  ].join('\n  ')
}

function limitValues(limits: boolean): Record<string, string> {
  if (!limits) return { LIMIT_ZONES: NO_LIMITS, LIMIT_CONNECTIONS: '', LIMIT_AUTH: '', LIMIT_GENERAL: '' }
  return {
    LIMIT_ZONES: [
      'limit_req_zone $client_network zone=auth:2m rate=10r/s;',
      'limit_req_zone $client_network zone=general:4m rate=50r/s;',
      'limit_conn_zone $client_network zone=connections:2m;',
    ].join('\n'),
    // Far above what one person needs: a wall of screens in one office shares an address.
    LIMIT_CONNECTIONS: 'limit_conn connections 512;',
    LIMIT_AUTH: 'limit_req zone=auth burst=40 nodelay;',
    LIMIT_GENERAL: 'limit_req zone=general burst=200 nodelay;',
  }
}

const NO_LIMITS = '# no limits: the negative control of the tests'

// With max_fails=1 a rolling restart answered 12 % with 502. Connections are kept for less than the 5 s after which Node closes an
// idle one, so that none is used in the moment of its closing.
const UPSTREAM = `upstream NAME {
    server ADDRESS max_fails=0;
    keepalive 32;
    keepalive_timeout 4s;
    keepalive_requests 100000;
  }`

// Addresses whose answer may be the same for everyone. Whether it is, the application says; from the path follows only that
// requests for it wait for one another, and that there is something to fall back on.
const PUBLIC_API_PATHS = '^/backend/(?:shared/[^/]+/[^/]+(?:/incidents|/badge\\.svg)?|[^/]+/incident-timer)$'
const PUBLIC_PAGE_PATHS = '^/(?!(?:api|backend|_nuxt|s)/)[^/.]+/[^/.]+$'

// Pictures at an address of the page that they show; cards are too large to be kept.
const PUBLIC_PICTURE_PATHS = '^/(?!(?:api|backend|_nuxt|s)/)[^/.]+/[^/.]+/(?:badge\\.svg|card\\.png)$'

const ACME = `# Proofs for the certificate authority: files with the name of a token, and nothing else.
    location ^~ /.well-known/acme-challenge/ {
      location ~ ^/\\.well-known/acme-challenge/[A-Za-z0-9_-]+$ {
        root FOLDER;
        types {}
        default_type text/plain;
        try_files $uri =404;
      }
      return 404;
    }`

// Files from disk cost nothing and count against no limit: one page may need dozens of them.
function assets({ publicFolder, earlierAssets }: NginxOptions): string {
  const text = ASSETS.replace('PUBLIC', publicFolder)
  if (earlierAssets === undefined) return text.replace('ELSE', '=404')
  return text.replace('ELSE', '@earlier_assets') + EARLIER_ASSETS.replace('FOLDER', earlierAssets)
}

const ASSETS = `# Built assets, from disk: their names hold their hash. What is not there is not asked from anyone else.
    location ^~ /_nuxt/builds/ {
      return 404;
    }
    location ~ ^/_nuxt/.*\\.map$ {
      return 404;
    }
    location /_nuxt/ {
      root PUBLIC;
      try_files $uri ELSE;
    }`

const EARLIER_ASSETS = `
    location @earlier_assets {
      root FOLDER;
      try_files $uri =404;
    }`

const DEV_ASSETS = `location ^~ /_nuxt/ {
      include FOLDER/snippets/to-pages.conf;
      proxy_pass http://$pages_instances;
    }`

/** Where nginx has the brotli modules. */
export const BROTLI = `brotli on;
brotli_comp_level 6;
brotli_min_length 1024;
brotli_types text/plain text/css application/javascript application/json application/manifest+json application/xml image/svg+xml;
brotli_static on;`

function problem(code: ErrorCode, detail: string = ERRORS[code].detail): string {
  const { status } = ERRORS[code]
  return JSON.stringify({ type: `/backend/docs#${code}`, title: TITLES[status] ?? 'Error', status, detail, code, error: detail })
}

function problemLocation(code: (typeof OWN_PROBLEMS)[number]): string {
  const { status } = ERRORS[code]
  return `location = /_problem/${status} {
  internal;
  default_type application/problem+json;
  return ${status} '${problem(code)}';
}`
}

function page(title: string, text: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><h1>${title}</h1><p>${text}</p></html>`
}

function isAtLeast(version: string, wanted: number[]): boolean {
  const parts = version.split('.').map(Number)
  for (const [index, number] of wanted.entries()) {
    const part = parts[index] ?? 0
    if (part !== number) return part > number
  }
  return true
}
