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
            write(
                f"talib:STOCH($h, $l, $c, {k}, {slow}, 0, {d}, 0).{line}", talib.STOCH(h, low, c, k, slow, 0, d, 0)[i]
            )
    for n in (2, 5, 14):
        for name in (
            "DEMA",
            "TEMA",
            "TRIX",
            "WMA",
            "TRIMA",
            "MIDPOINT",
            "ROCR100",
            "TSF",
            "LINEARREG_INTERCEPT",
            "AVGDEV",
        ):
            write(f"talib:{name}($c, {n})", getattr(talib, name)(c, n))
        for name in ("CCI", "ADXR"):
            write(f"talib:{name}($h, $l, $c, {n})", getattr(talib, name)(h, low, c, n))
        write(f"talib:MFI($h, $l, $c, $v, {n})", talib.MFI(h, low, c, v, n))
        write(f"talib:MIDPRICE($h, $l, {n})", talib.MIDPRICE(h, low, n))
        write(f"talib:T3($c, {n}, 0.7)", talib.T3(c, n, 0.7))
    for fast, slow, average in ((12, 26, 0), (10, 3, 0), (12, 26, 1), (10, 3, 1)):
        write(f"talib:APO($c, {fast}, {slow}, {average})", talib.APO(c, fast, slow, average))
        write(f"talib:PPO($c, {fast}, {slow}, {average})", talib.PPO(c, fast, slow, average))
    write("talib:ULTOSC($h, $l, $c)", talib.ULTOSC(h, low, c))
    write("talib:ULTOSC($h, $l, $c, 9, 3, 5)", talib.ULTOSC(h, low, c, 9, 3, 5))
    write("talib:CORREL($h, $v)", talib.CORREL(h, v, 30))
    write("talib:BOP($o, $h, $l, $c)", talib.BOP(o, h, low, c))
    for i, line in enumerate(("fastk", "fastd")):
        write(f"talib:STOCHF($h, $l, $c, 5, 3).{line}", talib.STOCHF(h, low, c, 5, 3, 0)[i])
        # Of the opens: in a run without a change the range of the index is rounding alone.
        write(f"talib:STOCHRSI($o, 14, 5, 3).{line}", talib.STOCHRSI(o, 14, 5, 3, 0)[i])
    for name in ("ADD", "SUB", "MULT", "DIV"):
        write(f"talib:{name}($c, $o)", getattr(talib, name)(c, o))
    for name in ("LN", "EXP", "SQRT", "LOG10"):
        write(f"talib:{name}($c)", getattr(talib, name)(c))
    for name in ("CDLDOJI", "CDLENGULFING"):
        pattern = getattr(talib, name)(o, h, low, c).astype(float)
        pattern[:HEAD] = np.nan  # TA-Lib's integers cannot be missing
        write(f"talib:{name}($o, $h, $l, $c)", pattern)
    write("talib:OBV($c, $v)", talib.OBV(c, v))
    write("talib:TRANGE($h, $l, $c)", talib.TRANGE(h, low, c))
    write("talib:MEDPRICE($h, $l)", talib.MEDPRICE(h, low))
    write("talib:TYPPRICE($h, $l, $c)", talib.TYPPRICE(h, low, c))
    write("talib:WCLPRICE($h, $l, $c)", talib.WCLPRICE(h, low, c))
    write("talib:AVGPRICE($o, $h, $l, $c)", talib.AVGPRICE(o, h, low, c))


if __name__ == "__main__":
    main()
