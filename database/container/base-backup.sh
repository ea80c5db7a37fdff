#!/bin/bash
# base-backup: a copy of the whole cluster in /archive/<system identifier>/base/<UTC time>, from which recover.sh rolls the archived log forward. Keeps the
# newest BASE_KEEP (3) and the log since the oldest of them.
set -euo pipefail
system=$(psql "$(<"$SUPERUSER_URL_FILE")" -Atc 'select system_identifier from pg_control_system()')
folder=${ARCHIVE_DIR:-/archive}/${system:?}
keep=${BASE_KEEP:-3}
mkdir -p "$folder/base" "$folder/wal"
find "$folder/base" -maxdepth 1 -name '.making-*' -mmin +720 -exec rm -rf {} +
making=$folder/base/.making-$$
trap 'rm -rf "$making"' EXIT

pg_basebackup --dbname="$(<"$SUPERUSER_URL_FILE")" --pgdata="$making" --format=tar --gzip --wal-method=none \
  --checkpoint=fast --manifest-checksums=sha256 --no-password
(cd "$making" && sha256sum -- * >SHA256SUMS)
sync "$making"/*
name=$(date -u +%Y%m%dT%H%M%SZ)
mv -T "$making" "$folder/base/$name"
sync "$folder/base"
printf 'base backup %s: %s\n' "$name" "$(du -sh "$folder/base/$name" | cut -f1)"

mapfile -t kept < <(find "$folder/base" -maxdepth 1 -name '2*Z' -printf '%f\n' | sort -r)
for old in "${kept[@]:$keep}"; do rm -rf "${folder:?}/base/$old"; done
oldest=${kept[$((${#kept[@]} < keep ? ${#kept[@]} - 1 : keep - 1))]}
first=$(tar -xzOf "$folder/base/$oldest/base.tar.gz" backup_label | sed -n 's/^START WAL LOCATION: .* (file \([0-9A-F]*\))$/\1/p')
pg_archivecleanup -x .gz "$folder/wal" "$first"
