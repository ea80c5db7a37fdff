#!/bin/bash
# restore-wal NAME PATH: PostgreSQL's restore_command. A file that is not in the archive ends it badly, which is how PostgreSQL
# learns that there is no more; a damaged one does too, and leaves nothing behind.
set -euo pipefail
system=${ARCHIVE_SYSTEM:-$(pg_controldata -D "$PWD" | sed -n 's/^Database system identifier: *//p')}
source=${ARCHIVE_DIR:-/archive}/${system:?}/wal/$1.gz
[ -e "$source" ] || exit 1
gzip -dc "$source" >"$2.unpacking" || { rm -f "$2.unpacking"; exit 1; }
mv "$2.unpacking" "$2"
