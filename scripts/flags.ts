/** What stands behind `npm start --`. */
export interface Flags {
  /** Hot reload of pages and API. */
  dev: boolean
  /** False with `--no-nginx`: plain http on localhost, for looking around. */
  nginx: boolean
  /** False with `--no-apt`: nothing is installed on this machine. */
  apt: boolean
  help: boolean
}

export const USAGE = `npm start [-- flags]        runs the whole site in the foreground; Ctrl-C stops it
npm run dev [-- flags]      the same with hot reload

  --no-nginx   without nginx: plain http on http://localhost:HTTP_PORT, for looking around (no TLS, no limits, no cache)
  --no-apt     never install anything on this machine
  --help       this text

Settings come from the environment and from a file .env; .env.example lists them all.`

/** Reads the flags; an unknown one is a problem, because a mistyped --no-apt must not install anything. */
export function parseFlags(args: string[]): { flags: Flags; problems: string[] } {
  const flags: Flags = { dev: false, nginx: true, apt: true, help: false }
  const problems: string[] = []
  for (const argument of args) {
    if (argument === '--dev') flags.dev = true
    else if (argument === '--no-nginx') flags.nginx = false
    else if (argument === '--no-apt') flags.apt = false
    else if (argument === '--help' || argument === '-h') flags.help = true
    else problems.push(`${argument}: there is no such flag (see npm start -- --help)`)
  }
  return { flags, problems }
}
