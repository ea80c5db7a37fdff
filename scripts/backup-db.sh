#!/usr/bin/env bash
# backup-db: makes a backup of the database while the site runs, and removes those past their time.
#
#   scripts/backup-db.sh [--prove] [--format custom|tables] [--copy-to FOLDER]
#   scripts/backup-db.sh --list
#
#   --prove             restore it into a scratch database and compare every count
#   --format tables     one file a table, which the embedded form of the site can restore too (custom is PostgreSQL's own)
#   --copy-to FOLDER    also copy it out of the volume: a backup on the same machine does not outlive it
#   --list              which backups there are

# shellcheck source=scripts/lib/site.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/site.sh"
options=()
copy_to=
prove=no
while [ $# -gt 0 ]; do
  case $1 in
    --prove) prove=yes ;;
    --list) need_engine; need_secrets; operate node database/src/backup-cli.ts list; exit ;;
    --format)
      [[ ${2:-} =~ ^(custom|tables)$ ]] || fail '--format is custom or tables'
      options+=(--format "$2")
      shift
      ;;
    --copy-to)
      copy_to=$(from_caller "${2:-}")
      [ -d "$copy_to" ] || fail "--copy-to: $copy_to is no folder"
      shift
      ;;
    --help | -h) show_help; exit ;;
    *) bad_argument "$1" ;;
  esac
  shift
done
need_engine
need_secrets
words=$(operate node database/src/backup-cli.ts backup "${options[@]}")
say "$words"
name=$(operate node database/src/backup-cli.ts list --newest)
[ "$prove" = no ] || operate node database/src/backup-cli.ts prove "$name"
if [ -n "$copy_to" ]; then
  operate tar -C /backups -cf - "$name" | tar -C "$copy_to" -xf - --no-same-owner
  say "copied to $copy_to/$name"
fi
