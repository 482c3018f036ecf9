#!/usr/bin/env bash
# Regenerates the reference pages that come from the program, and runs every snippet of the docs.
set -euo pipefail
cd "$(dirname "$0")/.."
.venv/bin/python tools/check_docs.py
