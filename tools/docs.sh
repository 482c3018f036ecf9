#!/usr/bin/env bash
# Regenerates the reference pages that come from the program, and runs every snippet of the docs.
set -euo pipefail
cd "$(dirname "$0")/.."
export ORRERY_HOME=$PWD/out/docs_home  # the ledger of trials there, not the user's
.venv/bin/python tools/check_docs.py
