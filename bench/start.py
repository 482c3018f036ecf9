"""How long the program takes to start and what it weighs: `orrery --help`.

usage: start.py ORRERY_BINARY SHARED OUT [REPEATS]
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path


def start_once(binary: str) -> tuple[float, float]:
    """Returns milliseconds and peak megabytes of one start."""
    begin = time.perf_counter()
    process = subprocess.Popen([binary, "--help"], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        raise SystemExit("orrery --help failed")
    return 1e3 * (time.perf_counter() - begin), usage.ru_maxrss / 1024


def main() -> None:
    repeats = int(sys.argv[4]) if len(sys.argv) > 4 else 30
    runs = sorted(start_once(sys.argv[1]) for _ in range(repeats))
    result = {
        "median_ms": runs[len(runs) // 2][0],
        "least_ms": runs[0][0],
        "peak_mb": max(memory for _, memory in runs),
    }
    (Path(sys.argv[3]) / "start.json").write_text(json.dumps(result, indent=1) + "\n")
    print(
        "start: median {median_ms:.1f} ms, least {least_ms:.1f} ms (bar 20), {peak_mb:.0f} MB (bar 40)".format(**result)
    )


if __name__ == "__main__":
    main()
