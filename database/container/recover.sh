#!/bin/bash
# recover TIME: brings the stopped cluster in PGDATA to the state just before TIME: the newest base backup that ended before it, and the
# archived log up to it. Happens in a folder beside PGDATA, which takes its place only when the recovery has reached TIME; the cluster that
# was there stays as before-recovery-…
set -euo pipefail
time=${1:?recover wants a time, such as "2026-11-24 13:58:00+00"}
archive=${ARCHIVE_DIR:-/archive}
parent=$(dirname "$PGDATA")
recovering=$parent/recovering
fail() { printf 'recover: %s\n' "$*" >&2; exit 1; }

wanted=$(date -u -d "$time" +%Y%m%dT%H%M%SZ) || fail "\"$time\" is no time"
[[ $wanted < $(date -u +%Y%m%dT%H%M%SZ) ]] || fail "$time is not in the past"
[ ! -e "$PGDATA/postmaster.pid" ] || fail 'the database runs: stop it first'
# Of this cluster; of any, where the cluster itself is lost.
system_of() { pg_controldata -D "$1" 2>/dev/null | sed -n 's/^Database system identifier: *//p'; }
system=$(system_of "$PGDATA")
# shellcheck disable=SC2086 # without a system, all of them
base=$(find "$archive"/${system:-*}/base -maxdepth 1 -name '2*Z' -printf '%f %p\n' 2>/dev/null | sort | awk -v wanted="$wanted" '$1 <= wanted { print $2 }' | tail -n 1)
[ -n "$base" ] || fail "there is no base backup from before $time"
archive=$(dirname "$(dirname "$base")")
base=$(basename "$base")
(cd "$archive/base/$base" && sha256sum --check --quiet SHA256SUMS) || fail "the base backup $base is damaged: nothing was touched"

rm -rf "$recovering"
mkdir -m 700 "$recovering"
tar -xzf "$archive/base/$base/base.tar.gz" -C "$recovering"
# What the archive does not have yet: the last file, where the database ended without being able to hand it over.
for file in "$PGDATA"/pg_wal/0*; do
  [ -f "$file" ] && [ ! -e "$archive/wal/$(basename "$file").gz" ] && cp "$file" "$recovering/pg_wal/"
done
touch "$recovering/recovery.signal"
options="-c config_file=/etc/postgresql/postgresql.conf -c hba_file=/etc/postgresql/pg_hba.conf -c listen_addresses=''"
options+=" -c recovery_target_time='$(date -u -d "$time" '+%F %T.%6N+00')' -c recovery_target_inclusive=off -c recovery_target_action=promote"
if ! pg_ctl -D "$recovering" -o "$options" -w -t 86400 -s start; then
  rm -rf "$recovering"
  fail "the log could not be rolled forward to $time: the lines above say why. The database is as it was"
fi
# It may be open for reading before it finds that the log ends too early, and ends over it then.
until [ "$(psql -U postgres -d postgres -Atc 'select pg_is_in_recovery()' 2>/dev/null)" = f ]; do
  if ! pg_ctl -D "$recovering" status >/dev/null; then
    rm -rf "$recovering"
    fail "the log ends before $time: the last moment in it is in the lines above. The database is as it was"
  fi
  sleep 0.2
done
pg_ctl -D "$recovering" -m fast -w -s stop

[ ! -e "$PGDATA" ] || mv -T "$PGDATA" "$parent/before-recovery-$(date -u +%Y%m%dT%H%M%SZ)"
mv -T "$recovering" "$PGDATA"
printf 'recovered to just before %s, from the base backup %s\n' "$time" "$base"
