#!/usr/bin/env bash
# deploy: puts a release into service without taking the site away. When it does not become healthy, the one before goes on.
#
#   scripts/deploy.sh [--release NAME] [--pull | --load FILE | --no-build]
#
#   --release NAME  what the release is called (default: the commit, and "-dirty" where the checkout differs from it)
#   --pull          take the images from the registry of IMAGE_PREFIX instead of building them here
#   --load FILE     take them from a file that docker save made: building needs 2 GB of memory, running does not
#   --no-build      they are here already
#
# In order: images, backup, migrations (which the release before can live with), API, pages, nginx, each gated by its health. The API and
# the pages are replaced one container at a time; nginx is away for about a second.

# shellcheck source=scripts/lib/site.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/site.sh"
release='' images=build
while [ $# -gt 0 ]; do
  case $1 in
    --release) release=${2:-}; shift ;;
    --pull) images=pull ;;
    --no-build) images=none ;;
    --load) images=load; file=$(from_caller "${2:-}"); [ -f "$file" ] || fail "--load: there is no file $file"; shift ;;
    --help | -h) show_help; exit ;;
    *) bad_argument "$1" ;;
  esac
  shift
done
release=${release:-$(git describe --always --dirty="-dirty-$(date -u +%Y%m%d%H%M%S)" --abbrev=12 2>/dev/null || date -u +%Y%m%d%H%M%S)}
[[ $release =~ ^[A-Za-z0-9][A-Za-z0-9._-]{0,100}$ ]] || fail "--release: \"$release\" is no name of a release"
[ -n "$(setting COMPOSE_FILE)" ] || fail 'COMPOSE_FILE is not set: scripts/setup-production-env.sh writes it'
need_engine
need_secrets
lock
# A release may want a secret that the one before did not know.
provide_secrets
before=$(setting RELEASE latest)

build() {
  local -a services=(migrate backend frontend nginx)
  # These two change with settings of their own, so that a release leaves them as they are.
  prefix=$(setting IMAGE_PREFIX kennwilliamson)
  docker image inspect "$prefix/database:$(setting DATABASE_RELEASE latest)" >/dev/null 2>&1 || services+=(database)
  docker image inspect "$prefix/certificates:$(setting CERTIFICATES_RELEASE latest)" >/dev/null 2>&1 || services+=(certificate)
  RELEASE=$release compose build "${services[@]}"
}
case $images in
  build) build ;;
  pull) RELEASE=$release compose pull ;;
  load) docker load --quiet --input "$file" ;;
esac
need_images "$release"

if [ -z "$(compose ps -q backend)" ]; then
  say "starting release $release"
  RELEASE=$release compose up --detach --wait --no-build || fail 'the site did not become healthy: scripts/dev-logs.sh shows why'
else
  began=$SECONDS
  back() {
    trap - INT TERM HUP
    local failing=$SECONDS
    say "$1: going back to release $before" >&2
    put_back "$before"
    fail "release $release is not in service; $before goes on (going back took $((SECONDS - failing)) s)"
  }
  say "replacing release $before by $release"
  RELEASE=$release operate node database/src/backup-cli.ts backup || fail "the backup failed, so nothing was changed; $before goes on"
  RELEASE=$release compose run --rm --no-deps -T migrate || fail "the migration failed, as said above; $before goes on"
  trap 'back interrupted' INT TERM HUP
  RELEASE=$release roll backend || back 'the API did not become healthy'
  RELEASE=$release roll frontend || back 'the pages did not become healthy'
  RELEASE=$release compose up --detach --no-deps --no-build --wait --wait-timeout 40 nginx || back 'nginx did not become healthy'
  compose exec -T nginx /opt/site/bin/healthcheck.sh || back 'the site does not answer through nginx'
  trap - INT TERM HUP
fi
# Deploying what runs already must not forget the way back.
[ "$release" = "$before" ] || write_setting PREVIOUS_RELEASE "$before"
write_setting RELEASE "$release"
for service in backup certbot; do
  if [ -n "$(compose ps -q "$service" 2>/dev/null)" ]; then
    RELEASE=$release compose up --detach --no-deps --no-build "$service" || say "$service: could not be replaced, see scripts/dev-logs.sh $service" >&2
  fi
done
say "release $release is in service${began:+ after $((SECONDS - began)) s}: $(site_url)"
