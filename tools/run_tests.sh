#!/usr/bin/env bash
# Runs the tests of one built preset and ends in one line with their counts.
# usage: tools/run_tests.sh PRESET [cpp]
# Test programs and files of Python tests, as many at a time as there are cores, each in one process: starting five
# thousand, one a case, takes longer than their work. With cpp only the programs. `ctest --preset` runs case by case.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
preset=$1
only=${2:-all}
results=.cache/tests-$preset
# Many tests at once share the cores: threads that spin while they wait would take them from each other.
export OMP_WAIT_POLICY=passive
export ORRERY_BINARY="$PWD/build/$preset/bin/orrery"
rm -rf "$results" && mkdir -p "$results"

# Large files first, so that no core waits for a long one at the end.
parts() {
  find "build/$preset/bin" -name '*_test' -printf '%p\n' | sort
  [ "$only" = cpp ] && return
  find apps plugins python tools web -name '*_test.py' -not -path '*/node_modules/*' -printf '%s %p\n' | sort -rn | cut -d' ' -f2
}

status=0
parts | xargs -d '\n' -n 1 -P "$(nproc)" tools/run_test_part.sh "$results" || status=1
.venv/bin/python tools/count_tests.py "$results" || exit 1
exit $status
