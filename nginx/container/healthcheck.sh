#!/bin/bash
# Ends well when nginx sends people on to https, as it should, within 4 s. Asks for no page: whether pages and API are there is their
# own check, and an nginx without them still has something to say.
set -euo pipefail
exec 3<>/dev/tcp/127.0.0.1/8080
printf 'GET / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: site-healthcheck\r\nConnection: close\r\n\r\n' >&3
IFS= read -r -t 4 status <&3
[[ $status == 'HTTP/1.1 301 '* ]]
