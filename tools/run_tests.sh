#!/usr/bin/env bash
# Runs the C++ tests of one built preset and the Python tests, and ends in one line with their counts.
# usage: tools/run_tests.sh PRESET [cpp]     (cpp: only the C++ tests)
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
preset=$1
only=${2:-all}
results=.cache/tests-$preset
rm -rf "$results" && mkdir -p "$results"

ctest --preset "$preset" -j "$(nproc)" --output-junit "$PWD/$results/ctest.xml" --progress >"$results/ctest.log" 2>&1
cpp_status=$?
[ $cpp_status -eq 0 ] || tail -n 100 "$results/ctest.log"

python_status=0
if [ "$only" = all ]; then
  ORRERY_BINARY="$PWD/build/$preset/bin/orrery" .venv/bin/python -m pytest -q --junitxml="$results/pytest.xml" || python_status=$?
fi

.venv/bin/python tools/count_tests.py "$results" || exit 1
[ $cpp_status -eq 0 ] && [ $python_status -eq 0 ]
