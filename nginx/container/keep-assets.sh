#!/bin/sh
# keep-assets.sh [OWN] [KEPT]: pages that are open when a release replaces another still ask for files of theirs, whose names hold
# their hash. Copies this release's to the volume, and removes what no release of the last day has had. May run twice at once.
set -eu
own=${1:-/srv/site/public}
kept=${2:-/var/lib/site-assets}
[ -d "$kept" ] && [ -w "$kept" ] || exit 0
[ -d "$own/_nuxt" ] || exit 0

cd "$own"
# The date of a copy is when a release last had it: renewed while it is ours.
find _nuxt -type f ! -name '*.map' ! -path '_nuxt/builds/*' | while read -r file; do
  if [ -e "$kept/$file" ] && touch -c "$kept/$file" 2>/dev/null; then continue; fi
  mkdir -p "$kept/${file%/*}"
  # In one step, so that nobody is given half a file.
  cp "$file" "$kept/$file.$$.part" && mv "$kept/$file.$$.part" "$kept/$file"
done
[ -d "$kept/_nuxt" ] || exit 0
# Another run may move or remove a file between its being found and its being looked at or removed: that is no failure, any other is.
find "$kept/_nuxt" -ignore_readdir_race -type f -mmin +1440 -delete
find "$kept/_nuxt" -mindepth 1 -type d -empty -delete 2>/dev/null || true
