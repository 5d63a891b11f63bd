# Works with the classic builder and with BuildKit. The classic builder makes every stage above
# the one it is asked for, therefore `runtime` stands before the large stages for tests, and is
# named once more at the end, as the default.
#
#   docker build --target runtime -t erawise .      the image that users run
#   docker build --target scheduled -t erawise-scheduled .   the same with a scheduler
#   docker build --target sandbox -t erawise-sandbox .   the stand-in for Numerai, with demo data
#   docker build --target test    -t erawise-test .      everything built for the tests
#   docker build --target peers   -t erawise-peers .     the binary, for tests beside real packages

FROM debian:forky-slim AS toolchain
RUN apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
      g++ cmake ninja-build pkg-config \
      libbrotli-dev libcli11-dev libcurl4-openssl-dev libeigen3-dev libhwy-dev liblz4-dev \
      liblzma-dev \
      libsnappy-dev libspdlog-dev libssl-dev libzstd-dev zlib1g-dev \
      libxgboost-dev nlohmann-json3-dev \
 && rm -rf /var/lib/apt/lists/*


FROM toolchain AS build
WORKDIR /src
COPY CMakeLists.txt CMakePresets.json ./
COPY cmake cmake
COPY src src
ARG ERAWISE_COMMIT=unknown
RUN cmake --preset release -DERAWISE_COMMIT="$ERAWISE_COMMIT" \
 && cmake --build --preset release --target erawise \
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


FROM toolchain AS fixtures
RUN apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
      python3-graphql-core python3-pandas python3-pyarrow python3-pytest python3-requests \
      python3-scipy python3-sklearn python3-xgboost python3-yaml \
      ccache clang-format clang-tidy libbenchmark-dev libgmock-dev libgtest-dev procps \
      groff-base shellcheck systemd time xz-utils zsh \
 && rm -rf /var/lib/apt/lists/*
# Fixed seeds: the same bytes in every build. Here, and apart from the sources, because training
# takes a minute: the layers stay cached until the generator itself changes.
COPY tests/fixtures/make_tournament.py /fixtures/make_tournament.py
RUN cd /fixtures && python3 make_tournament.py demo --rows 40000 --eras 8 --trees 2000 \
 && install -d datasets/v1 \
 && mv demo/tournament.csv.xz datasets/v1/latest_numerai_tournament_data.csv.xz \
 && install -D -m 0644 demo/example_model.ubj /classic/example_model.ubj \
 && rm demo/tournament.csv demo/example_model.json demo/example_model.ubj
COPY tests/fixtures/make_parquet.py /fixtures/make_parquet.py
RUN cd /fixtures && python3 make_parquet.py datasets/v5.3 --live 6900 --validation 20000 \
 && install -D -m 0644 datasets/v5.3/example_model.ubj /models/example_model.ubj \
 && rm datasets/v5.3/example_model.ubj


FROM fixtures AS sandbox
COPY tests/sandbox /opt/sandbox
ENV PYTHONPATH=/opt PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
# Filled with the demo's models, of today's data and of 2020's, for the job to share.
VOLUME /models /classic
ENTRYPOINT ["python3", "-m", "sandbox"]
CMD ["--port", "8080", "--datasets", "/fixtures/datasets", \
     "--live-ids", "/fixtures/datasets/v5.3/live.parquet"]


FROM fixtures AS test
WORKDIR /src
COPY CMakeLists.txt CMakePresets.json ./
COPY cmake cmake
COPY src src
COPY tests/CMakeLists.txt tests/CMakeLists.txt
COPY tests/unit tests/unit
COPY tests/fuzz tests/fuzz
RUN cmake --preset dev && cmake --build --preset dev
# What needs no compiler comes last: a changed script or page does not build anything again.
COPY . .
ENV ERAWISE_BINARY=/src/build/dev/src/erawise \
    PYTHONPATH=/src/tests \
    PYTHONDONTWRITEBYTECODE=1


# Beside the real packages of tests/peers/requirements.txt, which tests/peers/run installs.
FROM fixtures AS peers
RUN apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-venv \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY --from=test /src/build/dev/src/erawise /usr/local/bin/erawise
COPY tests tests
ENV ERAWISE_BINARY=/usr/local/bin/erawise \
    PYTHONPATH=/src/tests \
    PYTHONDONTWRITEBYTECODE=1


FROM runtime
