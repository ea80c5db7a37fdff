#!/bin/sh
# Runs a script of this project: `sh scripts/with-node.sh scripts/start.ts [flags]`, with the machine's own Node where that
# can do it (24 from 24.11 on, 26 and later) and otherwise with the pinned one, which is fetched from npm once, together
# with an npm of its age. The fetch runs no install script, and the lockfile beside package.json says what may arrive. Ends as that Node, leaving no shell.
set -eu
CDPATH='' cd -- "$(dirname -- "$0")/.."

PINNED=26.10.0

# What we have to say goes to stderr, so that the output of the script itself can be piped.
say() { printf '%s\n' "runtime  │ $*" >&2; }

give_up() {
  say "$*"
  exit 1
}

# True when this Node runs, strips types and runs Nuxt: the same condition as "engines" in package.json.
is_usable() {
  version=$("$1" --version 2>/dev/null) || return 1
  major=${version#v}
  minor=${major#*.}
  major=${major%%.*}
  minor=${minor%%.*}
  [ "$major" -ge 26 ] || { [ "$major" -eq 24 ] && [ "$minor" -ge 11 ]; }
}

may_use_apt() {
  for argument; do
    [ "$argument" != --no-apt ] || return 1
  done
  command -v apt-get >/dev/null && { [ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null; }
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

# Runs a command that a signal to this script ends too: a shell alone would wait for it and only then obey.
run() {
  "$@" &
  child=$!
  trap 'kill -TERM "$child" 2>/dev/null; wait "$child" || :; clean_up; exit 143' TERM INT HUP
  status=0
  wait "$child" || status=$?
  trap - TERM INT HUP
  return "$status"
}

clean_up() { rm -rf -- ".runtime/fetching.$$"; }

# Fetches beside its place and renames, so that an interrupted or a parallel fetch never leaves half a Node there.
fetch() {
  command -v npm >/dev/null || give_up 'npm was not found: install Node 24.11 or newer, which brings it'
  mkdir -p ".runtime/fetching.$$"
  cp scripts/runtime/package.json scripts/runtime/package-lock.json .npmrc ".runtime/fetching.$$/"
  run npm ci --prefix ".runtime/fetching.$$" --ignore-scripts --loglevel=error >&2 || {
    clean_up
    give_up "Node $PINNED could not be fetched from npm: try again, or install Node 24.11 or newer"
  }
  [ -e "$runtime" ] || mv -- ".runtime/fetching.$$" "$runtime"
  clean_up
}

provide_libatomic() {
  may_use_apt "$@" || give_up 'Node needs the library libatomic1: install it (apt-get install libatomic1) and try again'
  say 'Node needs the library libatomic1, which is missing: installing it with apt-get'
  run as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq libatomic1 >&2 ||
    { run as_root apt-get update -qq >&2 && run as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq libatomic1 >&2; } ||
    give_up 'libatomic1 could not be installed: install it (apt-get install libatomic1) and try again'
}

node=$(command -v node || :)
if [ -z "$node" ] || ! is_usable "$node"; then
  case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) arch=x64 ;;
    Linux-aarch64) arch=arm64 ;;
    *) give_up "this site needs Node 24.11 or newer, and for this machine none is pinned: please install one" ;;
  esac
  found=$([ -z "$node" ] || "$node" --version)
  # Named for what is in it, so that a checkout that pins something else fetches that.
  runtime="$PWD/.runtime/$PINNED-$(cksum < scripts/runtime/package-lock.json | cut -d ' ' -f 1)"
  node="$runtime/node_modules/node-linux-$arch/bin/node"
  if [ ! -x "$node" ]; then
    say "this site needs Node 24.11 or newer, and this machine has ${found:-none}: fetching Node $PINNED from npm, once (60 MB)"
    began=$(date +%s)
    fetch
    say "Node $PINNED is in .runtime ($(($(date +%s) - began)) s)"
  fi
  if ! "$node" --version >/dev/null 2>&1; then
    case $("$node" --version 2>&1 || :) in
      *libatomic*) provide_libatomic "$@" ;;
    esac
    "$node" --version >/dev/null || give_up "Node $PINNED does not run on this machine: please install Node 24.11 or newer"
  fi
fi

if [ -n "${runtime:-}" ]; then
  # npm runs on the first node in PATH, and leaves out optional packages, all native ones among them, that this one is too old for.
  PATH="${node%/*}:$runtime/node_modules/.bin:$PATH"
  export PATH
fi

# Stripping types costs each process 18 MB; from the cache it costs nothing.
NODE_COMPILE_CACHE=${NODE_COMPILE_CACHE:-$PWD/.cache/node}
export NODE_COMPILE_CACHE
exec "$node" "$@"
