#!/usr/bin/env bash
# rollback: puts the release before this one back into service. The database stays as it is: every migration lets the release before
# it go on working. To bring data back, scripts/restore-db.sh.
#
#   scripts/rollback.sh [--to RELEASE] [--help]

# shellcheck source=scripts/lib/site.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/site.sh"
to=
while [ $# -gt 0 ]; do
  case $1 in
    --to) to=${2:-}; shift ;;
    --help | -h) show_help; exit ;;
    *) bad_argument "$1" ;;
  esac
  shift
done
need_engine
need_secrets
lock
before=$(setting RELEASE latest)
to=${to:-$(setting PREVIOUS_RELEASE)}
[ -n "$to" ] || fail 'there was no release before this one; --to RELEASE names another'
[ "$to" != "$before" ] || fail "release $to is in service already"
need_images "$to"

began=$SECONDS
back() {
  trap - INT TERM HUP
  put_back "$before"
  fail "$1; $before goes on"
}
trap 'back interrupted' INT TERM HUP
RELEASE=$to roll backend || back "the API of release $to did not become healthy"
RELEASE=$to roll frontend || back "the pages of release $to did not become healthy"
RELEASE=$to compose up --detach --no-deps --no-build --wait nginx || back "nginx of release $to did not become healthy"
trap - INT TERM HUP
write_setting PREVIOUS_RELEASE "$before"
write_setting RELEASE "$to"
if [ -n "$(compose ps -q backup 2>/dev/null)" ]; then RELEASE=$to compose up --detach --no-deps --no-build backup || say 'backup: could not be replaced' >&2; fi
say "release $to is in service again after $((SECONDS - began)) s; the database is as it was"
