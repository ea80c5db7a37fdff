#!/usr/bin/env bash
# dev-start: builds and starts the site for developing, in containers that run from the checkout and reload what changes.
# Makes the secrets and a self-signed certificate at the first start. Ends when everything is healthy.
#
#   scripts/dev-start.sh [--no-build] [--help]
#
# Address: https://localhost, or HTTPS_PORT and HTTP_PORT from the environment or .env.

# shellcheck source=scripts/lib/site.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/site.sh"
build=--build
for argument in "$@"; do
  case $argument in
    --no-build) build=--no-build ;;
    --help | -h) show_help; exit ;;
    *) bad_argument "$argument" ;;
  esac
done
is_production && fail 'COMPOSE_FILE says that this is production: developing belongs on another machine'
COMPOSE_FILE=$(setting COMPOSE_FILE compose.yaml:compose.dev.yaml)
export COMPOSE_FILE
[[ $COMPOSE_FILE == *compose.dev.yaml* ]] || fail "COMPOSE_FILE in .env is $COMPOSE_FILE: take it out to develop here"

need_engine
provide_secrets
compose up --detach --wait "$build"
say "ready $(site_url)"
