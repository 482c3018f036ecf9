#!/usr/bin/env bash
# Runs the tests of one built preset and ends in one line with their counts.
# usage: tools/run_tests.sh PRESET [cpp]
# Every C++ case in a process of its own, then the Python tests. With cpp only the C++ tests, a process a program: under a
# sanitizer starting two thousand processes takes longer than their work.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
preset=$1
only=${2:-all}
results=.cache/tests-$preset
# Many tests at once share the cores: threads that spin while they wait would take them from each other.
export OMP_WAIT_POLICY=passive
rm -rf "$results" && mkdir -p "$results"

status=0
if [ "$only" = cpp ]; then
  find "build/$preset/bin" -name '*_test' -print0 |
    xargs -0 -n 1 -P "$(nproc)" tools/run_test_program.sh "$results" || status=1
else
  ctest --preset "$preset" -j "$(nproc)" --output-junit "$PWD/$results/ctest.xml" --progress >"$results/ctest.log" 2>&1 ||
    { status=1; tail -n 100 "$results/ctest.log"; }
  ORRERY_BINARY="$PWD/build/$preset/bin/orrery" .venv/bin/python -m pytest -q --junitxml="$results/pytest.xml" || status=1
fi

.venv/bin/python tools/count_tests.py "$results" || exit 1
exit $status
