"""LightGBM's own calls, through Orrery and through its bare C API: same flags, data and rounds, same predictions.

usage: model_calls.py ORRERY_BINARY SHARED OUT [REPEATS]

The matrix has the size of a fold of the main job (233,000 × 158 to learn from). Orrery streams factor blocks into the
binned data set, the bare side hands over a dense matrix. The program fails unless both predict the same bits.
Writes OUT/model_calls.json and prints a table.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

PARAMETERS = {
    "num_leaves": 64,
    "max_depth": 8,
    "learning_rate": 0.05,
    "bagging_fraction": 0.9,
    "bagging_freq": 1,
    "feature_fraction": 0.9,
    "lambda_l1": 1.0,
    "lambda_l2": 10.0,
    "num_iterations": 60,
    "seed": 7,
}
ROWS = {"train": 233_000, "valid": 58_000, "test": 59_000}
FEATURES = 158


def write_input(folder: Path) -> None:
    """Writes a matrix with a weak signal, as the parity program reads it."""
    random = np.random.default_rng(123)
    for name, rows in ROWS.items():
        x = random.standard_normal((rows, FEATURES), dtype=np.float32).clip(-3, 3)
        y = 0.02 * x[:, 0] + random.standard_normal(rows)
        x.tofile(folder / f"{name}_x.f32")
        y.tofile(folder / f"{name}_y.f64")
    (folder / "shape.txt").write_text(" ".join(map(str, [FEATURES, *ROWS.values()])))
    (folder / "parameters.txt").write_text("".join(f"{name}={value}\n" for name, value in PARAMETERS.items()))


def main() -> None:
    program = Path(sys.argv[1]).with_name("orrery_model_parity")
    out = Path(sys.argv[3])
    repeats = int(sys.argv[4]) if len(sys.argv) > 4 else 3
    runs = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        write_input(folder)
        for _ in range(repeats):
            subprocess.run([program, folder, "--bare"], check=True)
            ours = [float(part) for part in (folder / "report.txt").read_text().split()[2:5]]
            bare = [float(part) for part in (folder / "bare.txt").read_text().split()[:3]]
            runs.append({"orrery": ours, "bare": bare})
    best = {side: [min(run[side][phase] for run in runs) for phase in range(3)] for side in ("orrery", "bare")}
    result = {"runs": runs, "best": best, "ratio": sum(best["orrery"]) / sum(best["bare"])}
    (out / "model_calls.json").write_text(json.dumps(result, indent=1) + "\n")
    print(f"{'':14}{'binning':>10}{'boosting':>10}{'prediction':>12}")
    for side, seconds in best.items():
        print(f"{side:14}{seconds[0]:10.3f}{seconds[1]:10.3f}{seconds[2]:12.3f}")
    print(f"ratio of the sums: {result['ratio']:.3f} (bar 1.05)")


if __name__ == "__main__":
    main()
