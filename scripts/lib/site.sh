# shellcheck shell=bash
# What the scripts for containers share. Sourced by them; does nothing by itself.
set -euo pipefail
called_from=$PWD
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."

# The comment at the top of the script is its help.
show_help() { sed -n '2,/^$/s/^# \{0,1\}//p' "$0"; }
say() { printf '%s\n' "$*"; }
fail() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; exit 1; }
bad_argument() { fail "there is no \"$1\" here (--help says what there is)"; }

# A file or folder as the caller named it: the scripts work in the folder of the site.
from_caller() { case $1 in /*) printf '%s' "$1" ;; *) printf '%s/%s' "$called_from" "$1" ;; esac; }

# One script at a time changes the site.
lock() {
  exec 9>.site.lock
  flock -n 9 || fail 'another script is at work on this site: wait for it'
}

# A setting as docker compose sees it: from the environment, else from .env.
setting() { # NAME [DEFAULT]
  local value=${!1:-}
  if [ -z "$value" ] && [ -f .env ]; then value=$(sed -n "s/^$1=//p" .env | tail -n 1); fi
  value=${value#[\"\']}
  value=${value%[\"\']}
  printf '%s' "${value:-${2:-}}"
}

# Writes a setting into .env, in the place of the one that was there.
write_setting() { # NAME VALUE
  local making
  making=$(mktemp .env.XXXXXX)
  if [ -f .env ]; then grep -v "^$1=" .env >"$making" || true; fi
  printf '%s=%s\n' "$1" "$2" >>"$making"
  chmod 600 "$making"
  mv "$making" .env
}

# docker compose, in the form that COMPOSE_FILE (environment or .env) names; without one, developing.
compose() {
  COMPOSE_FILE=$(setting COMPOSE_FILE compose.yaml:compose.dev.yaml) docker compose "$@"
}

site_url() {
  local port
  port=$(setting HTTPS_PORT 443)
  setting SITE_URL "https://localhost$([ "$port" = 443 ] || printf ':%s' "$port")"
}
site_name() { site_url | sed -E 's#^https://##; s#[:/].*$##'; }
is_production() { [[ $(setting COMPOSE_FILE) == *compose.prod.yaml* ]]; }

need_engine() {
  command -v docker >/dev/null || fail 'docker was not found: install Docker Engine with the Compose plugin'
  docker compose version >/dev/null 2>&1 || fail 'docker has no compose plugin: install docker-compose-plugin'
  docker version >/dev/null 2>&1 || fail 'the Docker engine does not answer: start it, or see that you may use it (group docker)'
}

need_secrets() {
  local folder name
  folder=$(setting SECRETS_DIR ./secrets)
  for name in postgres_password superuser_url migration_database_url database_url jwt_secret nuxt_session_password; do
    [ -s "$folder/$name" ] || fail "there is no $folder/$name: put your copy of it back (scripts/setup-production-env.sh makes secrets for a new site, scripts/dev-start.sh for developing)"
  done
}

# Makes the secrets that are missing, and never changes one that is there. The folder is closed to others; the files are
# readable, because each container reads its own as a user without any right to the folder.
provide_secrets() {
  local folder password
  folder=$(setting SECRETS_DIR ./secrets)
  mkdir -p "$folder"
  chmod 700 "$folder"
  write_secret() { # NAME VALUE
    [ -s "$folder/$1" ] && return
    printf '%s\n' "$2" >"$folder/$1.making"
    chmod 444 "$folder/$1.making"
    mv "$folder/$1.making" "$folder/$1"
  }
  random() { openssl rand -hex 32; }
  command -v openssl >/dev/null || fail 'openssl was not found, and the secrets need it: install it'
  if [ ! -s "$folder/postgres_password" ] && docker volume inspect "$(setting COMPOSE_PROJECT_NAME kennwilliamson)_database" >/dev/null 2>&1; then
    fail "there is a database, but no $folder/postgres_password: put your copy of the secrets back (docs/operations.md says what to do without one)"
  fi
  write_secret postgres_password "$(random)"
  password=$(<"$folder/postgres_password")
  write_secret superuser_url "postgres://postgres:$password@database:5432/postgres"
  write_secret migration_database_url "postgres://kennwilliamson_owner:$(random)@database:5432/kennwilliamson"
  write_secret database_url "postgres://kennwilliamson_app:$(random)@database:5432/kennwilliamson"
  write_secret jwt_secret "$(random)"
  write_secret nuxt_session_password "$(random)"
  # Empty until somebody replaces jwt_secret (docs/operations.md).
  [ -e "$folder/jwt_secret_previous" ] || (umask 222 && : >"$folder/jwt_secret_previous")
}

# Asks before something is destroyed. In production only its own name, typed or given, is an answer.
confirm_destruction() { # WHAT  (reads ASSUME_YES and GIVEN_NAME)
  local answer
  if is_production; then
    answer=${GIVEN_NAME:-}
    if [ -z "$answer" ] && [ -t 0 ]; then
      read -r -p "$1. This is production: type its name ($(site_name)) to go on: " answer
    fi
    [ "$answer" = "$(site_name)" ] || fail "this is production: nothing is done without its name (--name $(site_name))"
    return
  fi
  [ "${ASSUME_YES:-}" = yes ] && return
  [ -t 0 ] || fail "$1: say --yes"
  read -r -p "$1. Go on? [y/N] " answer
  [[ $answer == [yY] ]] || fail 'nothing was done'
}

# Runs one of our tools in a container of its own. An image that is not here must not be fetched from whoever has that name.
operate() {
  local image
  image=$(setting IMAGE_PREFIX kennwilliamson)/operations:$(setting RELEASE latest)
  docker image inspect "$image" >/dev/null 2>&1 || fail "the image $image is not here: build it (docker compose build, or scripts/deploy.sh)"
  compose run --rm --no-deps -T operations "$@"
}

# Waits until containers are healthy. Ends badly when one is not in time, or has ended.
wait_healthy() { # SECONDS CONTAINER…
  local deadline=$((SECONDS + $1)) id state
  shift
  for id in "$@"; do
    while true; do
      state=$(docker inspect -f '{{.State.Status}} {{if .State.Health}}{{.State.Health.Status}}{{end}}' "$id" 2>/dev/null || echo gone)
      case $state in
        'running healthy') break ;;
        exited* | dead* | gone* | restarting*) return 1 ;;
      esac
      [ "$SECONDS" -lt "$deadline" ] || return 1
      sleep 0.5
    done
  done
}

# Replaces containers of a service one by one, all of them or those named: a new one first, and the old one goes when that is healthy.
# What is under way in the old one is finished. Ends badly, with the old ones as they were, when a new one does not become healthy.
roll() { # SERVICE [CONTAINER…]
  local service=$1 id new log
  log=$(mktemp)
  local -a old there
  shift
  old=("$@")
  # A container that stopped earlier would be started again and taken for the new one.
  compose rm --force "$service" >/dev/null 2>&1
  [ $# -gt 0 ] || mapfile -t old < <(compose ps -q "$service")
  for id in "${old[@]}"; do
    mapfile -t there < <(compose ps -aq "$service")
    compose up -d --no-deps --no-recreate --no-build --scale "$service=$((${#there[@]} + 1))" "$service" >"$log" 2>&1 || { cat "$log" >&2; return 1; }
    new=$(compose ps -aq "$service" | grep -vxF -f <(printf '%s\n' "${there[@]}") | head -n 1)
    if [ -z "$new" ]; then
      say "$service: no new container was made" >&2
      return 1
    fi
    if ! wait_healthy "${ROLL_WITHIN:-40}" "$new"; then
      say "$service: the new container did not become healthy; its last words:" >&2
      docker logs --tail 20 "$new" >&2 || true
      docker rm -f "$new" >/dev/null
      return 1
    fi
    docker stop "$id" >/dev/null
    docker rm "$id" >/dev/null
  done
}

# The containers of a service that run another release than this one.
of_another_release() { # SERVICE RELEASE
  local id
  for id in $(compose ps -q "$1"); do
    [[ $(docker inspect -f '{{.Config.Image}}' "$id") == *:"$2" ]] || printf '%s\n' "$id"
  done
}

# Goes back to a release for whatever runs another one. Says what could not be put back.
put_back() { # RELEASE
  local service release=$1
  local -a other
  for service in backend frontend; do
    mapfile -t other < <(of_another_release "$service" "$release")
    [ ${#other[@]} = 0 ] || RELEASE=$release roll "$service" "${other[@]}" || say "$service: could not be put back" >&2
  done
  [ -z "$(of_another_release nginx "$release")" ] || RELEASE=$release compose up --detach --no-deps --no-build --wait nginx || say 'nginx: could not be put back' >&2
}

# The images of a release, all of which must be here before anything of it is started.
need_images() { # RELEASE
  local prefix name
  prefix=$(setting IMAGE_PREFIX kennwilliamson)
  for name in "operations:$1" "backend:$1" "frontend:$1" "nginx:$1" "database:$(setting DATABASE_RELEASE latest)" "certificates:$(setting CERTIFICATES_RELEASE latest)"; do
    docker image inspect "$prefix/$name" >/dev/null 2>&1 || fail "the image $prefix/$name of release $1 is not here"
  done
}
