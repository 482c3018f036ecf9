#!/usr/bin/env bash
# Configures and builds one preset: tools/build.sh PRESET [TARGET…]
set -euo pipefail
cd "$(dirname "$0")/.."
preset=$1
shift
# Units lie in the build's folder; named from there they are the same in every one, and found in the cache again.
export CCACHE_BASEDIR=${CCACHE_BASEDIR:-$PWD}
printf '==> building preset %s\n' "$preset"
# The demo's preset shares the release folder, so its cache may have been configured without tests.
tests=()
[ "$preset" = release ] && tests=(-DORRERY_BUILD_TESTS=ON)
[ "$preset" = demo ] && [ ! -f build/release/CMakeCache.txt ] && tests=(-DORRERY_BUILD_TESTS=OFF)
mkdir -p .cache
cmake --preset "$preset" "${tests[@]}" >.cache/configure.log 2>&1 ||
  { tail -n 20 .cache/configure.log >&2; printf 'build: configuring failed (whole log: .cache/configure.log)\n' >&2; exit 1; }
targets=()
[ $# -gt 0 ] && targets=(--target "$@")
cmake --build --preset "$preset" "${targets[@]}"
