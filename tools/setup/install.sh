#!/usr/bin/env bash
# Installs what Moldau needs from Debian 12, as root or with sudo; a second run is quick.
#   tools/setup/install.sh build|test
set -euo pipefail
what=${1:-build}

build=(ca-certificates git python3 clang-19 lld-19 mold ccache cmake ninja-build pkg-config binutils
  libfmt-dev libspdlog-dev libisal-dev liblz4-dev libsnappy-dev libzstd-dev zlib1g-dev libabsl-dev
  libre2-dev nlohmann-json3-dev)
check=(libgtest-dev libgmock-dev librapidcheck-dev libbenchmark-dev clang-format-19 clang-tidy-19
  libclang-rt-19-dev llvm-19 kcat librdkafka-dev python3-confluent-kafka python3-venv
  openjdk-17-jdk-headless maven nodejs npm procps lz4 zstd)

wanted=("${build[@]}")
[ "$what" = test ] && wanted+=("${check[@]}")

missing=()
for package in "${wanted[@]}"; do
  case $package in
    # A machine may have these from elsewhere; what counts is that the command is there.
    nodejs) command -v node >/dev/null && continue ;;
    npm) command -v npm >/dev/null && continue ;;
    python3-venv) python3 -c 'import ensurepip' 2>/dev/null && continue ;;
    maven) command -v mvn >/dev/null && continue ;;
    openjdk-17-jdk-headless) command -v javac >/dev/null && continue ;;
    cmake) command -v cmake >/dev/null && continue ;;
  esac
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || {
    echo "These packages are missing, and there is no sudo to install them:" >&2
    echo "  apt-get install ${missing[*]}" >&2
    exit 1
  }
  as_root=(sudo)
fi
echo "installing ${#missing[@]} packages: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
  "${missing[@]}" >"${TMPDIR:-/tmp}/moldau-install.$$.log" 2>&1 || {
  tail -20 "${TMPDIR:-/tmp}/moldau-install.$$.log" >&2
  exit 1
}
