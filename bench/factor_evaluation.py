"""The evaluation of factors beside alphalens: the same factors, the same prices, the values compared.

usage: factor_evaluation.py ORRERY_BINARY SHARED OUT

Needs alphalens-reloaded (0.5.1), which the project does not; left out where this Python lacks it. Alphalens is given
what a tear sheet computes: clean data, information coefficients, group means, turnover, rank autocorrelation; it
reads the factor values that `orrery factors compute` wrote. Orrery computes the factors, too, and decay, neutral
correlations and the correlations of all factors, which alphalens does not have.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

try:
    from alphalens import performance, utils
except ImportError:
    print("factor evaluation: left out, this Python has no alphalens-reloaded")
    sys.exit(0)

HORIZONS = (1, 5, 10, 20)
NAMES = ("KMID", "MA5", "STD20", "CORR10", "VSUMD30")


def run_orrery(binary: str, prices: Path, folder: Path, names: tuple[str, ...]) -> float:
    """Seconds of one evaluation of factors of Alpha158, on alphalens' conventions."""
    chosen = [part for name in names for part in ("--factor", f"alpha158:{name}")] or ["--set", "alpha158"]
    call = [
        binary,
        "factors",
        "evaluate",
        "--in",
        str(prices),
        "--adjustment",
        "none",
        "--delay",
        "0",
        "--sample",
        "common",
        "--out",
        str(folder),
    ]
    begin = time.perf_counter()
    subprocess.run(
        [*call, *chosen], check=True, capture_output=True, env={**os.environ, "ORRERY_HOME": str(folder.parent)}
    )
    return time.perf_counter() - begin


def run_alphalens(values: pd.Series, closes: pd.DataFrame) -> tuple[float, pd.DataFrame]:
    """Seconds of what a tear sheet computes of one factor, and its daily rank IC."""
    begin = time.perf_counter()
    # Its default, filter_zscore=20, takes out returns by what became of them later.
    data = utils.get_clean_factor_and_forward_returns(
        values, closes, quantiles=5, periods=HORIZONS, filter_zscore=None, max_loss=1.0
    )
    information = performance.factor_information_coefficient(data)
    performance.mean_return_by_quantile(data, by_date=True, demeaned=False)
    for period in HORIZONS:
        performance.factor_rank_autocorrelation(data, period)
        for quantile in range(1, 6):
            performance.quantile_turnover(data["factor_quantile"], quantile, period)
    return time.perf_counter() - begin, information


def read_inputs(binary: str, prices: Path, folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Factor values by date and symbol, and closes as traded, which the file holds in all their digits."""
    out = folder / "factors.parquet"
    wanted = [part for name in NAMES for part in ("--expr", f"{name}=alpha158:{name}")]
    call = [
        binary,
        "factors",
        "compute",
        "--in",
        str(prices),
        "--out",
        str(out),
        "--adjustment",
        "none",
        "--expr",
        "c=$close",
    ]
    subprocess.run([*call, *wanted, "--precision", "float32"], check=True, capture_output=True)
    frame = pd.read_parquet(out)
    frame["date"] = pd.to_datetime(frame["date"])
    frame = frame.set_index(["date", "symbol"]).astype(float)
    file = pd.read_parquet(prices, columns=["date", "symbol", "close"])
    file["date"] = pd.to_datetime(file["date"])
    closes = file.drop_duplicates(["date", "symbol"], keep="last").set_index(["date", "symbol"])["close"]
    closes = closes.reindex(frame.index).where(frame["c"].notna()).unstack("symbol")  # not the quarantined ones
    # Alphalens fills missing prices forward; only cells with the returns of all horizons are compared.
    known = closes.notna()
    for period in HORIZONS:
        known &= closes.shift(-period).notna()
    return frame[list(NAMES)].where(known.stack().reindex(frame.index)), closes


def main() -> None:
    """Prints the seconds of both and writes them to OUT."""
    warnings.simplefilter("ignore")
    binary, shared, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    prices = shared / "data/daily_sp500_2015_2018/ohlcv.parquet"
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        few = run_orrery(binary, prices, folder / "few", NAMES)
        whole = run_orrery(binary, prices, folder / "whole", ())
        values, closes = read_inputs(binary, prices, folder)
        daily = pd.read_parquet(folder / "few/daily.parquet")
        seconds, furthest = 0.0, 0.0
        for name in NAMES:
            spent, theirs = run_alphalens(values[name].dropna(), closes)
            seconds += spent
            ours = daily[daily["factor"] == name].pivot(index="date", columns="horizon", values="rank_ic")
            ours.index = pd.to_datetime(ours.index)
            ours = ours.reindex(theirs.index)
            furthest = max(furthest, float(np.nanmax(np.abs(ours.to_numpy() - theirs.to_numpy()))))
    result = {
        "factors": len(NAMES),
        "alphalens_seconds": seconds,
        "orrery_seconds": few,
        "orrery_alpha158_seconds": whole,
        "ratio_per_factor": seconds / len(NAMES) / (whole / 158),
        "largest_difference_rank_ic": furthest,
    }
    (out / "factor_evaluation.json").write_text(json.dumps(result, indent=1) + "\n")
    print(
        "factor evaluation: alphalens {alphalens_seconds:.1f} s for {factors}, Orrery {orrery_seconds:.1f} s; all 158 in "
        "{orrery_alpha158_seconds:.1f} s; {ratio_per_factor:.0f} times a factor; daily rank IC within "
        "{largest_difference_rank_ic:.1e}".format(**result)
    )


if __name__ == "__main__":
    main()
