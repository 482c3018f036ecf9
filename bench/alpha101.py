"""The 101 formulaic alphas beside KunQuant on one panel of 500 instruments × 5,000 days, one thread, float results.

usage: alpha101.py ORRERY_BINARY SHARED OUT [ROUNDS]

The panel has listings, delistings and 1 % missing days; KunQuant, which cannot take gaps, gets it filled forward, and so
do we once for comparison. KunQuant computes 82 of the alphas with its harness in SHARED/peers as it is, its compile time
left out; we compute all 101, with 11 made-up sectors for those that neutralise. Both write into memory that has been
touched before. Runs alternate; the least time of all rounds counts. The values of the timed program are held against
alphas written here with pandas for every 50th instrument; the program fails where they differ. All 101 are held against
a slow implementation in the tests (orrery/factor/oracle).
Writes OUT/alpha101.json and prints a table.
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from factor_engine import EVERY, FIELDS, Engine, Peers, agree, least, prepare

BAR = 20.0


def rank(x: pd.DataFrame) -> pd.DataFrame:
    return x.rank(axis=1, pct=True)


def reference_values(panel: dict) -> dict:
    """Returns some alphas as pandas computes them, from floats as the fields are."""
    names = {name: pd.DataFrame(panel[name]) for name in FIELDS}
    opened, high, low, close = names["open"], names["high"], names["low"], names["close"]
    vwap, volume = names["vwap"], names["volume"]
    alphas = {
        "alpha003": -rank(opened).rolling(10, min_periods=2).corr(rank(volume)),
        "alpha004": -rank(low).rolling(9, min_periods=1).rank(pct=True),
        "alpha012": np.sign(volume.diff()) * -close.diff(),
        "alpha020": -rank(opened - high.shift()) * rank(opened - close.shift()) * rank(opened - low.shift()),
        "alpha033": rank(-(1 - opened / close)),
        "alpha042": rank(vwap - close) / rank(vwap + close),
        "alpha101": (close - opened) / ((high - low) + np.float32(0.001)),
    }
    rows = np.arange(len(close))[:, None]
    there = close.notna().to_numpy()
    lives = (rows >= there.argmax(axis=0)) & (rows < len(close) - there[::-1].argmax(axis=0))
    return {name: np.where(lives, values, np.nan)[:, ::EVERY] for name, values in alphas.items()}


def check_values(engine: Engine, panel: dict) -> dict:
    ours = engine.values("gaps", "alpha101")
    return {
        name: agree(name, ours[int(name[-3:]) - 1], theirs, 2e-6) for name, theirs in reference_values(panel).items()
    }


def main() -> None:
    orrery, shared, out = (Path(argument).resolve() for argument in sys.argv[1:4])
    rounds = int(sys.argv[4]) if len(sys.argv) > 4 else 3
    folder = out / "factor_engine"
    folder.mkdir(parents=True, exist_ok=True)
    engine, peers = Engine(orrery, folder), Peers(shared / "peers", folder)
    build = ["cmake", "--build", orrery.parent.parent, "--target", engine.program.name]
    subprocess.run(build, check=True, capture_output=True)
    panels = prepare(shared, folder)
    values = check_values(engine, panels["gaps"])
    ours, filled, both, theirs = [], [], [], {}
    for _ in range(rounds):
        ours.append(engine.compute("gaps", "alpha101", repeats=2))
        theirs = peers.run("a_kunquant.py", "101", "float", "1", "1", data="filled")
        filled.append(engine.compute("filled", "alpha101", repeats=1))
        both.append(engine.compute("gaps", "alpha101", threads=2, repeats=2))
    peer = theirs["alpha101_kunquant_float_TS_1t"]
    result = {
        "orrery_seconds": least(ours),
        "orrery_filled_seconds": least(filled),
        "orrery_two_threads_seconds": least(both),
        "kunquant_seconds": peer,
        "ratio": peer / least(ours),
        "bar": BAR,
        "cold_seconds": min(account["cold_seconds"] for account in ours),
        "peak_mb": max(account["peak_mb"] for account in ours),
        "result_mb": ours[0]["result_mb"],
        "stream": engine.stream("gaps", "alpha101", 2000),
        "values": values,
    }
    (out / "alpha101.json").write_text(json.dumps(result, indent=1) + "\n")
    print(
        f"Alpha101: orrery {result['orrery_seconds']:.2f} s (101, gaps; filled {result['orrery_filled_seconds']:.2f} s; "
        f"two threads {result['orrery_two_threads_seconds']:.2f} s), KunQuant {peer:.2f} s (82, filled), "
        f"ratio {result['ratio']:.1f} (bar {BAR:.0f}), {len(values)} alphas agree with pandas"
    )


if __name__ == "__main__":
    main()
