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
import sys

import numpy as np
import pandas as pd
from factor_engine import EVERY, FIELDS, Engine, agree, least, open_bench

BAR = 20.0


def rank(x: pd.DataFrame) -> pd.DataFrame:
    return x.rank(axis=1, pct=True)


def correlation(left: pd.DataFrame, right: pd.DataFrame, window: int) -> pd.DataFrame:
    """Returns the correlation of the pairs of each window of a few instruments, from the definition of Corr."""
    before = np.full((window - 1, left.shape[1]), np.nan)
    pairs = [np.vstack([before, x.to_numpy(np.float64)]) for x in (left, right)]
    a, b = (np.lib.stride_tricks.sliding_window_view(x, window, axis=0) for x in pairs)
    both = np.isfinite(a) & np.isfinite(b)
    count = both.sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        a, b = (np.where(both, x - (np.where(both, x, 0).sum(-1) / count)[..., None], 0) for x in (a, b))
        result = (a * b).sum(-1) / np.sqrt((a * a).sum(-1) * (b * b).sum(-1))
        varied = np.minimum((a * a).sum(-1), (b * b).sum(-1)) / (count - 1) > 2e-5**2
    return pd.DataFrame(np.where(varied, result, np.nan))


def some(x: pd.DataFrame) -> pd.DataFrame:
    return x.iloc[:, ::EVERY]


def reference_values(panel: dict) -> dict:
    """Returns some alphas as pandas computes them, from floats as the fields are."""
    names = {name: pd.DataFrame(panel[name]) for name in FIELDS}
    opened, high, low, close = names["open"], names["high"], names["low"], names["close"]
    vwap, volume = names["vwap"], names["volume"]
    alphas = {
        "alpha003": -correlation(some(rank(opened)), some(rank(volume)), 10),
        "alpha004": -some(rank(low)).rolling(9, min_periods=1).rank(pct=True),
        "alpha044": -correlation(some(high), some(rank(volume)), 5),
        "alpha012": np.sign(volume.diff()) * -close.diff(),
        "alpha020": -rank(opened - high.shift()) * rank(opened - close.shift()) * rank(opened - low.shift()),
        "alpha033": rank(-(1 - opened / close)),
        "alpha042": rank(vwap - close) / rank(vwap + close),
        "alpha101": (close - opened) / ((high - low) + np.float32(0.001)),
    }
    rows = np.arange(len(close))[:, None]
    there = close.notna().to_numpy()
    lives = (rows >= there.argmax(axis=0)) & (rows < len(close) - there[::-1].argmax(axis=0))
    picked = {name: x if x.shape[1] < lives.shape[1] else some(x) for name, x in alphas.items()}
    return {name: np.where(lives[:, ::EVERY], values, np.nan) for name, values in picked.items()}


def check_values(engine: Engine, panel: dict) -> dict:
    ours = engine.values("gaps", "alpha101")
    return {
        name: agree(name, ours[int(name[-3:]) - 1], theirs, 2e-6) for name, theirs in reference_values(panel).items()
    }


def main() -> None:
    engine, peers, panels, out, rounds = open_bench(sys.argv[1:])
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
        "orrery_cpu_seconds": min(min(account["cpu_seconds"]) for account in ours),
        "orrery_filled_seconds": least(filled),
        "orrery_two_threads_seconds": least(both, "seconds"),
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
