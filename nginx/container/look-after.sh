#!/bin/sh
# look-after.sh CERTIFICATE KEY: beside nginx, which is process 1. Within a minute it takes up a certificate that has changed, if
# nginx finds the configuration good with it, and each hour it looks after the assets of earlier releases.
set -u
run=/run/nginx
here=$(dirname "$0")
state() { cat "$1" "$2" 2>/dev/null | cksum; }

loaded=$(state "$1" "$2")
refused=
rounds=0
while true; do
  sleep 20
  now=$(state "$1" "$2")
  if [ "$now" != "$loaded" ] && [ "$now" != "$refused" ]; then
    if nginx -p "$run" -c "$run/nginx.conf" -e stderr -t -q && kill -HUP "$(cat "$run/nginx.pid")"; then
      loaded=$now
      echo 'nginx: took up the new certificate' >&2
    else
      refused=$now
      echo 'nginx: the new certificate is not good: going on with the one before' >&2
    fi
  fi
  rounds=$((rounds + 1))
  if [ "$rounds" -ge 180 ]; then
    rounds=0
    "$here/keep-assets.sh" || true
  fi
done
