"""CPCV, 6 choose 2, on the main study: how well its 15 models share the cores.

usage: robustness.py ORRERY_BINARY SHARED OUT

Runs examples/sp500.yaml with `robustness: {scheme: cpcv}` on one thread and on two, and compares the seconds of that
stage: models, predictions, and trading every path. One fold is a fifteenth of the one thread's; the bar is 1.2 times
(15 ÷ cores) of them. The paths' metrics must be the same. Writes OUT/robustness.json.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

SPLITS, CORES, BAR = 15, 2, 1.2


def stage(binary: str, shared: Path, threads: int) -> tuple[float, dict[str, float]]:
    """Returns the stage's seconds and the metrics that come of it."""
    root = Path(__file__).resolve().parent.parent
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        changes = ("robustness={scheme: cpcv, folds: 6, test_folds: 2}", "baselines=false")
        command = [binary, "run", str(root / "examples/sp500.yaml"), "--out", str(run), "--threads", str(threads)]
        for change in changes:
            command += ["--set", change]
        environment = {**os.environ, "ORRERY_SHARED": str(shared), "ORRERY_HOME": folder}
        subprocess.run(command, check=True, capture_output=True, env=environment)
        seconds = json.loads((run / "manifest.json").read_text())["runtime"]["seconds"]["robustness"]
        metrics = json.loads((run / "metrics.json").read_text())
    return seconds, {key: value for key, value in metrics.items() if key.startswith("robustness")}


def main() -> int:
    binary, shared, out = sys.argv[1], Path(sys.argv[2]).resolve(), Path(sys.argv[3])
    one, metrics = stage(binary, shared, 1)
    many, same = stage(binary, shared, CORES)
    if metrics != same:
        sys.exit(f"the metrics depend on the threads: {metrics} and {same}")
    fold = one / SPLITS
    ratio = many / (SPLITS / CORES * fold)
    print(
        f"one thread {one:.1f} s, {fold:.2f} s a fold; {CORES} threads {many:.1f} s: {ratio:.2f} x folds / cores x a fold"
    )
    result = {"one_thread_s": one, "two_threads_s": many, "ratio": ratio, "metrics": metrics}
    out.mkdir(parents=True, exist_ok=True)
    (out / "robustness.json").write_text(json.dumps(result, indent=1) + "\n")
    return 0 if ratio < BAR else 1


if __name__ == "__main__":
    sys.exit(main())
