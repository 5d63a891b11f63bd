# shellcheck shell=bash
# What the scripts need from the machine: a Docker engine that answers, the base image, and the
# project's images. Each ensure_ function says what it does, and does nothing when all is there.
#
# Sourced, not run. Sets ROOT, the top folder of the sources.

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
LOGS="$ROOT/build/log"
BASE_IMAGE=debian:forky-slim

say() { printf '==> %s\n' "$*"; }
fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# What the client says of the server: the exit status tells whether an engine answers.
engine_version() { docker version --format '{{.Server.Version}}' 2>/dev/null; }
engine_answers() { have docker && engine_version >/dev/null; }

# apt_install PACKAGE...: only what is missing, without the recommended extras.
apt_install() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
            missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    [ "$(id -u)" -eq 0 ] || fail "packages are missing (${missing[*]}): run this once as root"
    have apt-get || fail "packages are missing (${missing[*]}), and this is not a Debian machine"
    say "installing ${missing[*]}"
    mkdir -p "$LOGS"
    # Package lists are fetched when those at hand do not do.
    if ! apt_get install "${missing[@]}"; then
        apt_get update
        apt_get install "${missing[@]}" ||
            fail "cannot install ${missing[*]}; see $LOGS/apt.log"
    fi
}

apt_get() {
    local command="$1"
    shift
    DEBIAN_FRONTEND=noninteractive apt-get "$command" -y -q --no-install-recommends "$@" \
        >>"$LOGS/apt.log" 2>&1 </dev/null
}

# A pid file that outlived its process keeps the daemon from starting. A number that belongs to
# another program by now counts as outlived, too.
remove_stale_pid_file() {
    local file="$1" name="$2" pid
    [ -f "$file" ] || return 0
    pid="$(tr -dc 0-9 <"$file")"
    if [ -n "$pid" ] && [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = "$name" ]; then
        return 0
    fi
    say "removing the stale $file"
    rm -f "$file"
}

# Without an init system nobody may have mounted the control groups.
mount_control_groups() {
    if ! grep -qE ' /sys/fs/cgroup[^ ]* (cgroup|cgroup2) ' /proc/mounts; then
        say "mounting the control groups"
        mount -t cgroup2 none /sys/fs/cgroup
    fi
}

# By hand, in a session of its own with its output in a file: a daemon that holds the caller's
# standard output would keep whoever reads that output waiting for ever.
start_daemon_by_hand() {
    local log="$1"
    mount_control_groups
    remove_stale_pid_file /var/run/docker.pid dockerd
    remove_stale_pid_file /var/run/docker/containerd/containerd.pid containerd
    if [ -f /var/run/docker.pid ]; then
        say "a Docker daemon is starting already"
        return 0
    fi
    say "starting the Docker daemon (log: $log)"
    setsid nohup dockerd >"$log" 2>&1 </dev/null &
    disown
}

start_daemon() {
    local log=/var/log/dockerd.log attempt
    if [ -d /run/systemd/system ]; then
        say "starting the Docker service"
        systemctl start docker
    else
        start_daemon_by_hand "$log"
    fi
    # Half a second each.
    for ((attempt = 0; attempt < 120; ++attempt)); do
        if engine_answers; then
            return 0
        fi
        sleep 0.5
    done
    if [ -f "$log" ]; then
        tail -n 20 "$log" >&2
    fi
    fail "the Docker daemon did not answer within 60 s"
}

ensure_engine() {
    if ! engine_answers; then
        if [ -n "${DOCKER_HOST:-}" ]; then
            fail "no engine answers at DOCKER_HOST=$DOCKER_HOST; unset it, or start that engine"
        fi
        [ "$(id -u)" -eq 0 ] ||
            fail "no Docker engine answers: run this as root, or as a member of the group docker"
        have dockerd || apt_install docker.io
        # Since Debian 13 the client is a package of its own.
        have docker || apt_install docker-cli
        start_daemon
    fi
    say "Docker engine $(engine_version)"
}

# make_base_image TAG: a minimal Debian forky from the package mirror. Documentation and
# translations are left out, as they are in the official slim image. The mirror may be a
# snapshot whose Release file has expired; the setting for that belongs to this local image.
make_base_image() {
    local tag="$1" folder
    apt_install mmdebstrap
    folder="$(mktemp -d)"
    say "making $tag with mmdebstrap"
    mkdir -p "$LOGS"
    if ! mmdebstrap --variant=minbase --include=ca-certificates \
        --aptopt='Acquire::Check-Valid-Until "false"' \
        --dpkgopt='path-exclude=/usr/share/doc/*' \
        --dpkgopt='path-include=/usr/share/doc/*/copyright' \
        --dpkgopt='path-exclude=/usr/share/man/*' \
        --dpkgopt='path-exclude=/usr/share/info/*' \
        --dpkgopt='path-exclude=/usr/share/locale/*' \
        forky "$folder/forky.tar" >"$LOGS/mmdebstrap.log" 2>&1 </dev/null; then
        tail -n 20 "$LOGS/mmdebstrap.log" >&2
        rm -rf "$folder"
        fail "cannot make the base image; see $LOGS/mmdebstrap.log"
    fi
    docker import "$folder/forky.tar" "$tag" >/dev/null
    rm -rf "$folder"
}

ensure_base_image() {
    if docker image inspect "$BASE_IMAGE" >/dev/null 2>&1; then
        return 0
    fi
    say "pulling $BASE_IMAGE"
    if timeout 60 docker pull -q "$BASE_IMAGE" >/dev/null 2>&1 </dev/null; then
        return 0
    fi
    say "no registry answers"
    make_base_image "$BASE_IMAGE"
}

# The last commit that changed the program, so that other commits do not build it again.
source_commit() {
    local commit
    if commit="$(git -C "$ROOT" log -1 --format=%h -- src cmake CMakeLists.txt 2>/dev/null)" &&
        [ -n "$commit" ]; then
        if ! git -C "$ROOT" diff --quiet HEAD -- src cmake CMakeLists.txt 2>/dev/null; then
            commit="$commit-changed"
        fi
        printf '%s\n' "$commit"
    else
        printf 'unknown\n'
    fi
}

image_id() { docker image inspect --format '{{.Id}}' "$1" 2>/dev/null || true; }

# A client that knows BuildKit as a plug-in only asks for the classic builder to be named.
choose_builder() {
    if [ -z "${DOCKER_BUILDKIT:-}" ] && ! docker buildx version >/dev/null 2>&1; then
        export DOCKER_BUILDKIT=0
    fi
}

# image_options TAG: what `docker build` is told for one of the project's images.
image_options() {
    case "$1" in
        erawise) echo --target runtime ;;
        erawise-sandbox) echo --file tests/sandbox/Dockerfile ;;
        erawise-test-arm64) echo --file tests/arm64/Dockerfile ;;
        erawise-tools | erawise-test | erawise-peers | erawise-tidy)
            echo --file tests/Dockerfile --target "${1#erawise-}"
            ;;
        *) echo --target "${1#erawise-}" ;;
    esac
}

# build_image TAG: builds one image, quietly unless it fails.
build_image() {
    local tag="$1" log="$LOGS/image-$1.log" before started=$SECONDS options
    read -ra options <<<"$(image_options "$tag")"
    mkdir -p "$LOGS"
    choose_builder
    before="$(image_id "$tag")"
    say "building the image $tag (log: ${log#"$ROOT"/})"
    if ! (cd "$ROOT" && docker build "${options[@]}" --tag "$tag" \
        --build-arg ERAWISE_COMMIT="$(source_commit)" .) >"$log" 2>&1 </dev/null; then
        tail -n 40 "$log" >&2
        fail "cannot build the image $tag; see $log"
    fi
    if [ "$before" = "$(image_id "$tag")" ]; then
        say "    $tag is up to date"
    else
        say "    $tag done in $((SECONDS - started)) s"
    fi
}

# build_side_by_side TAG...: images that do not wait for one another; one downloads while the other
# compiles. Fails when one of them does, once all have ended.
build_side_by_side() {
    local tag pid builds=() failed=0
    for tag in "$@"; do
        (build_image "$tag") &
        builds+=($!)
    done
    for pid in "${builds[@]}"; do
        wait "$pid" || failed=1
    done
    [ "$failed" -eq 0 ] || exit 1
}

ensure_compose() {
    if ! docker compose version >/dev/null 2>&1 && ! have docker-compose; then
        apt_install docker-compose
    fi
}

# compose ARGUMENT...: whichever of the two forms of Compose this machine has.
compose() {
    local command=(docker-compose)
    if docker compose version >/dev/null 2>&1; then
        command=(docker compose)
    fi
    "${command[@]}" --project-directory "$ROOT" --file "$ROOT/docker-compose.yml" "$@"
}

# Fresh machine or not: after this, engine and base image are there.
ensure_host() {
    ensure_engine
    ensure_base_image
}
