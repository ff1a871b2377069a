# The function, with the maintenance window's client beside it.
#
#   docker build -t orders .                                        the sample function
#   docker build --target client -t maintenance-window .            the client alone, to COPY --from into an image of yours
#
# NODE_IMAGE   the base of the final image and of the build: both must have the same C library
# VERSION      labels the image, e.g. $(git rev-parse HEAD)
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS toolchain
RUN apt-get update \
 && apt-get install -y --no-install-recommends cmake g++ make python3 tar xz-utils \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /build

# Upstream's native client: compiled anew only when its version moves.
FROM toolchain AS upstream
COPY ric/upstream/package.json ric/upstream/package-lock.json ric/upstream/.npmrc ./
RUN npm ci --no-audit --no-fund

FROM toolchain AS build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY --from=upstream /build/node_modules ric/upstream/node_modules
COPY gate gate
COPY aws aws
COPY ric ric
RUN node ric/build.ts

# The client alone: one folder.
FROM scratch AS client
COPY --from=build /build/dist/ric /opt/maintenance-window

FROM ${NODE_IMAGE} AS function
ARG VERSION=unknown
LABEL org.opencontainers.image.title="maintenance-window" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.revision="${VERSION}"
COPY --from=build /build/dist/ric /opt/maintenance-window
WORKDIR /var/task
COPY handler ./
USER node
ENTRYPOINT ["/opt/maintenance-window/bootstrap"]
CMD ["index.handler"]
