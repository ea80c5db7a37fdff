#!/usr/bin/env bash
# health-check: asks every part of the running site how it is, and says one line for each. Ends badly when one is not well.
#
#   scripts/health-check.sh [--help]
#
# Looked at: each container's own check, the API's three questions (alive, database, ready), the pages, nginx with TLS, the days left of
# the certificate, the archive of the log, the age of the newest backup and whether it was proved to restore, memory against its limit.

# shellcheck source=scripts/lib/site.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/site.sh"
for argument in "$@"; do
  case $argument in
    --help | -h) show_help; exit ;;
    *) bad_argument "$argument" ;;
  esac
done
need_engine

failed=0
report() { # OK NAME WORDS
  if [ "$1" = yes ]; then printf 'ok      %-22s %s\n' "$2" "$3"; else printf 'FAILED  %-22s %s\n' "$2" "$3"; failed=1; fi
}
asks() { # NAME SERVICE PORT PATH
  if compose exec -T "$2" healthcheck "$3" "$4" >/dev/null 2>&1; then report yes "$1" "$4"; else report no "$1" "$4 does not answer 200"; fi
}

[ -n "$(compose ps -aq 2>/dev/null)" ] || fail 'nothing of the site runs here: scripts/dev-start.sh, scripts/deploy.sh or docker compose up start it'
release=$(setting RELEASE latest)

services=(database backend frontend nginx)
if is_production; then services+=(backup certbot); fi
for service in "${services[@]}"; do
  ids=$(compose ps -q "$service" 2>/dev/null || true)
  if [ -z "$ids" ]; then report no "$service" 'does not run'; continue; fi
  for id in $ids; do
    # A container may go while it is looked at.
    IFS=' ' read -r name state < <(docker inspect -f '{{.Name}} {{if .State.Health}}{{.State.Health.Status}}{{else}}{{.State.Status}}{{end}}' "$id" 2>/dev/null) || { name=$service; state=gone; }
    memory=$(docker stats --no-stream --format '{{.MemUsage}}' "$id" 2>/dev/null || true)
    case $state in
      healthy | running) report yes "${name#/}" "$memory" ;;
      *) report no "${name#/}" "$state" ;;
    esac
  done
done
if is_production; then
  for service in backend frontend nginx; do
    [ -z "$(of_another_release "$service" "$release" 2>/dev/null)" ] || report no "$service" "not all of it is release $release: scripts/deploy.sh"
  done
fi
asks 'API: alive' backend 8080 /backend/health
asks 'API: database' backend 8080 /backend/health/db
asks 'API: ready' backend 8080 /backend/health/ready
asks 'pages' frontend 3000 /api/health

words=$(compose run --rm --no-deps -T certificate certificates status 2>&1) && well=yes || well=no
words=$(tail -n 1 <<<"$words" | sed 's/^certificates: //')
if is_production && [[ $words == *self-signed* ]]; then
  report no certificate "$words: Let's Encrypt has not signed one yet, see scripts/dev-logs.sh certbot"
else
  report "$well" certificate "$words"
fi

ask_database() { compose exec -T database psql -U postgres -d kennwilliamson -Atc "$1" 2>/dev/null || echo unknown; }
case $(ask_database "select coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false) from pg_stat_archiver") in
  f) report yes 'archive of the log' 'takes what it is handed' ;;
  t) report no 'archive of the log' 'the last file could not be kept: scripts/dev-logs.sh database' ;;
  *) report no 'archive of the log' 'the database does not answer' ;;
esac
if is_production; then
  age=$(ask_database "select coalesce(extract(epoch from now() - max(finished_at))::int / 3600, 9999) from backup_runs where kind = 'proof' and succeeded")
  if [ "$age" = unknown ]; then report no backup 'the database does not answer'
  elif [ "$age" -le 26 ]; then report yes backup "proved to restore $age hours ago"
  else report no backup 'none was proved to restore in the last 26 hours: scripts/backup-db.sh --prove'; fi
fi
exit "$failed"
