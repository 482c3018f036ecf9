#!/usr/bin/env bash
# Runs one test program whole, and shows the end of what it said when it fails or does not reach its end.
# usage: tools/run_test_program.sh RESULTS_FOLDER PROGRAM
set -uo pipefail
results=$1
program=$2
name=$(basename "$program")
"$program" --gtest_brief=1 --gtest_output="xml:$results/$name.xml" >"$results/$name.log" 2>&1 && exit
tail -n 100 "$results/$name.log"
printf '%s failed, or ended before its end\n' "$name"
exit 1
