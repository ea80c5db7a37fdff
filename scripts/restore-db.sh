#!/usr/bin/env bash
# restore-db: brings a backup back, or the whole database to an earlier moment. The site is away meanwhile; what was there is kept.
#
#   scripts/restore-db.sh NAME [--from FOLDER] [--yes] [--name SITE]
#   scripts/restore-db.sh --to TIME            [--yes] [--name SITE]
#
#   NAME            which backup (scripts/backup-db.sh --list), or latest; verified before anything is touched
#   --from FOLDER   take it from this folder of the machine, such as one made by the embedded form of the site
#   --to TIME       point-in-time recovery to just before TIME, such as "2026-11-24 13:58:00+00", from the archived log
#   --yes           do not ask
#   --name SITE     in production, the name of the site: nothing else is an answer there

# shellcheck source=scripts/lib/site.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/site.sh"
name='' from='' to=''
while [ $# -gt 0 ]; do
  case $1 in
    --yes) ASSUME_YES=yes ;;
    --name) GIVEN_NAME=${2:-}; shift ;;
    --from) from=${2:-}; shift ;;
    --to) to=${2:-}; shift ;;
    --help | -h) show_help; exit ;;
    -*) bad_argument "$1" ;;
    *) [ -z "$name" ] || bad_argument "$1"; name=$1 ;;
  esac
  shift
done
[ -n "$name$to" ] || fail 'which backup? (scripts/backup-db.sh --list names them; --help says the rest)'
[ -z "$name" ] || [ -z "$to" ] || fail 'either a backup or a time, not both'
[[ $name =~ ^[A-Za-z0-9._-]*$ ]] || fail "\"$name\" is no name of a backup"
[ -z "$to" ] || date -d "$to" >/dev/null 2>&1 || fail "\"$to\" is no time: write it like \"2026-11-24 13:58:00+00\""
[ -z "$from" ] || from=$(from_caller "$from")
need_engine
need_secrets
confirm_destruction "This replaces the database of $(site_url)"
lock

if [ -n "$name" ]; then
  compose up --detach --no-recreate --wait database
  if [ -n "$from" ]; then
    [ -d "$from/$name" ] || fail "there is no $from/$name"
    # Beside the others first: a damaged copy must not take the place of a good one.
    tar -C "$from" -cf - "$name" | operate sh -c "umask 077; [ ! -e /backups/$name ] || { echo '$name is here already: leave out --from' >&2; exit 1; }
      rm -rf /backups/.incoming && mkdir /backups/.incoming && tar -C /backups/.incoming -xf - --no-same-owner &&
      BACKUP_DIR=/backups/.incoming node database/src/backup-cli.ts verify $name && mv /backups/.incoming/$name /backups/ && rmdir /backups/.incoming" ||
      fail 'nothing was restored'
  fi
  operate node database/src/backup-cli.ts verify "$name" || fail 'nothing was restored'
fi

# What exists, not what runs: a restore that was interrupted has stopped them already.
services=$(compose ps -a --services | grep -xE 'backend|backup' || true)
resume() {
  trap - EXIT
  compose up --detach --no-recreate --wait database || return 1
  # shellcheck disable=SC2086 # none, one or two words
  [ -z "$services" ] || compose up --detach --no-deps --no-recreate --no-build --wait $services
}
trap 'say "not restored: starting again what was stopped" >&2; resume' EXIT
trap 'exit 130' INT TERM HUP
for service in $services; do compose stop "$service"; done
if [ -n "$to" ]; then
  compose stop database
  compose run --rm --no-deps -T --user postgres database recover.sh "$to" || fail 'the recovery failed, and the database is as it was'
  compose up --detach --no-recreate --wait database
  compose run --rm --no-deps -T migrate
else
  operate node database/src/backup-cli.ts restore "$name" --replace || fail 'the restore failed; the lines above say what the database holds now'
fi
resume || fail 'restored, but the site did not become healthy: scripts/health-check.sh'
say 'restored'
