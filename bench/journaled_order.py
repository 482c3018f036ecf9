"""From the engine's order to the journal's line, through checks and audit log, without fsync.

usage: journaled_order.py ORRERY_BINARY SHARED OUT

A hundred thousand orders; the program reads its journal again and fails where one is not there. Writes
OUT/journaled_order.json and prints a line.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

BAR_P99_NS = 50_000


def main() -> None:
    program = Path(sys.argv[1]).with_name("orrery_journaled_order_bench")
    with tempfile.TemporaryDirectory(dir=sys.argv[3]) as folder:
        answer = subprocess.run([program, folder], check=True, capture_output=True, text=True).stdout
    (Path(sys.argv[3]) / "journaled_order.json").write_text(answer)
    times = json.loads(answer)
    print(f"median {times['median']} ns, p99 {times['p99']} ns, p99.9 {times['p999']} ns (bar: p99 {BAR_P99_NS} ns)")
    if times["p99"] > BAR_P99_NS:
        sys.exit("slower than the bar")


if __name__ == "__main__":
    main()
