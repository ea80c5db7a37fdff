#!/bin/bash
# archive-wal PATH NAME: PostgreSQL's archive_command. Keeps a finished file of the write-ahead log, compressed, in
# /archive/<system identifier>/wal.
# Ends badly unless the file is safely there, so that PostgreSQL keeps its own copy and asks again.
set -euo pipefail
# Each cluster has a folder of its own, so that a new one never mixes its files with those of one that was lost.
system=${ARCHIVE_SYSTEM:-$(pg_controldata -D "$PWD" | sed -n 's/^Database system identifier: *//p')}
folder=${ARCHIVE_DIR:-/archive}/${system:?}/wal
mkdir -p "$folder"
target=$folder/$2.gz
if [ -e "$target" ]; then
  # Asked again after a crash between our rename and PostgreSQL's note of it. Another content under the same name is never overwritten.
  gzip -dc "$target" | cmp -s - "$1"
  exit
fi
making=$target.$$
trap 'rm -f "$making"' EXIT
gzip -c "$1" >"$making"
sync "$making"
mv "$making" "$target"
sync "$folder"
