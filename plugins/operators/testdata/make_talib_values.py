"""Makes talib_values.tsv: TA-Lib's own values over a made-up series, with missing bars at its head.

Needs the wheel TA-Lib 0.8.2 and numpy. Run:

    python plugins/operators/testdata/make_talib_values.py > plugins/operators/testdata/talib_values.tsv
"""

import numpy as np
import talib

ROWS, HEAD = 120, 4


def make_bars():
    random = np.random.default_rng(7)
    close = np.round(50 * np.exp(np.cumsum(0.02 * random.standard_normal(ROWS))), 2)
    close[60:66] = close[60]  # a run without a change
    opened = np.round(close * (1 + 0.01 * random.standard_normal(ROWS)), 2)
    high = np.round(np.maximum(opened, close) * (1 + 0.01 * random.random(ROWS)), 2)
    low = np.round(np.minimum(opened, close) * (1 - 0.01 * random.random(ROWS)), 2)
    high[62], low[62], opened[62] = close[62], close[62], close[62]  # a bar without a range
    volume = np.floor(1000 + 9000 * random.random(ROWS))
    bars = {"o": opened, "h": high, "l": low, "c": close, "v": volume}
    for values in bars.values():
        values[:HEAD] = np.nan
    return bars


def write(name, values):
    cells = ("" if np.isnan(value) else f"{value:.13g}" for value in values)
    print(f"{name}\t" + ",".join(cells))


def main():
    bars = make_bars()
    o, h, low, c, v = bars.values()
    print("# Made by make_talib_values.py with TA-Lib 0.8.2.")
    for name, values in bars.items():
        write("$" + name, values)
    for n in (2, 5, 14):
        for name in (
            "RSI",
            "SMA",
            "EMA",
            "MOM",
            "ROC",
            "ROCP",
            "ROCR",
            "MAX",
            "MIN",
            "SUM",
            "LINEARREG",
            "LINEARREG_SLOPE",
        ):
            write(f"talib:{name}($c, {n})", getattr(talib, name)(c, n))
        for name in ("ATR", "NATR", "ADX", "WILLR"):
            write(f"talib:{name}($h, $l, $c, {n})", getattr(talib, name)(h, low, c, n))
        write(f"talib:STDDEV($c, {n}, 1.5)", talib.STDDEV(c, n, 1.5))
        write(f"talib:VAR($c, {n})", talib.VAR(c, n))
        for i, band in enumerate(("upper", "middle", "lower")):
            write(f"talib:BBANDS($c, {n}, 2, 1.5).{band}", talib.BBANDS(c, n, 2, 1.5)[i])
    for parameters in ((12, 26, 9), (5, 10, 3), (10, 5, 4), (3, 3, 1)):
        for i, line in enumerate(("macd", "signal", "hist")):
            arguments = ", ".join(map(str, parameters))
            write(f"talib:MACD($c, {arguments}).{line}", talib.MACD(c, *parameters)[i])
    for k, slow, d in ((5, 3, 3), (14, 1, 3), (9, 4, 2)):
        for i, line in enumerate(("slowk", "slowd")):
            write(f"talib:STOCH($h, $l, $c, {k}, {slow}, {d}).{line}", talib.STOCH(h, low, c, k, slow, 0, d, 0)[i])
    write("talib:OBV($c, $v)", talib.OBV(c, v))
    write("talib:TRANGE($h, $l, $c)", talib.TRANGE(h, low, c))
    write("talib:MEDPRICE($h, $l)", talib.MEDPRICE(h, low))
    write("talib:TYPPRICE($h, $l, $c)", talib.TYPPRICE(h, low, c))
    write("talib:WCLPRICE($h, $l, $c)", talib.WCLPRICE(h, low, c))
    write("talib:AVGPRICE($o, $h, $l, $c)", talib.AVGPRICE(o, h, low, c))


if __name__ == "__main__":
    main()
