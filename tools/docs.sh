#!/usr/bin/env bash
# Runs every snippet of the docs. The reference pages that come from the program are kept current by tests.
set -euo pipefail
cd "$(dirname "$0")/.."
.venv/bin/python tools/check_docs.py
