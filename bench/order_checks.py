"""What an order waits for the pre-trade checks, and a record for its link in the audit log's chain.

usage: order_checks.py ORRERY_BINARY SHARED OUT

A million orders, one in eight of them refused; the program checks every answer and fails where one is wrong.
Writes OUT/order_checks.json and prints a line each.
"""

import json
import subprocess
import sys
from pathlib import Path

BAR_NS = 1000


def main() -> None:
    program = Path(sys.argv[1]).with_name("orrery_order_checks_bench")
    answer = subprocess.run([program], check=True, capture_output=True, text=True).stdout
    (Path(sys.argv[3]) / "order_checks.json").write_text(answer)
    for name, times in json.loads(answer).items():
        print(f"{name}: median {times['median']} ns, p99 {times['p99']} ns, p99.9 {times['p999']} ns (bar {BAR_NS} ns)")


if __name__ == "__main__":
    main()
