#!/usr/bin/env bash
# Builds the Python package with the wheels that tools/setup.sh installed, and installs it into .venv.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p .cache
# The compiler by the name that the other builds use, and paths as in tools/build.sh, so that ccache has most of the objects.
CCACHE_BASEDIR=${CCACHE_BASEDIR:-$PWD} CXX=${CXX:-c++} .venv/bin/pip install --disable-pip-version-check --no-build-isolation --no-deps --force-reinstall . \
  >.cache/install-python.log 2>&1 ||
  { grep -E "error|Error" .cache/install-python.log | head -n 20 >&2; tail -n 20 .cache/install-python.log >&2
    printf 'install_python: failed (whole log: .cache/install-python.log)\n' >&2; exit 1; }
tail -n 1 .cache/install-python.log
