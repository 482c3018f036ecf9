"""A suggestion of the TPE sampler beside Optuna's, at 1,000 trials of 10 parameters.

usage: tune.py ORRERY_BINARY SHARED OUT [ROUNDS]

orrery_suggest_bench lies beside the binary. Both see 1,000 random points with random values, then suggest one more at a
time, each parameter by itself (multivariate=False) and all together. Runs alternate; the least of the medians of all
rounds counts. Writes OUT/tune.json, prints a table, and fails below 20 times for the first, which is what `orrery tune`
uses.
"""

import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import optuna

TRIALS, PARAMETERS, SUGGESTIONS, BAR = 1000, 10, 15, 20.0


def optuna_seconds(joint: bool) -> float:
    """Returns the median time of a suggestion."""
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=1, multivariate=joint))
    ranges = {f"x{i}": optuna.distributions.FloatDistribution(-5, 5) for i in range(PARAMETERS)}
    random = np.random.default_rng(0)
    points = [{name: float(random.uniform(-5, 5)) for name in ranges} for _ in range(TRIALS)]
    make = optuna.trial.create_trial
    study.add_trials([make(params=point, distributions=ranges, value=float(random.normal())) for point in points])
    seconds = []
    for _ in range(SUGGESTIONS):
        start = time.perf_counter()
        trial = study.ask()
        for name in ranges:
            trial.suggest_float(name, -5, 5)
        seconds.append(time.perf_counter() - start)
        study.tell(trial, float(random.normal()))
    return float(np.median(seconds))


def own_seconds(program: str) -> dict[bool, float]:
    output = subprocess.run([program, str(TRIALS), str(PARAMETERS)], check=True, capture_output=True, text=True).stdout
    return {row["joint"]: row["seconds"] for row in map(json.loads, output.splitlines())}


def main() -> int:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    program, out = str(Path(sys.argv[1]).with_name("orrery_suggest_bench")), Path(sys.argv[3])
    rounds = int(sys.argv[4]) if len(sys.argv) > 4 else 3
    best: dict[tuple[str, bool], float] = {}
    for _ in range(rounds):
        for joint, seconds in own_seconds(program).items():
            for name, taken in (("orrery", seconds), ("optuna", optuna_seconds(joint))):
                best[name, joint] = min(taken, best.get((name, joint), taken))
    result = {}
    for joint, name in ((False, "each parameter by itself"), (True, "all together")):
        own, peer = best["orrery", joint], best["optuna", joint]
        result[name] = {"orrery_ms": own * 1e3, "optuna_ms": peer * 1e3, "times": peer / own}
        print(f"{name:26} Orrery {own * 1e3:7.3f} ms   Optuna {peer * 1e3:7.2f} ms   {peer / own:5.1f} x")
    out.mkdir(parents=True, exist_ok=True)
    (out / "tune.json").write_text(json.dumps(result, indent=1) + "\n")
    return 0 if result["each parameter by itself"]["times"] >= BAR else 1


if __name__ == "__main__":
    sys.exit(main())
