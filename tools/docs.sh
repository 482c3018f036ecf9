#!/usr/bin/env bash
# Runs every snippet of the docs. The reference pages that come from the program are kept current by tests.
set -euo pipefail
cd "$(dirname "$0")/.."
export ORRERY_HOME=$PWD/out/docs_home  # the ledger of trials there, not the user's
.venv/bin/python tools/check_docs.py
