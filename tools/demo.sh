#!/usr/bin/env bash
# The main job in one command: install what is missing, build, run, say where the report is.
#   DATA=prices.parquet SECTORS=sectors.csv tools/demo.sh     runs it on your own file
set -euo pipefail
cd "$(dirname "$0")/.."
data=${DATA:-}
sectors=${SECTORS:-}

# The demonstration's trials stand in a ledger of their own, not in the user's.
export ORRERY_HOME=${ORRERY_HOME:-$PWD/out/home}

say() { printf '==> %s\n' "$*"; }

if [ -n "$data" ] && [ ! -f "$data" ]; then
  printf 'demo: no such file: DATA=%s\n' "$data" >&2
  exit 1
fi
if [ -n "$sectors" ] && [ ! -f "$sectors" ]; then
  printf 'demo: no such file: SECTORS=%s\n' "$sectors" >&2
  exit 1
fi

tools/setup.sh demo
tools/build.sh demo orrery
orrery=build/release/bin/orrery

# In a browser it opens on this run, whichever was finished last.
offer_server() {
  "$orrery" runs tag out/demo live >/dev/null
  say "the report: open out/demo/report.html"
  say "the same in a browser, with what to hold and why: $orrery serve --data out"
}

if [ -n "$data" ]; then
  say "running the main job on $data"
  settings=(--set "name=demo" --set "data.path=$(realpath "$data")")
  [ -n "$sectors" ] && settings+=(--set "data.sectors=$(realpath "$sectors")")
  "$orrery" run examples/own_file.yaml "${settings[@]}" --out out/demo
  offer_server
  exit 0
fi

# Two markets that differ in one thing: in the second nothing is predictable, and the report must say so.
for signal in 0.03 0; do
  market=out/market_signal_$signal
  if [ ! -f "$market/simulation.json" ]; then
    say "simulating a market of 500 names and 5 years, planted rank IC $signal"
    "$orrery" simulate --instruments 500 --years 5 --seed 7 --signal "$signal" --out "$market"
  fi
done
say "running the main job on the market with a planted signal"
ORRERY_MARKET=$PWD/out/market_signal_0.03 "$orrery" run examples/demo.yaml --out out/demo
say "the same study on the market in which nothing is predictable"
ORRERY_MARKET=$PWD/out/market_signal_0 "$orrery" run examples/demo.yaml --set name=demo-null --out out/demo-null >out/demo-null.txt
.venv/bin/python tools/demo_table.py out/demo out/demo-null
offer_server
