#!/usr/bin/env bash
# dev-stop: stops the containers for developing. What was entered stays; scripts/reset-db.sh would empty it.
#
#   scripts/dev-stop.sh [--help]

# shellcheck source=scripts/lib/site.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/site.sh"
for argument in "$@"; do
  case $argument in
    --help | -h) show_help; exit ;;
    *) bad_argument "$argument" ;;
  esac
done
is_production && fail 'COMPOSE_FILE says that this is production: stop it with docker compose down'
COMPOSE_FILE=$(setting COMPOSE_FILE compose.yaml:compose.dev.yaml)
export COMPOSE_FILE
[[ $COMPOSE_FILE == *compose.dev.yaml* ]] || fail "COMPOSE_FILE in .env is $COMPOSE_FILE: take it out to develop here"

need_engine
compose down --remove-orphans
