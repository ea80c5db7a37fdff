#!/bin/bash
# nightly: every day at BACKUP_AT (HH:MM UTC; "off" for never) a backup, the proof that it restores, and a base backup; what is past its
# time goes. A failure is said, stands in the table backup_runs, and does not keep the next night from coming.
set -euo pipefail
at=${BACKUP_AT:-03:30}
trap 'exit 0' TERM INT
pause() { sleep "$1" & wait $!; }

if [ "$at" = off ]; then
  echo 'nightly: BACKUP_AT is off, so nothing is backed up'
  while true; do pause 86400; done
fi
[[ $at =~ ^([01][0-9]|2[0-3]):[0-5][0-9]$ ]] || { printf 'nightly: BACKUP_AT must be like 03:30, or off\n' >&2; exit 1; }
while true; do
  next=$(date -u -d "today $at" +%s)
  now=$(date -u +%s)
  [ "$next" -gt "$now" ] || next=$((next + 86400))
  printf 'nightly: the next backup is at %s UTC\n' "$(date -u -d "@$next" '+%F %H:%M')"
  pause $((next - now))
  node database/src/backup-cli.ts nightly || echo 'nightly: the backup or its proof failed' >&2
  # It waits for the archive, which may be unable to take anything.
  timeout 1800 base-backup.sh || echo 'nightly: the base backup failed' >&2
done
