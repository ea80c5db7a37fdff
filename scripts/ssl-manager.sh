#!/usr/bin/env bash
# ssl-manager: the certificate of the site.
#
#   scripts/ssl-manager.sh status        who issued it, for whom, and the days left (ends badly below 14)
#   scripts/ssl-manager.sh self-signed   make a self-signed one, unless there is a good one
#   scripts/ssl-manager.sh obtain        ask Let's Encrypt (ACME_SERVER) now; in production this happens by itself
#   scripts/ssl-manager.sh renew         the same
#   scripts/ssl-manager.sh reload        have nginx take up a changed one now instead of within a minute

# shellcheck source=scripts/lib/site.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/site.sh"
[ $# -le 1 ] || bad_argument "$2"
case ${1:---help} in
  --help | -h) show_help; exit ;;
  status | self-signed) need_engine; compose run --rm --no-deps -T certificate certificates "$1" ;;
  obtain | renew)
    need_engine
    is_production || fail "only the production form has a public name: set COMPOSE_FILE (scripts/setup-production-env.sh)"
    compose run --rm --no-deps -T certbot certificates obtain
    ;;
  reload) need_engine; compose exec -T nginx sh -c 'cd /run/nginx && nginx -t -q -p /run/nginx -c /run/nginx/nginx.conf -e stderr && kill -HUP 1' && say 'nginx was told' ;;
  *) bad_argument "$1" ;;
esac
