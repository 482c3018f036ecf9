"""Writes many series with TA-Lib's values, for talib_test.cc to hold the operators against.

Needs the wheel TA-Lib 0.8.2, numpy and, for real bars, pandas with pyarrow. Run:

    python plugins/operators/testdata/compare_talib.py FOLDER --series 400 [--bars BARS.parquet --real 100]
    ORRERY_TALIB_VALUES=FOLDER build/release/bin/orrery_plugins_operators_test --gtest_filter='Talib*Elsewhere'

BARS has the columns symbol, open, high, low, close and volume. Every function is tried on every series, its
settings in turn.
"""

import argparse
from pathlib import Path

import numpy as np
from make_talib_functions import expressions, function_names, line, series

ROWS = 160


def real_series(path, count, head):
    import pandas as pd

    bars = pd.read_parquet(path).dropna(subset=["open", "high", "low", "close", "volume"])
    # Over days without volume TA-Lib divides what its running sums leave over, or by it.
    bars = bars[bars["volume"] > 0]
    for _, rows in list(bars.groupby("symbol"))[:count]:
        made = series(seed=len(rows), rows=ROWS, head=head)
        taken = rows.tail(ROWS - head)
        if len(taken) < ROWS - head:
            continue
        for name, field in (("o", "open"), ("h", "high"), ("l", "low"), ("c", "close"), ("v", "volume")):
            made[name][head:] = taken[field].to_numpy(dtype=float)
        yield made


def write(path, number, bars):
    text = "".join(line("$" + name, values) for name, values in bars.items())
    for name in function_names():
        # The settings in turn; a function's outputs stay together.
        found = {}
        for expression, values in expressions(name, bars):
            found.setdefault(expression.split(")")[0], []).append((expression, values))
        if found:
            text += "".join(line(*each) for each in list(found.values())[number % len(found)])
    path.write_text(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--series", type=int, default=400)
    parser.add_argument("--bars", type=Path)
    parser.add_argument("--real", type=int, default=100)
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    scales = np.array([1e-3, 1.0, 50.0, 1e4])
    made = [
        series(seed=1000 + i, rows=ROWS, head=i % 7, scale=scales[i % len(scales)], digits=2 + 4 * (i % 4 == 0))
        for i in range(chosen.series)
    ]
    if chosen.bars:
        made += real_series(chosen.bars, chosen.real, head=3)
    for number, bars in enumerate(made):
        write(chosen.folder / f"{number:04}.tsv", number, bars)


if __name__ == "__main__":
    main()
