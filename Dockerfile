# syntax=docker/dockerfile:1
# The CLI: docker build -t cdc . && docker run --rm -v "$PWD:/project" cdc validate
# One provider that comes with this package, as an image whose program it is:
#   docker build --target provider --build-arg PROVIDER=cdc-counter-input --tag counter .
#   echo '{"max_count":3}' | docker run --rm --interactive counter

FROM node:20-slim AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
# The published files and nothing else, beside the locked packages that they need.
RUN npm run build \
  && mkdir -p /opt/node_modules/pulumi-cdc \
  && npm pack --ignore-scripts --pack-destination /tmp \
  && tar --extract --gzip --file /tmp/pulumi-cdc-*.tgz --directory /opt/node_modules/pulumi-cdc --strip-components=1 \
  && npm prune --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund \
  && mv node_modules /opt/node_modules/pulumi-cdc/ \
  && cd /opt/node_modules/pulumi-cdc/dist \
  && chmod +x cli/main.js tasks/providers/bin/*.js

FROM node:20-slim AS provider
ARG PROVIDER
COPY --from=build /opt/node_modules /opt/node_modules
RUN test -n "$PROVIDER" \
  && file="$(node -p 'require("/opt/node_modules/pulumi-cdc/package.json").bin[process.argv[1]]' "$PROVIDER")" \
  && ln --symbolic "/opt/node_modules/pulumi-cdc/$file" /usr/local/bin/provider
ENV NODE_ENV=production
USER node
# The program itself is what docker signals, once `docker run --init` is there for the rest: `cdc` starts it so.
ENTRYPOINT ["provider"]

# The last one is what is built when no --target is given.
FROM node:20-slim AS cdc
RUN apt-get update \
  && apt-get install --yes --no-install-recommends tini \
  && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/node_modules /opt/node_modules
RUN ln --symbolic /opt/node_modules/pulumi-cdc/dist/cli/main.js /usr/local/bin/cdc
# A mounted project finds `require("pulumi-cdc/program")` without a node_modules of its own.
ENV NODE_PATH=/opt/node_modules NODE_ENV=production
WORKDIR /project
USER node
# tini passes signals on and collects children: cdc starts the program and the providers as processes.
ENTRYPOINT ["tini", "--", "cdc"]
CMD ["--help"]
