#!/usr/bin/env bash
# setup-production-env: writes .env and the secrets for running in containers. Nothing that is there is changed.
#
#   scripts/setup-production-env.sh --site-url https://example.org [--email you@example.org]
#   scripts/setup-production-env.sh --local
#
#   --site-url URL   the address that people will type; its host must lead to this machine, with ports 80 and 443
#   --email ADDRESS  where Let's Encrypt writes before a certificate ends
#   --local          production's form on your own machine, with a self-signed certificate, on https://localhost

# shellcheck source=scripts/lib/site.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/site.sh"
url='' email='' form=''
while [ $# -gt 0 ]; do
  case $1 in
    --site-url) url=${2:-}; form=prod; shift ;;
    --email) email=${2:-}; shift ;;
    --local) form=local-prod ;;
    --help | -h) show_help; exit ;;
    *) bad_argument "$1" ;;
  esac
  shift
done
[ -n "$form" ] || fail 'say --site-url https://your.name, or --local (--help says more)'
[ -z "$url" ] || [[ $url =~ ^https://[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(:[0-9]+)?/?$ ]] || fail "--site-url: \"$url\" is not like https://example.org"
[ -z "$email" ] || [[ $email =~ ^[^@[:space:]]+@[^@[:space:]]+\.[^@[:space:]]+$ ]] || fail "--email: \"$email\" is no address"

file=compose.yaml:compose.$form.yaml
found=$(setting COMPOSE_FILE)
[ -z "$found" ] || [ "$found" = "$file" ] || fail ".env is for $found: take COMPOSE_FILE out of it to change the form"
found=$(setting SITE_URL)
[ -z "$url" ] || [ -z "$found" ] || [ "${found%/}" = "${url%/}" ] || fail ".env is for $found: change SITE_URL there, if that is meant"
write_setting COMPOSE_FILE "$file"
[ -z "$url" ] || write_setting SITE_URL "${url%/}"
[ -z "$email" ] || write_setting ACME_EMAIL "$email"
provide_secrets
say "settings are in .env, secrets in $(setting SECRETS_DIR ./secrets): keep a copy of both elsewhere, backups do not hold them"
if [ "$form" = prod ]; then say 'next: scripts/deploy.sh'; else say 'next: docker compose up --build --detach --wait'; fi
