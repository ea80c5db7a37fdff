#!/usr/bin/env bash
# admin: what whoever runs the site can do for an account. Nobody has to be signed in.
#
#   scripts/admin.sh reset-link EMAIL    a link with which the holder sets a new password, once, within 24 hours
#   scripts/admin.sh make-admin EMAIL    makes an account an administrator

# shellcheck source=scripts/lib/site.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/site.sh"
case ${1:-} in
  --help | -h) show_help; exit ;;
  reset-link | make-admin) ;;
  '') fail 'say reset-link EMAIL or make-admin EMAIL' ;;
  *) bad_argument "$1" ;;
esac
[ $# = 2 ] || fail "$1 wants one e-mail address"
need_engine
need_secrets
[ -n "$(compose ps -q backend)" ] || fail 'the API does not run: start the site first'
# In a container of its own: the memory of those that serve is measured for serving.
compose run --rm --no-deps -T backend node --max-semi-space-size=4 --max-old-space-size=96 backend/src/admin-cli.ts "$1" "$2"
