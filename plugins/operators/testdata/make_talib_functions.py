"""Makes talib_functions.tsv and talib_names.txt: TA-Lib's own values of the functions that make_talib_values.py
and make_talib_candles.py leave out, over made-up bars with missing ones at their head; and all names of TA-Lib.

Needs the wheel TA-Lib 0.8.2 and numpy. Run:

    python plugins/operators/testdata/make_talib_functions.py plugins/operators/testdata

`series` and `expressions` also serve compare_talib.py, which makes many more.
"""

import sys
from pathlib import Path

import numpy as np
import talib
from talib import abstract

ROWS, HEAD = 110, 3
INPUTS = {"open": "o", "high": "h", "low": "l", "close": "c", "volume": "v", "periods": "p"}

# Settings beside the defaults, which are always tried where they leave enough rows.
SETTINGS = {
    "AC": [(3, 9, 4), (9, 3, 2)],
    "ACCBANDS": [(5,), (2,)],
    "ADOSC": [(10, 4), (2, 3)],
    "ADR": [(2,)],
    "AO": [(3, 10), (10, 3)],
    "AROON": [(5,), (2,)],
    "AROONOSC": [(5,), (2,)],
    "BBANDS": [(5, 2.0, 1.5, 3), (7, 1.0, 1.0, 6)],
    "APO": [(5, 12, 3), (12, 5, 6), (4, 9, 9), (3, 8, 13)],
    "PPO": [(5, 12, 2), (3, 7, 12)],
    "BETA": [(1,), (12,)],
    "CMF": [(5,)],
    "CMO": [(2,), (5,)],
    "CMOU": [(2,), (5,)],
    "COPPOCK": [(3, 2, 5)],
    "CVI": [(3, 5)],
    "DONCHIAN": [(2,), (7,)],
    "DPO": [(2,), (3,), (7,)],
    "DX": [(2,), (5,)],
    "EFI": [(1,), (2,), (5,)],
    "ER": [(2,), (5,)],
    "ERI": [(2,), (5,)],
    "FOSC": [(2,), (14,)],
    "FRACTAL": [(1, 1), (3, 2), (1, 4)],
    "HMA": [(2,), (3,), (9,), (16,)],
    "IMI": [(2,), (5,)],
    "KAMA": [(2,), (10,)],
    "KC": [(5, 10, 1.5), (10, 10, 1.0), (2, 1, 2.0)],
    "KDJ": [(5, 4, 1, 2, 3), (9, 3, 0, 3, 0)],
    "LINEARREG_ANGLE": [(2,), (5,)],
    "MA": [(1, 1)] + [(n, kind) for kind in range(14) for n in (2, 5)],
    "MACDEXT": [(5, 1, 12, 0, 4, 2), (12, 3, 5, 6, 3, 1), (5, 6, 8, 7, 4, 3), (4, 12, 9, 9, 3, 13)],
    "MACDFIX": [(3,), (1,)],
    "MAMA": [(0.9, 0.1)],
    "MASSI": [(3, 5)],
    "MAVP": [(2, 9, 1), (3, 12, 6), (2, 10, 3)],
    "MAXINDEX": [(2,), (7,)],
    "MININDEX": [(2,), (7,)],
    "MINMAX": [(2,), (7,)],
    "MINMAXINDEX": [(2,), (7,)],
    "MINUS_DI": [(1,), (2,), (5,)],
    "MINUS_DM": [(1,), (2,), (5,)],
    "NATR": [(1,)],
    "ATR": [(1,)],
    "PERCENTILE": [(5, 30.0), (14, 0.0), (14, 100.0), (7, 90.0)],
    "PERCENTRANK": [(5,), (20,)],
    "PLUS_DI": [(1,), (2,), (5,)],
    "PLUS_DM": [(1,), (2,), (5,)],
    "PVO": [(3, 10, 1), (10, 3, 0)],
    "QSTICK": [(2,)],
    "RMA": [(2,), (7,)],
    "RVI": [(5, 4)],
    "RVOL": [(2,), (5,)],
    "SAR": [(0.05, 0.3), (0.5, 0.1)],
    "SAREXT": [
        (0.0, 0.1, 0.03, 0.04, 0.3, 0.02, 0.05, 0.2),
        (45.0, 0.0, 0.02, 0.02, 0.2, 0.02, 0.02, 0.2),
        (-52.0, 0.02, 0.3, 0.02, 0.2, 0.02, 0.3, 0.2),
    ],
    "SMI": [(5, 2, 4, 3)],
    "STOCH": [(5, 3, 1, 4, 2), (5, 3, 6, 4, 9), (9, 2, 13, 3, 12)],
    "STOCHF": [(5, 3, 1), (5, 4, 6)],
    "STOCHRSI": [(5, 5, 3, 1)],
    "SUPERTREND": [(2, 1.0), (5, 2.0), (14, 0.5)],
    "TSI": [(2, 2), (5, 3)],
    "VHF": [(2,), (5,)],
    "VORTEX": [(2,), (5,)],
    "VWMA": [(2,), (5,)],
    "ZLEMA": [(3,), (10,)],
}
OUTPUT_NAMES = {"upperband": "upper", "middleband": "middle", "lowerband": "lower"}
OUTPUT_NAMES |= {"macdsignal": "signal", "macdhist": "hist"}
UNIT = {"ACOS", "ASIN"}  # functions of values from -1 to 1
SMALL = {"COSH", "SINH", "TANH"}  # the whole range of the doubles is a few hundred wide


def series(seed=11, rows=ROWS, head=HEAD, scale=50.0, digits=2):
    """Bars whose prices sit on a coarse grid, with runs without a change, bars without a range and no volume."""
    random = np.random.default_rng(seed)
    close = np.round(scale * np.exp(np.cumsum(0.02 * random.standard_normal(rows))), digits)
    close[40:47] = close[40]
    opened = np.round(close * (1 + 0.01 * random.standard_normal(rows)), digits)
    high = np.round(np.maximum(opened, close) * (1 + 0.01 * random.random(rows)), digits)
    low = np.round(np.minimum(opened, close) * (1 - 0.01 * random.random(rows)), digits)
    opened[43] = high[43] = low[43] = close[43]
    bars = {"o": opened, "h": high, "l": low, "c": close, "v": np.floor(1000 + 9000 * random.random(rows))}
    bars["p"] = np.round(1 + 13 * random.random(rows), 1)
    bars["u"] = np.round(2 * random.random(rows) - 1, 6)
    bars["s"] = np.round(3 * random.standard_normal(rows), 6)
    for values in bars.values():
        values[:head] = np.nan
    return bars


def function_names(with_candles=False):
    groups = talib.get_function_groups()
    return sorted(
        name for group, names in groups.items() for name in names if with_candles or group != "Pattern Recognition"
    )


def fields_of(name):
    if name == "BETA":
        return ["h", "c"]
    if name == "STOCHRSI":
        return ["o"]  # the index of closes without a change is rounding alone
    if name in UNIT:
        return ["u"]
    if name in SMALL:
        return ["s"]
    fields = []
    for given in abstract.Function(name).input_names.values():
        fields += [INPUTS[field] for field in ([given] if isinstance(given, str) else given)]
    return fields


def expressions(name, bars):
    """Yields each expression of a function with TA-Lib's values, missing before its first."""
    function = abstract.Function(name)
    fields = fields_of(name)
    for settings in [(), *SETTINGS.get(name, [])]:
        parameters = dict(zip(function.parameters, settings, strict=False))
        function.parameters = abstract.Function(name).parameters | parameters
        first = np.flatnonzero(~np.isnan(sum(bars[field] for field in fields)))[0] + function.lookback
        if first + 10 > len(bars["c"]):
            continue
        results = getattr(talib, name)(*(bars[field] for field in fields), **parameters)
        several = isinstance(results, tuple)
        arguments = ", ".join(["$" + field for field in fields] + [f"{value:g}" for value in settings])
        for output, values in zip(function.output_names, results if several else [results], strict=True):
            values = values.astype(float)
            values[:first] = np.nan  # integers cannot be missing
            suffix = "." + OUTPUT_NAMES.get(output, output) if several else ""
            yield f"talib:{name}({arguments}){suffix}", values


def line(name, values):
    return name + "\t" + ",".join("" if np.isnan(value) else f"{value:.13g}" for value in values) + "\n"


def main(folder):
    bars = series()
    compared = [line.split("(")[0] for line in (folder / "talib_values.tsv").read_text().splitlines()]
    text = "# Made by make_talib_functions.py with TA-Lib 0.8.2.\n"
    text += "".join(line("$" + name, values) for name, values in bars.items())
    for name in function_names():
        if f"talib:{name}" in compared and name not in SETTINGS:
            continue
        text += "".join(line(*each) for each in expressions(name, bars))
    (folder / "talib_functions.tsv").write_text(text)
    names = "# Made by make_talib_functions.py: the functions of TA-Lib 0.8.2.\n"
    (folder / "talib_names.txt").write_text(names + "".join(f"{name}\n" for name in function_names(True)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
