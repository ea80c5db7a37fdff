#!/usr/bin/env bash
# setup-db: starts the database, makes its roles and brings its schema up to date. Safe to run at any time: what is there stays, and
# before a schema with data is changed, a backup is made.
#
#   scripts/setup-db.sh [--help]

# shellcheck source=scripts/lib/site.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/site.sh"
for argument in "$@"; do
  case $argument in
    --help | -h) show_help; exit ;;
    *) bad_argument "$argument" ;;
  esac
done
need_engine
is_production || provide_secrets
need_secrets
compose up --detach --no-recreate --wait database
compose run --rm -T migrate
