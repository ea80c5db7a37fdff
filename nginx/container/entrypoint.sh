#!/bin/bash
# Checks the settings, fills them into the configuration that the image brings (see render.ts) and becomes nginx. Writes only to
# /run/nginx, and to the volume of earlier assets where there is one.
#
#   SITE_URL             https://host[:port] that people type                            https://localhost
#   HTTPS_PORT           the published https port, for people who come by plain http     443
#   TRUST_PROXY          proxies before this one: addresses or networks, with commas     none
#   CERTIFICATE, CERTIFICATE_KEY                                                         /certificates/live/{fullchain,privkey}.pem
#   CERTIFICATE_WAIT     seconds to wait for these two files                             120
#   BACKEND, FRONTEND    name:port of the instances, looked up while nginx runs          backend:8080, frontend:3000
#   RESOLVER             the DNS server that knows them                                  127.0.0.11 (Docker's)
#   WORKERS, CONNECTIONS processes, and connections of each; a read takes four           2, 4096
#   DEVELOPMENT          1: the pages come from Nuxt's development server
set -euo pipefail
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
templates=${TEMPLATES:-/opt/site/nginx}
run=/run/nginx

say() { printf 'nginx: %s\n' "$*" >&2; }
fail() { say "$@"; exit 1; }

SITE_URL=${SITE_URL:-https://localhost}
SITE_URL=${SITE_URL%/}
HTTPS_PORT=${HTTPS_PORT:-443}
TRUST_PROXY=${TRUST_PROXY:-}
CERTIFICATE=${CERTIFICATE:-/certificates/live/fullchain.pem}
CERTIFICATE_KEY=${CERTIFICATE_KEY:-/certificates/live/privkey.pem}
CERTIFICATE_WAIT=${CERTIFICATE_WAIT:-120}
API=${BACKEND:-backend:8080}
PAGES=${FRONTEND:-frontend:3000}
RESOLVER=${RESOLVER:-127.0.0.11}
WORKERS=${WORKERS:-2}
CONNECTIONS=${CONNECTIONS:-4096}

is_number() { [[ $1 =~ ^[0-9]{1,6}$ ]] && ((10#$1 >= $2 && 10#$1 <= $3)); }
is_address() { [[ $1 =~ ^[0-9]{1,3}(\.[0-9]{1,3}){3}(:[0-9]{1,5})?$ ]]; }
is_instance() { [[ $1 =~ ^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?:([0-9]{1,5})$ ]] && is_number "${BASH_REMATCH[2]}" 1 65535; }
is_network() { [[ $1 =~ ^([0-9]{1,3}(\.[0-9]{1,3}){3}|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*)(/[0-9]{1,3})?$ ]]; }
is_file_name() { [[ $1 =~ ^/[A-Za-z0-9._/-]+$ ]]; }

[[ $SITE_URL =~ ^https://([a-z0-9]([a-z0-9.-]*[a-z0-9])?)(:[0-9]{1,5})?$ ]] || fail "SITE_URL must be https://host or https://host:port, in lower case, not \"$SITE_URL\""
SITE_HOST=${BASH_REMATCH[1]}
SITE_HOST_PATTERN=${SITE_HOST//./\\.}
is_number "$HTTPS_PORT" 1 65535 || fail "HTTPS_PORT must be a port, not \"$HTTPS_PORT\""
is_number "$CERTIFICATE_WAIT" 0 86400 || fail "CERTIFICATE_WAIT must be a number of seconds, not \"$CERTIFICATE_WAIT\""
is_number "$WORKERS" 1 64 || fail "WORKERS must be a number from 1 to 64, not \"$WORKERS\""
is_number "$CONNECTIONS" 64 65536 || fail "CONNECTIONS must be a number from 64 to 65536, not \"$CONNECTIONS\""
is_instance "$API" || fail "BACKEND must be name:port, not \"$API\""
is_instance "$PAGES" || fail "FRONTEND must be name:port, not \"$PAGES\""
is_address "$RESOLVER" || fail "RESOLVER must be an IPv4 address, not \"$RESOLVER\""
is_file_name "$CERTIFICATE" || fail "CERTIFICATE must be the absolute name of a file, not \"$CERTIFICATE\""
is_file_name "$CERTIFICATE_KEY" || fail "CERTIFICATE_KEY must be the absolute name of a file, not \"$CERTIFICATE_KEY\""

HTTPS_PORT_SUFFIX=
((10#$HTTPS_PORT == 443)) || HTTPS_PORT_SUFFIX=:$HTTPS_PORT
REAL_CLIENT=
for entry in ${TRUST_PROXY//,/ }; do
  is_network "$entry" || fail "TRUST_PROXY must be addresses or networks with commas between them, not \"$entry\""
  REAL_CLIENT+="set_real_ip_from $entry; "
done
[ -z "$REAL_CLIENT" ] || REAL_CLIENT+='real_ip_header X-Forwarded-For; real_ip_recursive on;'

# No more connections than files that may be open, a few of which are nginx's own.
most=$(ulimit -Hn)
[ "$most" != unlimited ] || most=1048576
((CONNECTIONS + 128 <= most)) || CONNECTIONS=$((most - 128))
OPEN_FILES=$((CONNECTIONS + 128))

LOAD_MODULES=
BROTLI=
BROTLI_OFF=
for folder in /usr/lib/nginx/modules /etc/nginx/modules; do
  filter=$folder/ngx_http_brotli_filter_module.so
  static=$folder/ngx_http_brotli_static_module.so
  if [ -e "$filter" ] && [ -e "$static" ]; then
    LOAD_MODULES="load_module $filter; load_module $static;"
    BROTLI="include $run/snippets/brotli.conf;"
    BROTLI_OFF='brotli off;'
    break
  fi
done

form=production
[ "${DEVELOPMENT:-}" != 1 ] || form=development
mkdir -p "$run/snippets" "$run/temp" "$run/cache" || fail "cannot write to $run"
export SITE_URL SITE_HOST SITE_HOST_PATTERN HTTPS_PORT_SUFFIX REAL_CLIENT CERTIFICATE CERTIFICATE_KEY API PAGES RESOLVER \
  WORKERS CONNECTIONS OPEN_FILES LOAD_MODULES BROTLI BROTLI_OFF
names=
while read -r name; do
  [ -n "${!name+set}" ] || fail "the configuration wants $name, which entrypoint.sh does not know"
  names+="\${$name} "
done <"$templates/names-at-start"
(cd "$templates/$form" && find . -type f) | while read -r file; do
  envsubst "$names" <"$templates/$form/$file" >"$run/$file"
done

# The certificate may be made by another service a moment from now.
waited=0
until [ -r "$CERTIFICATE" ] && [ -r "$CERTIFICATE_KEY" ]; do
  ((waited < CERTIFICATE_WAIT)) || fail "there is no certificate in $CERTIFICATE and $CERTIFICATE_KEY after $CERTIFICATE_WAIT s"
  ((waited > 0)) || say "waiting for a certificate in $CERTIFICATE and $CERTIFICATE_KEY"
  sleep 1
  waited=$((waited + 1))
done

cd "$run"
# Left by a process that was killed; nginx would take them for somebody else's.
rm -f ./*.sock
"$here/keep-assets.sh" || say 'the assets of earlier releases cannot be kept: pages that are open may miss some after the next release'
nginx -p "$run" -c "$run/nginx.conf" -e stderr -t -q || fail 'nginx refuses its configuration'
"$here/look-after.sh" "$CERTIFICATE" "$CERTIFICATE_KEY" &

# Errors quote whole requests: of a secret link only the kind is written, and no query. nginx ignores it when nobody reads on.
exec nginx -p "$run" -c "$run/nginx.conf" -e stderr \
  2> >(exec sed -u -E -e 's#\?[^" ]*##g' -e 's#(/+(backend/+)?(s|%73|%53)/+)[^/?" ]+#\1…#gI' >&2)
