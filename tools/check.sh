#!/usr/bin/env bash
# What CI runs, step by step with the seconds of each. Stops at the first step that fails.
# usage: tools/check.sh [whole]
# On two cores CI has 40 minutes, and sanitizers over everything alone take as long: CI has them over the rooms that parse,
# count bytes and lock, `whole` over all.
# The last line counts the tests of the release build: "N passed, N failed, N skipped".
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
whole=${1:-}
mkdir -p .cache
summary=.cache/check-summary.txt
: >"$summary"
if [ -d "${ORRERY_SHARED:-../shared}" ]; then export ORRERY_REQUIRE_SHARED=1; fi

step() {
  local name=$1 start end
  shift
  printf '\n===== %s\n' "$name"
  start=$(date +%s)
  if ! "$@"; then
    printf '\ncheck: step failed: %s\n' "$name" >&2
    exit 1
  fi
  end=$(date +%s)
  printf '%-34s %5d s\n' "$name" $((end - start)) >>"$summary"
}

check_format() {
  git ls-files '*.h' '*.cc' | xargs clang-format-14 --dry-run -Werror &&
    .venv/bin/ruff format --check . && .venv/bin/ruff check . &&
    git ls-files '*.sh' .ci/run | xargs shellcheck
}

check_layers() { .venv/bin/python tools/check_layers.py && .venv/bin/python tools/check_tree.py; }

run_tests() {
  tools/run_tests.sh release | tee .cache/test-output.txt
  local status=${PIPESTATUS[0]}
  tail -n 1 .cache/test-output.txt >.cache/test-counts.txt
  return "$status"
}

run_sanitizers() {
  local programs=(orrery_{base,net,market,data,factor,plugins_operators}_test)
  [ "$whole" = whole ] && programs=(orrery_tests)
  tools/build.sh asan-ubsan "${programs[@]}" && tools/run_tests.sh asan-ubsan cpp
}

step "install" tools/setup.sh check
step "format and scripts" check_format
step "layers and tree" check_layers
step "build release" tools/build.sh release
step "instructions" .venv/bin/python tools/check_instructions.py build/release
step "Python package" tools/install_python.sh
step "tests" run_tests
step "demo" make demo
step "docs" tools/docs.sh
step "sanitizers (ASan and UBSan)" run_sanitizers
step "clang-tidy" .venv/bin/python tools/run_tidy.py

printf '\n===== seconds of each step\n'
cat "$summary"
cat .cache/test-counts.txt
