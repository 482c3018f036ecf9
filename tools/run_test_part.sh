#!/usr/bin/env bash
# Runs one test program or one file of Python tests whole, and shows the end of what it said when it fails or does not
# reach its end. Its seconds are added to RESULTS_FOLDER/seconds.txt.
# usage: tools/run_test_part.sh RESULTS_FOLDER PROGRAM|FILE_test.py
set -uo pipefail
results=$1
part=$2
name=$(tr / _ <<<"${part%.py}")
if [[ $part == *.py ]]; then
  command=(.venv/bin/python -m pytest -q "--junitxml=$results/$name.xml" "$part")
else
  command=("$part" --gtest_brief=1 "--gtest_output=xml:$results/$name.xml")
fi
start=$SECONDS
"${command[@]}" >"$results/$name.log" 2>&1
status=$?
printf '%5d %s\n' $((SECONDS - start)) "$part" >>"$results/seconds.txt"
[ $status -eq 0 ] && exit
tail -n 100 "$results/$name.log"
printf '%s failed, or ended before its end\n' "$part"
exit 1
