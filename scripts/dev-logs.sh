#!/usr/bin/env bash
# dev-logs: shows the logs of the containers and follows them.
#
#   scripts/dev-logs.sh [--no-follow] [--tail LINES] [SERVICE…]
#
# Services: database migrate backend frontend nginx (and certbot, backup in production).

# shellcheck source=scripts/lib/site.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/site.sh"
options=(--follow --tail 100)
services=()
while [ $# -gt 0 ]; do
  case $1 in
    --no-follow) options=("${options[@]/--follow/}") ;;
    --tail)
      [[ ${2:-} =~ ^([0-9]+|all)$ ]] || fail '--tail wants a number of lines, or all'
      options+=(--tail "$2")
      shift
      ;;
    --help | -h) show_help; exit ;;
    -*) bad_argument "$1" ;;
    *) services+=("$1") ;;
  esac
  shift
done
need_engine
# shellcheck disable=SC2068 # an option that was taken out is an empty word, and must not become an argument
compose logs ${options[@]} "${services[@]}"
