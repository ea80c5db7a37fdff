#!/bin/bash
# certificates COMMAND: the certificate that nginx serves, in /certificates/live/{fullchain,privkey}.pem
#
#   self-signed   makes one for SITE_URL's host and localhost, unless there is one that is good for another 30 days
#   obtain        asks ACME_SERVER (Let's Encrypt) for one, or renews it when a third of its life is left
#   keep          obtain, twice a day, for ever; a failure is tried again after an hour
#   status        who issued it, for whom, and how many days are left; ends badly below 14
#
# Settings: SITE_URL, ACME_EMAIL, ACME_SERVER, ACME_CA (a file with the CA of a private ACME server)
set -euo pipefail
folder=${CERTIFICATES_DIR:-/certificates}
live=$folder/live

say() { printf 'certificates: %s\n' "$*"; }
fail() { printf 'certificates: %s\n' "$*" >&2; exit 1; }

host=${SITE_URL:-https://localhost}
host=${host#https://}
host=${host%%/*}
host=${host%:*}
[[ $host =~ ^[A-Za-z0-9.-]+$ ]] || fail "SITE_URL: cannot make a certificate for \"$host\""

is_self_signed() { [ "$(openssl x509 -in "$live/fullchain.pem" -noout -issuer_hash)" = "$(openssl x509 -in "$live/fullchain.pem" -noout -subject_hash)" ]; }

# Good: readable, made for this host, its key beside it, and not about to end.
is_good_for() {
  [ -s "$live/fullchain.pem" ] && [ -s "$live/privkey.pem" ] &&
    openssl x509 -in "$live/fullchain.pem" -noout -checkend "$1" >/dev/null 2>&1 &&
    openssl x509 -in "$live/fullchain.pem" -noout -checkhost "$host" 2>/dev/null | grep -q 'does match'
}

# Both files in a folder of their own, and the link to that folder changed in one step: nginx never sees a key of another certificate.
install_pair() {
  local made
  made=pair-$(date +%s)-$$
  # One chain: in a condition, as in "if ! obtain", bash would go on after a failure, and a full disk would leave half a pair.
  if ! { mkdir "$folder/$made" && cp "$1" "$folder/$made/fullchain.pem" && (umask 077 && cp "$2" "$folder/$made/privkey.pem") &&
    sync "$folder/$made"/* && ln -s "$made" "$folder/live.$$" && mv -T "$folder/live.$$" "$live"; }; then
    rm -rf "${folder:?}/$made" "$folder/live.$$"
    printf 'certificates: the new one could not be put into place: is the disk full?\n' >&2
    return 1
  fi
  # The previous pair stays for whoever is reading it at this moment.
  find "$folder" -maxdepth 1 -name 'pair-*' ! -name "$made" -mmin +60 -exec rm -rf {} +
}

self_signed() {
  if is_good_for $((30 * 86400)); then say "there is one for $host"; return; fi
  if [ -e "$live/fullchain.pem" ] && ! is_self_signed && is_good_for 0; then say 'the one there is not self-signed: left alone'; return; fi
  local making
  making=$(mktemp -d)
  # Browsers refuse more than 398 days, even of one that a person has trusted.
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -sha256 -days 397 \
    -keyout "$making/key.pem" -out "$making/certificate.pem" -subj "/CN=$host" \
    -addext "subjectAltName=DNS:$host,DNS:localhost,IP:127.0.0.1,IP:::1" \
    -addext keyUsage=critical,digitalSignature -addext extendedKeyUsage=serverAuth 2>/dev/null || fail 'openssl could not make a certificate'
  install_pair "$making/certificate.pem" "$making/key.pem"
  rm -rf "$making"
  say "made a self-signed one for $host"
}

obtain() {
  local state=$folder/acme options=()
  [ "$host" != localhost ] || fail 'SITE_URL must name a public host'
  if [ -n "${ACME_EMAIL:-}" ]; then options+=(--email "$ACME_EMAIL"); else options+=(--register-unsafely-without-email); fi
  [ -z "${ACME_CA:-}" ] || export REQUESTS_CA_BUNDLE=$ACME_CA
  certbot certonly --non-interactive --agree-tos "${options[@]}" --server "${ACME_SERVER:-https://acme-v02.api.letsencrypt.org/directory}" \
    --webroot --webroot-path /var/lib/acme --domain "$host" --cert-name site --keep-until-expiring --key-type ecdsa \
    --config-dir "$state" --work-dir /tmp/certbot --logs-dir /tmp/certbot-logs --quiet || return 1
  if cmp -s "$state/live/site/fullchain.pem" "$live/fullchain.pem"; then return; fi
  install_pair "$state/live/site/fullchain.pem" "$state/live/site/privkey.pem" || return 1
  say "installed a new one for $host, good until $(openssl x509 -in "$live/fullchain.pem" -noout -enddate | cut -d= -f2)"
}

keep() {
  # As process 1, bash ends a wait on a signal only when it has been told to.
  trap 'exit 0' TERM INT
  while true; do
    local pause=43200
    if ! obtain; then
      printf 'certificates: could not obtain one for %s; trying again in an hour\n' "$host" >&2
      pause=3600
    fi
    sleep "$pause" &
    wait $!
  done
}

status() {
  [ -s "$live/fullchain.pem" ] || fail 'there is none'
  openssl x509 -in "$live/fullchain.pem" -noout -subject -issuer -enddate
  local end days
  end=$(openssl x509 -in "$live/fullchain.pem" -noout -enddate | cut -d= -f2)
  days=$((($(date -d "$end" +%s) - $(date +%s)) / 86400))
  if is_self_signed; then say "$days days left, self-signed"; else say "$days days left"; fi
  [ "$days" -ge 14 ]
}

case ${1:---help} in
  self-signed) self_signed ;;
  obtain) obtain ;;
  keep) keep ;;
  status) status ;;
  --help | -h) sed -n '2,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" ;;
  *) fail "there is no command \"$1\" (certificates --help)" ;;
esac
