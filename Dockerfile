# The image that users run. Works with the classic builder and with BuildKit. The classic builder
# makes every stage above the one it is asked for, therefore the sandbox (tests/sandbox/Dockerfile)
# and the tests (tests/Dockerfile) have files of their own.
#
#   docker build -t erawise .                                the job
#   docker build --target scheduled -t erawise-scheduled .   the same with a scheduler

FROM debian:forky-slim AS toolchain
RUN apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
      g++ cmake ninja-build pkg-config \
      libbrotli-dev libcurl4-openssl-dev libeigen3-dev libhwy-dev liblz4-dev \
      liblzma-dev \
      libsnappy-dev libspdlog-dev libssl-dev libzstd-dev zlib1g-dev \
      libxgboost-dev nlohmann-json3-dev \
 && rm -rf /var/lib/apt/lists/*


# Its folder of objects is what the tests are linked with (tests/Dockerfile), and warnings fail
# them by way of its log: here they must not, lest a newer compiler stops those who build.
FROM toolchain AS build
WORKDIR /src
COPY CMakeLists.txt CMakePresets.json ./
COPY cmake cmake
COPY src src
ARG ERAWISE_COMMIT=unknown
RUN cmake --preset release -DERAWISE_COMMIT="$ERAWISE_COMMIT" \
 && { cmake --build --preset release --target erawise >build/release/log 2>&1 \
      || { cat build/release/log; exit 1; } } \
 && install -D -s build/release/src/erawise /out/erawise


FROM debian:forky-slim AS packages
# The libraries that /out/erawise is linked with, libcurl and libxgboost (opened at run time when a
# transfer or that engine needs them), and the certificates for TLS.
RUN apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
      ca-certificates libbrotli1 libcurl4t64 libfmt11 libhwy1t64 liblz4-1 liblzma5 libsnappy1v5 \
      libspdlog1.15 libssl3t64 libzstd1 zlib1g \
      libxgboost3 \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/*-old /var/log/apt \
      /var/log/dpkg.log \
 && install -d -m 0755 /models \
 && install -d -m 0755 -o 10001 -g 10001 /data
COPY --from=build /out/erawise /usr/local/bin/erawise
# A library that is missing above shall fail here and not at the user's.
RUN erawise --version
COPY scripts/lib/collect_runtime /usr/local/sbin/collect_runtime
RUN collect_runtime /runtime /usr/local/bin/erawise libcurl.so.4 libxgboost.so.3


# Only what the binary needs: no shell, no package manager. scripts/lib/collect_runtime says what.
FROM scratch AS runtime
COPY --from=packages /runtime /
ENV PATH=/usr/local/bin
RUN ["erawise", "--version"]
ARG ERAWISE_COMMIT=unknown
ARG ERAWISE_VERSION=0.1.0
LABEL org.opencontainers.image.title="erawise" \
      org.opencontainers.image.description="Numerai submission job: era-wise inference under a hard memory cap" \
      org.opencontainers.image.vendor="The Erawise developers" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="$ERAWISE_VERSION" \
      org.opencontainers.image.revision="$ERAWISE_COMMIT" \
      org.opencontainers.image.base.name="scratch"
USER 10001:10001
WORKDIR /data
VOLUME ["/data", "/models"]
ENTRYPOINT ["erawise"]
CMD ["run"]


# For the compose profile `scheduled`: supercronic starts commands by way of a shell.
FROM packages AS scheduled
RUN apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends supercronic \
 && rm -rf /var/lib/apt/lists/*
COPY config/schedules/erawise.crontab /etc/erawise.crontab
USER 10001:10001
WORKDIR /data
ENTRYPOINT ["supercronic", "-passthrough-logs", "/etc/erawise.crontab"]


FROM runtime
