"""A prediction of 500 rows of 158 features on one thread: how long it takes in the median and at the 99th percentile.

usage: predict_rows.py ORRERY_BINARY SHARED OUT [REPEATS]

orrery_predict_bench lies beside the binary. LightGBM's own Python package does the same work beside it, of a model of
as many trees. Writes OUT/predict_rows.json, prints a table, and fails where the 99th percentile reaches 2 ms.
"""

import json
import subprocess
import sys
import time
from pathlib import Path

import lightgbm
import numpy as np

ROWS, FEATURES, BAR = 500, 158, 2e-3
MODELS = ("lightgbm", "xgboost", "mlp", "lstm")
BARRED = ("lightgbm", "xgboost")  # the bar stands with the trees


def peer(repeats: int) -> dict[str, float]:
    """LightGBM's Booster.predict of 60 trees of 64 leaves."""
    random = np.random.default_rng(1)
    x = random.normal(size=(40_000, FEATURES)).astype(np.float32)
    y = 0.8 * x[:, 0] - 0.5 * x[:, 1] + 0.5 * random.normal(size=len(x))
    settings = {"num_leaves": 64, "verbosity": -1, "num_threads": 1}
    booster = lightgbm.train(settings, lightgbm.Dataset(x, y), num_boost_round=60)
    session = random.normal(size=(ROWS, FEATURES))
    seconds = []
    for _ in range(repeats):
        begin = time.perf_counter()
        booster.predict(session, num_threads=1)
        seconds.append(time.perf_counter() - begin)
    return {"median": float(np.median(seconds)), "p99": float(np.quantile(seconds, 0.99))}


def main() -> int:
    program, out = Path(sys.argv[1]).with_name("orrery_predict_bench"), Path(sys.argv[3])
    repeats = int(sys.argv[4]) if len(sys.argv) > 4 else 1000
    result = {"lightgbm's package": peer(repeats)}
    for model in MODELS:
        answer = subprocess.run([program, model, str(ROWS), str(repeats)], capture_output=True, text=True, check=False)
        if answer.returncode != 0 and model not in BARRED:
            print(f"{model}: left out: {answer.stderr.strip()}")
            continue
        if answer.returncode != 0:
            sys.exit(answer.stderr)
        result[model] = json.loads(answer.stdout)
    for name, row in result.items():
        print(f"{name:20} median {1e3 * row['median']:6.2f} ms   p99 {1e3 * row['p99']:6.2f} ms")
    out.mkdir(parents=True, exist_ok=True)
    (out / "predict_rows.json").write_text(json.dumps(result, indent=1) + "\n")
    return 0 if all(result[model]["p99"] < BAR for model in BARRED) else 1


if __name__ == "__main__":
    sys.exit(main())
