"""Joining 10 M trades to 1 M quotes of 100 symbols as of each trade's time, one thread, Orrery beside Polars.

usage: as_of_join.py ORRERY_BINARY SHARED OUT [ROUNDS]

Both get rows by time and symbols as whole numbers; both take the last quote at or before each trade and its bid and ask.
In turns; the least of the rounds counts. Every match is held against Polars'. Writes OUT/as_of_join.json and prints a line.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ["POLARS_MAX_THREADS"] = "1"

import numpy as np
import polars as pl

TRADES, QUOTES, SYMBOLS = 10_000_000, 1_000_000, 100
DAY_NANOSECONDS = 23_400 * 10**9


def make_market(seed: int) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Trades and quotes at random times of one session; some symbols are busier than others."""
    random = np.random.default_rng(seed)
    weights = random.pareto(1.5, SYMBOLS) + 0.1
    weights /= weights.sum()

    def side(rows: int) -> dict[str, np.ndarray]:
        return {
            "time": np.sort(random.integers(0, DAY_NANOSECONDS, rows)),
            "id": random.choice(SYMBOLS, rows, p=weights).astype(np.int32),
        }

    trades, quotes = side(TRADES), side(QUOTES)
    quotes["bid"] = 100 + random.standard_normal(QUOTES).cumsum() / 1e3
    quotes["ask"] = quotes["bid"] + 0.01
    return trades, quotes


def polars_join(trades: pl.DataFrame, quotes: pl.DataFrame) -> tuple[float, pl.DataFrame]:
    start = time.perf_counter()
    joined = trades.join_asof(quotes, on="time", by="id", strategy="backward", check_sortedness=False)
    return 1e3 * (time.perf_counter() - start), joined


def main() -> None:
    binary, out = Path(sys.argv[1]), Path(sys.argv[3])
    rounds = int(sys.argv[4]) if len(sys.argv) > 4 else 5
    trades, quotes = make_market(1)
    left = pl.DataFrame(trades).with_columns(pl.col("time").set_sorted())
    right = pl.DataFrame(quotes).with_columns(pl.col("time").set_sorted())
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for name, columns in (("left_", trades), ("right_", {key: quotes[key] for key in ("time", "id")})):
            for key, values in columns.items():
                values.tofile(folder / f"{name}{key}.bin")
        for key in ("bid", "ask"):
            quotes[key].tofile(folder / f"{key}.bin")
        ours, ours_with_values, theirs = [], [], []
        for _ in range(rounds):
            theirs.append(polars_join(left, right)[0])
            command = [binary.parent / "orrery_as_of_join_bench", folder, "3"]
            line = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            found = re.search(r"join_ms=([\d.]+) all_ms=([\d.]+)", line)
            ours.append(float(found[1]))
            ours_with_values.append(float(found[2]))
        match = np.fromfile(folder / "match.bin", np.uint32)
    rows = polars_join(left, right.select("time", "id").with_row_index("row"))[1]["row"]
    equal = np.array_equal(rows.fill_null(2**32 - 1).to_numpy(), match)
    if not equal or rows.null_count() == 0:
        raise SystemExit("the matches differ from Polars'")
    result = {
        "trades": TRADES,
        "quotes": QUOTES,
        "orrery_ms": min(ours_with_values),
        "orrery_rows_only_ms": min(ours),
        "polars_ms": min(theirs),
        "ratio": min(theirs) / min(ours_with_values),
        "trades_per_second": TRADES / min(ours_with_values) * 1e3,
        "equal": equal,
    }
    (out / "as_of_join.json").write_text(json.dumps(result, indent=1) + "\n")
    print(
        f"Orrery {result['orrery_ms']:.0f} ms ({result['trades_per_second'] / 1e6:.0f} M trades/s; rows alone "
        f"{result['orrery_rows_only_ms']:.0f} ms), Polars {result['polars_ms']:.0f} ms, ratio {result['ratio']:.1f} "
        "(bar 3), every match equal"
    )


if __name__ == "__main__":
    main()
