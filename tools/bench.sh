#!/usr/bin/env bash
# Measures Orrery beside its peers in one run, and checks the values while at it. Results: out/bench/*.json.
# The peers live in .venv-peers, .venv-event-peers and .venv-feature-peers, apart from the project; their harnesses and the data in ${ORRERY_SHARED:-../shared}.
set -euo pipefail
cd "$(dirname "$0")/.."
shared=${ORRERY_SHARED:-../shared}
[ -d "$shared/peers" ] || { printf 'bench: no peers at %s; set ORRERY_SHARED\n' "$shared" >&2; exit 1; }
tools/setup.sh check
tools/build.sh release
tools/build.sh release orrery_read_prices_bench orrery_factor_panel_bench orrery_as_of_join_bench orrery_lake_bench \
  orrery_suggest_bench orrery_predict_bench orrery_portfolio_bench orrery_order_checks_bench \
  orrery_journaled_order_bench orrery_event_engine_bench orrery_online_features_bench orrery_bare_beast_bench \
  orrery_streams_bench
if ninja -C build/release -t targets all | grep -q '^orrery_network_epoch_bench:'; then  # built with networks
  tools/build.sh release orrery_network_epoch_bench
fi
# Installs the peers of a list into an environment of their own, unless they are there.
install_peers() {
  local list=requirements/$1.txt folder=$2
  if [ -f "$folder/done" ] && cmp -s "$list" "$folder/done"; then return; fi
  printf '==> peers: installing %s into %s\n' "$list" "$folder"
  rm -rf "$folder"
  python3 -m venv "$folder"
  "$folder/bin/pip" install --quiet --disable-pip-version-check --require-hashes --no-deps -r "$list"
  cp "$list" "$folder/done"
}
install_peers peers .venv-peers
install_peers event_peers .venv-event-peers  # nautilus_trader does not go together with the others
install_peers feature_peers .venv-feature-peers
mkdir -p out/bench
export ORRERY_HOME=$PWD/out/bench/home  # the ledger of trials there, not the user's
for benchmark in bench/*.py; do
  printf '\n==> %s\n' "$benchmark"
  peers=.venv-peers
  if [ "$benchmark" = bench/event_engine.py ]; then peers=.venv-event-peers; fi
  if [ "$benchmark" = bench/online_features.py ]; then peers=.venv-feature-peers; fi
  if [ "$benchmark" = bench/soak.py ]; then peers=.venv; fi  # no peer; it follows streams with websockets
  "$peers/bin/python" "$benchmark" build/release/bin/orrery "$shared" out/bench
done
