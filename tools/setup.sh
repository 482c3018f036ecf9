#!/usr/bin/env bash
# Installs what Orrery needs on Debian or Ubuntu. What is there already is left alone.
#
# usage: tools/setup.sh [demo|networks|check]
#   demo      what the program and its report are built from (default)
#   networks  also libtorch (0.5 GB to download, 1.2 GB on disk), which the models mlp, lstm, gru and their like need
#   check     also what the tests, linters and benchmarks need
set -euo pipefail
cd "$(dirname "$0")/.."
level=${1:-demo}

demo_packages=(g++ make cmake ninja-build ccache mold git ca-certificates python3 python3-venv
  libfmt-dev libyaml-cpp-dev zlib1g-dev libxxhash-dev libsqlite3-dev nlohmann-json3-dev libcli11-dev libeigen3-dev
  libcurl4-openssl-dev libssl-dev libxml2-dev libzip-dev libhdf5-dev libdeflate-dev libhiredis-dev
  libboost-dev prometheus-cpp-dev libspdlog-dev)
check_packages=(python3-dev libgtest-dev libbenchmark-dev clang-format-14 shellcheck chromium redis-server prometheus wrk)

say() { printf '==> %s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

# Tools that are often installed by other means than the system's packages count when the command is there.
have_package() {
  case $1 in
    cmake | git | npm | shellcheck) command -v "$1" >/dev/null && return 0 ;;
    ninja-build) command -v ninja >/dev/null && return 0 ;;
    python3) command -v python3 >/dev/null && return 0 ;;
    python3-dev) python3 -c 'import sysconfig, pathlib; pathlib.Path(sysconfig.get_path("include"), "Python.h").stat()' 2>/dev/null && return 0 ;;
    python3-venv) python3 -c 'import venv, ensurepip' 2>/dev/null && return 0 ;;
  esac
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

install_packages() {
  local missing=() package
  for package in "$@"; do have_package "$package" || missing+=("$package"); done
  if [ ${#missing[@]} -eq 0 ]; then
    say "system packages: all there"
    return
  fi
  command -v apt-get >/dev/null || fail "these packages are missing and there is no apt-get to install them: ${missing[*]}"
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || fail "these packages are missing; install them as root: apt-get install ${missing[*]}"
    as_root=(sudo)
  fi
  say "system packages: installing ${missing[*]}"
  "${as_root[@]}" apt-get update -qq || fail "apt-get update failed: is the network there?"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" \
    >.cache/apt.log 2>&1 || { tail -n 5 .cache/apt.log >&2; fail "apt-get install failed: ${missing[*]} (whole log: .cache/apt.log)"; }
}

# A step is done when the digest of what it was made from stands in its stamp file.
stamp_of() { cat "$@" | sha256sum | cut -c1-64; }
is_done() { [ -f ".venv/stamps/$1" ] && [ "$(cat ".venv/stamps/$1")" = "$2" ]; }
mark_done() { mkdir -p .venv/stamps && printf '%s' "$2" >".venv/stamps/$1"; }

install_wheels() {
  local name=$1 file=requirements/$1.txt
  shift
  local digest
  digest=$(stamp_of "$file")
  if is_done "$name" "$digest"; then
    say "pinned wheels ($name): all there"
    return
  fi
  say "pinned wheels ($name): $(grep -o '^[a-z0-9-]*==[^ ]*' "$file" | tr '\n' ' ')"
  .venv/bin/pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes "$@" -r "$file" ||
    fail "the wheels of $file could not be installed"
  mark_done "$name" "$digest"
}

# The LightGBM wheel has the library but no C header; its source distribution has it.
install_lightgbm_header() {
  local digest
  digest=$(stamp_of requirements/build.txt)
  if is_done lightgbm_header "$digest"; then
    say "LightGBM's C header: there"
    return
  fi
  say "LightGBM's C header: from its source distribution"
  local scratch
  scratch=$(mktemp -d)
  awk '/^[a-z]/ { wanted = /^lightgbm==/ } wanted' requirements/build.txt >"$scratch/source.txt"
  .venv/bin/pip download --quiet --disable-pip-version-check --no-deps --no-binary lightgbm --require-hashes \
    -r "$scratch/source.txt" -d "$scratch" || fail "LightGBM's source distribution could not be downloaded"
  tar -xzf "$scratch"/lightgbm-*.tar.gz -C "$scratch"
  mkdir -p .venv/include/lightgbm
  cp -r "$scratch"/lightgbm-*/include/LightGBM .venv/include/lightgbm/
  rm -rf "$scratch"
  mark_done lightgbm_header "$digest"
}

install_node_packages() {
  local name=$1 folder=$2 what=$3 digest
  [ -f "$folder/package-lock.json" ] || return 0
  digest=$(stamp_of "$folder/package-lock.json")
  if is_done "$name" "$digest" && [ -d "$folder/node_modules" ]; then
    say "$what: there"
    return
  fi
  say "$what: npm ci in $folder"
  (cd "$folder" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) || fail "npm ci failed in $folder"
  mark_done "$name" "$digest"
}

# DuckDB's library comes out of its Node package, and beside it the licence for whoever ships it.
install_duckdb() {
  local digest
  digest=$(stamp_of requirements/duckdb/package-lock.json)
  if is_done duckdb "$digest" && [ -f .venv/lib/duckdb/libduckdb.so ]; then
    say "DuckDB's library: there"
    return
  fi
  say "DuckDB's library: npm ci in requirements/duckdb"
  (cd requirements/duckdb && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) ||
    fail "npm ci failed in requirements/duckdb"
  local package=requirements/duckdb/node_modules/@duckdb/node-bindings-linux-x64
  mkdir -p .venv/lib/duckdb
  mv "$package/libduckdb.so" "$package/LICENSE" .venv/lib/duckdb/ || fail "the package of DuckDB has no library"
  rm -rf requirements/duckdb/node_modules
  mark_done duckdb "$digest"
}

mkdir -p .cache
packages=("${demo_packages[@]}")
command -v npm >/dev/null || packages+=(npm)
[ "$level" = check ] && packages+=("${check_packages[@]}")
install_packages "${packages[@]}"
if [ ! -x .venv/bin/pip ]; then
  say "Python environment: .venv"
  python3 -m venv .venv || fail "python3 -m venv .venv failed"
fi
install_wheels build --no-deps
install_lightgbm_header
install_node_packages report_charts web/report "charts of the report"
install_node_packages dashboard web/dashboard "packages of the dashboard"
install_duckdb
if [ "$level" = networks ] || [ "$level" = check ]; then install_wheels networks --no-deps; fi
if [ "$level" = check ]; then
  install_wheels check --no-deps
  install_wheels python --no-deps
fi
say "setup done"
