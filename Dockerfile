# The function, with the maintenance window's client beside it.
#
#   docker build -t orders .                                  the sample function
#   docker build -t orders --target local .                   … with AWS's Runtime Interface Emulator in it
#   docker build -t maintenance-window --target client .      the client alone, to COPY --from into an image of yours
#   docker build -t maintenance-window-proxy --target proxy . the proxy alone, for a function in another language
#
# BASE_IMAGE     what the function runs on
# BUILD_IMAGE    where the client is compiled: with the C library of BASE_IMAGE, or an older one
# COMPILE_CACHE  a handler, such as index.handler: bakes V8's compile cache of the client and of this handler
# VERSION        labels the image with the project's version, e.g. $(node -p 'require("./package.json").version')
# REVISION       labels the image with the version of its source, e.g. $(git rev-parse HEAD)
ARG BASE_IMAGE=node:24-bookworm-slim
ARG BUILD_IMAGE=node:24-bookworm-slim

FROM ${BUILD_IMAGE} AS toolchain
RUN apt-get update \
 && apt-get install -y --no-install-recommends cmake g++ make python3 tar xz-utils \
 && rm -rf /var/lib/apt/lists/*

# Upstream's native client: compiled anew only when its version moves.
FROM toolchain AS upstream
WORKDIR /build
COPY ric/upstream/package.json ric/upstream/package-lock.json ric/upstream/.npmrc ./
RUN npm run compile

FROM toolchain AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY --from=upstream /build/node_modules ric/upstream/node_modules
COPY core core
COPY aws aws
COPY host host
COPY build build
COPY ric ric
RUN node build/client.ts

# The client alone: one folder.
FROM scratch AS client
COPY --from=build /build/dist/ric /opt/maintenance-window

FROM ${BASE_IMAGE} AS function
COPY --from=client /opt/maintenance-window /opt/maintenance-window
WORKDIR /var/task
COPY handler ./
ARG COMPILE_CACHE=
RUN [ -z "${COMPILE_CACHE}" ] || /opt/maintenance-window/bootstrap --compile-cache "${COMPILE_CACHE}"
USER 1000:1000
ENTRYPOINT ["/opt/maintenance-window/bootstrap"]
CMD ["index.handler"]
ARG BASE_IMAGE
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="maintenance-window" \
      org.opencontainers.image.description="A Lambda function whose runtime knows maintenance windows" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.base.name="${BASE_IMAGE}"

# The emulator for this machine's CPU, checked: from its release, or where that cannot be reached from PyPI.
FROM toolchain AS emulator
RUN apt-get update \
 && apt-get install -y --no-install-recommends python3-pip \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /build
RUN echo '{"type":"module"}' >package.json
COPY core/errors.ts core/
COPY local/cache-folder.ts local/
COPY local/emulator/checked-file.ts local/emulator/release.ts local/emulator/fetch-release.ts local/emulator/fetch-wheel.ts local/emulator/find.ts local/emulator/
COPY local/compose/emulator.ts local/compose/
RUN node local/compose/emulator.ts /usr/local/bin/aws-lambda-rie

FROM function AS local
COPY --from=emulator /usr/local/bin/aws-lambda-rie /usr/local/bin/

# What docker-compose.yml puts around the function: setup makes the table and the parameter, lambda is Lambda's Invoke
# endpoint in front of the emulator, drain runs monitor and drain, and maintenance-window is the operator's tool, with its console. Monitor and
# drain are the bundles that Lambda would run; the SDK, which comes with its runtime, is linked in.
FROM build AS tools-build
COPY cloud cloud
COPY local local
COPY operator operator
RUN node build/cli.ts && node build/console.ts && node build/cloud.ts \
 && npx esbuild setup=local/compose/setup.ts lambda=local/compose/lambda.ts drain=local/compose/drain.ts \
      environment=local/drain/environment.ts --bundle --platform=node --target=node22 \
      --format=esm --packages=external --log-level=warning --outdir=dist --out-extension:.js=.mjs \
 && npx esbuild dist/monitor/index.js dist/drain/index.js --bundle --platform=node --target=node22 \
      --log-level=warning --allow-overwrite --outdir=dist --outbase=dist \
 && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM ${BASE_IMAGE} AS tools
WORKDIR /opt/tools
COPY --from=tools-build /build/package.json ./
COPY --from=tools-build /build/node_modules node_modules
COPY --from=tools-build /build/dist/cli dist/cli
COPY --from=tools-build /build/dist/console dist/console
COPY --from=tools-build /build/dist/monitor dist/monitor
COPY --from=tools-build /build/dist/drain dist/drain
COPY --from=tools-build /build/dist/setup.mjs /build/dist/lambda.mjs /build/dist/drain.mjs /build/dist/environment.mjs ./
USER 1000:1000
ENTRYPOINT ["node"]
CMD ["dist/cli/main.mjs", "--help"]

# The proxy, for functions in other languages. BuildKit keeps the compiled crates: a change of the gate compiles none anew.
FROM toolchain AS proxy-build
# a base image may lack Debian's security updates, which have the newer Rust
RUN (sed -n 's|/debian/* \([a-z]*\) main$|/debian-security \1-security main|p' /etc/apt/sources.list || true) \
      >/etc/apt/sources.list.d/security.list \
 && apt-get update \
 && apt-get install -y --no-install-recommends cargo-web python3-venv \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY --from=build /build/package.json ./
COPY --from=build /build/node_modules node_modules
COPY core core
COPY aws aws
COPY host host
COPY local/cache-folder.ts local/
COPY build build
COPY proxy proxy
RUN --mount=type=cache,target=/root/.cache --mount=type=cache,target=/root/.cargo/registry \
    node build/proxy.ts --program-alone

# The proxy alone: one folder.
FROM scratch AS proxy
COPY --from=proxy-build /build/dist/proxy/maintenance-window /opt/maintenance-window

# The sample function in Python, with AWS's client in the versions that requirements.txt pins.
FROM toolchain AS python-packages
RUN apt-get update \
 && apt-get install -y --no-install-recommends python3-pip \
 && rm -rf /var/lib/apt/lists/*
COPY examples/python/requirements.txt ./
RUN python3 -m pip install --no-cache-dir --require-hashes --no-deps --target /opt/packages -r requirements.txt

FROM ${BASE_IMAGE} AS python
RUN apt-get update \
 && apt-get install -y --no-install-recommends python3 \
 && rm -rf /var/lib/apt/lists/*
COPY --from=python-packages /opt/packages /opt/packages
ENV PYTHONPATH=/opt/packages
COPY --from=proxy /opt/maintenance-window /opt/maintenance-window
WORKDIR /var/task
COPY examples/python/app.py ./
USER 1000:1000
ENTRYPOINT ["/opt/maintenance-window/proxy", "--", "/usr/bin/python3", "-m", "awslambdaric"]
CMD ["app.handler"]

FROM python AS python-local
COPY --from=emulator /usr/local/bin/aws-lambda-rie /usr/local/bin/

# What is built where no target is named.
FROM function
