#!/usr/bin/env bash
# reset-db: empties the database and makes it anew. A backup of what was there is made first and named.
#
#   scripts/reset-db.sh [--yes] [--name SITE] [--help]
#
#   --yes         do not ask
#   --name SITE   in production, the name of the site: nothing else is an answer there

# shellcheck source=scripts/lib/site.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/site.sh"
while [ $# -gt 0 ]; do
  case $1 in
    --yes) ASSUME_YES=yes ;;
    --name) GIVEN_NAME=${2:-}; shift ;;
    --help | -h) show_help; exit ;;
    *) bad_argument "$1" ;;
  esac
  shift
done
need_engine
need_secrets
confirm_destruction "This empties the database of $(site_url)"

lock
compose up --detach --no-recreate --wait database
operate node database/src/backup-cli.ts backup --name-prefix before-reset || fail 'the backup failed, so nothing was touched'
services=$(compose ps -a --services | grep -xE 'backend|backup' || true)
resume() {
  trap - EXIT
  # shellcheck disable=SC2086 # none, one or two words
  [ -z "$services" ] || compose up --detach --no-deps --no-recreate --no-build --wait $services
}
trap 'say "not finished: starting again what was stopped" >&2; resume' EXIT
trap 'exit 130' INT TERM HUP
for service in $services; do compose stop "$service"; done
compose exec -T database psql -q -v ON_ERROR_STOP=1 -U postgres -d postgres -c 'drop database if exists kennwilliamson with (force)'
operate rm -f /backups/installed.json
compose run --rm --no-deps -T migrate
resume
say 'the database is empty; what was there is in the backup named above (scripts/restore-db.sh)'
