"""Makes talib_candles.tsv: TA-Lib's candlestick patterns over made-up candles.

Needs the wheel TA-Lib 0.8.2 and numpy. Run:

    python plugins/operators/testdata/make_talib_candles.py > plugins/operators/testdata/talib_candles.tsv

Prices are whole 64ths or hundredths, written as such and rounded to floats. Sums of their differences are exact, so
that neither the order of summation nor the precision of the fields changes a comparison, on ties too. Shapes that the patterns look for are planted, upright and upside down, as
they are and a little changed. Each series stands in a column of its own; the first half has every row, others
miss some prices at their head or anywhere. On those TA-Lib sees the whole rows alone, which is the rule of the
`talib:` operators for missing values.
"""

import numpy as np
import talib

SERIES, ROWS = 64, 240
UNITS, STEPS = (64, 100), (32, 8, 4, 1)
PENETRATIONS = (0.0, 0.1, 0.3, 0.5, 0.6)
PENETRATING = {
    "CDLABANDONEDBABY",
    "CDLDARKCLOUDCOVER",
    "CDLEVENINGDOJISTAR",
    "CDLEVENINGSTAR",
    "CDLMATHOLD",
    "CDLMORNINGDOJISTAR",
    "CDLMORNINGSTAR",
}

# Open, high, low, close of what comes after candles like (20, 22, 19, 21).
SHAPES = (
    ((21, 26, 20.5, 25), (28, 28.5, 25.5, 26), (27, 27.5, 22, 23)),
    ((20, 25, 19.5, 24), (24, 24.25, 21.875, 22), (23, 23.25, 19.875, 20), (21, 21.25, 17.875, 18)),
    ((25, 25.5, 19.5, 20), (21, 22.5, 20.5, 22), (22, 27, 21.5, 26)),
    ((20, 22, 19.5, 21.5), (21, 23, 20.5, 22.5), (22, 24, 21.5, 23.5), (24, 24.5, 18, 19)),
    ((22, 22.5, 20.5, 21), (20.5, 24, 20, 23), (23, 26, 22.5, 25)),
    ((30, 30.5, 12, 24), (27, 27.5, 14, 24), (22, 22.25, 20.75, 21)),
    ((20, 22.125, 19.75, 22), (21, 24.125, 20.75, 24), (23, 26.125, 22.75, 26)),
    ((20, 26, 19.5, 25.5), (27, 27.5, 26.5, 27), (26, 26.25, 21, 22)),
    ((20, 25.5, 19.5, 25), (24, 27, 23.5, 26.5), (26, 28.5, 25.5, 27)),
    ((20, 24, 19.875, 23.5),),
    ((25, 25.5, 20, 20.5), (20, 20.25, 18.5, 19), (19, 19.5, 17.5, 18), (18, 18.5, 16, 16.5), (17, 20.5, 16.5, 20.25)),
    ((20, 23.625, 19, 23.5),),
    ((26, 26.125, 22.875, 23), (23, 23.125, 19.875, 20), (19, 21, 17, 17.5), (22, 22.5, 16, 16.5)),
    ((25, 25.5, 19.5, 20), (15.5, 20.5, 15, 20.125)),
    ((20, 25.5, 19.5, 25), (26, 26.5, 21, 21.5)),
    ((20, 21.5, 19, 20.125),),
    ((25, 25.5, 19.5, 20), (19, 19.5, 18.5, 19.125)),
    ((20, 20.125, 17, 20),),
    ((21, 21.5, 19.5, 20), (19.5, 22.5, 19, 22)),
    ((20, 25.5, 19.5, 25), (26, 26.5, 25.5, 26.125), (25, 25.25, 20.5, 21)),
    ((20, 25.5, 19.5, 25), (26, 27.5, 25.5, 27), (25, 25.25, 20.5, 21)),
    ((20, 22.5, 19.5, 22), (24, 26.5, 23.5, 26), (24.125, 26.5, 23.5, 26.125)),
    ((20, 23, 19.875, 20),),
    ((20, 22, 19, 21), (18.5, 19.125, 16, 19)),
    ((20, 22, 19, 21), (22, 22.625, 19.5, 22.5)),
    ((25, 25.5, 19.5, 20), (22, 23, 21.5, 22.5)),
    ((25, 25.5, 19.5, 20), (22, 23, 21.5, 22.125)),
    ((20, 22, 18.5, 20.5),),
    ((25, 25.5, 19.5, 20), (22.5, 23, 21.5, 22)),
    ((27, 27.5, 24.875, 25), (25.125, 25.5, 22.875, 23), (23.125, 23.25, 20.875, 21)),
    ((25, 25.5, 19.5, 20), (18.5, 20.5, 18, 20.125)),
    ((20, 22, 19, 21), (19, 21, 18.875, 19.5)),
    ((25, 25.125, 20.875, 21), (26, 30.125, 25.875, 30)),
    ((25, 25.125, 20.875, 21), (26, 31.125, 25.875, 31)),
    ((30, 30.5, 27.5, 28), (28.5, 29, 25.5, 26), (26.5, 27, 23.5, 24), (24, 25.5, 21.5, 22), (24.5, 27, 24, 26.5)),
    ((20, 22, 18, 20.125),),
    ((20, 24.25, 19.75, 24),),
    ((20, 24.125, 19.875, 24),),
    ((22, 22.5, 19.5, 20), (21.5, 22, 19.5, 20.125)),
    (
        (20, 26.5, 19.5, 26),
        (27.5, 28, 26.75, 27),
        (26.25, 26.75, 25.25, 25.75),
        (25.75, 26, 24.75, 25.25),
        (26, 29.5, 25.5, 29),
    ),
    ((25, 25.5, 19.5, 20), (19, 19.5, 18.5, 18.875), (20, 24.5, 19.75, 24)),
    ((25, 25.5, 19.5, 20), (19, 19.5, 17.5, 18), (20, 24.5, 19.75, 24)),
    ((25, 25.5, 19.5, 20), (18, 19.75, 17.5, 19.625)),
    ((25, 25.5, 19.5, 20), (19, 24, 18.5, 23.5)),
    ((20, 21.5, 18.5, 20.125),),
    (
        (20, 26.5, 19.5, 26),
        (25.5, 26, 24.5, 25),
        (25, 25.25, 23.75, 24.5),
        (24.5, 24.75, 23.25, 24),
        (24.5, 28, 24, 27.5),
    ),
    ((22, 22.5, 19.5, 20), (22, 26, 21.875, 25.5)),
    ((20, 22, 19, 21), (22, 24, 21.875, 22.5)),
    ((20, 20.75, 19.75, 20.5),),
    ((20, 21.25, 19.25, 20.5),),
    ((20, 24.5, 19.5, 24), (23, 27.125, 22.5, 27), (27, 28, 26.75, 27.5)),
    ((22, 22.5, 19.5, 20), (20.5, 23, 20.25, 22.5), (22.5, 23, 19.5, 20.125)),
    ((20, 20.125, 16, 20),),
    ((20, 22.5, 19.5, 22), (23.5, 25.5, 23, 25), (24.5, 25, 22.25, 22.75)),
    ((25, 25.5, 19.5, 20), (19, 22, 18.5, 21.5)),
    ((20, 20.5, 19.5, 20), (21, 21.5, 20.5, 21), (20.5, 21, 20, 20.5)),
    ((25, 25.5, 19.5, 20), (23, 23.5, 18, 21), (18.5, 19.5, 18.25, 19)),
    ((20, 25.5, 19.5, 25), (27, 27.5, 25.75, 26), (27.5, 28, 25.125, 25.5)),
    ((20, 22.5, 19.5, 22), (23.5, 25.5, 23, 25), (24.5, 24.75, 20.75, 21)),
    ((20, 21.5, 19.5, 21), (20, 21, 18, 18.5)),
    ((20.5, 21.75, 19.25, 19.5), (20, 21, 19.75, 20.5), (20, 20.75, 18.5, 19)),
    ((20.5, 21.75, 19.25, 19.5), (20, 21, 19.75, 20.5), (20, 20.75, 18.5, 19), (19, 22, 19, 21.5)),
)


def random_candles(random, unit, step, count):
    """A random walk in multiples of `step`."""
    close = 40 * unit + step * np.cumsum(random.integers(-6, 7, count) * random.integers(1, 4, count))
    opened = np.concatenate(([40 * unit], close[:-1])) + step * random.integers(-2, 3, count)
    high = np.maximum(opened, close) + step * random.integers(0, 7, count)
    low = np.minimum(opened, close) - step * random.integers(0, 7, count)
    return np.stack([opened, high, low, close], axis=1)


def flipped(shape, around):
    o, h, low, c = shape.T
    return 2 * around - np.stack([o, low, h, c], axis=1)


def planted(random, unit, step, shape):
    """The shape after ten plain candles or a few random ones, where it stands, higher or lower, a little changed."""
    shape = np.round(np.array(shape) * unit).astype(int)
    plain = np.tile(np.array([20, 22, 19, 21]) * unit, (random.integers(3, 11), 1))
    plain[:, :] += step * random.integers(-1, 2, (len(plain), 1))
    candles = np.concatenate((plain, shape))
    if random.random() < 0.3:
        changed = random.random(shape.shape) < 0.1
        candles[len(plain) :] += changed * step * random.integers(-1, 2, shape.shape)
    if random.random() < 0.5:
        candles = flipped(candles, 21 * unit)
    candles[:, 1] = candles.max(axis=1)
    candles[:, 2] = candles.min(axis=1)
    return candles


def endless_shapes(random):
    while True:
        for i in random.permutation(len(SHAPES)):
            yield SHAPES[i]


def make_series(random, unit, step, shapes):
    parts, rows = [random_candles(random, unit, step, random.integers(2, 16))], 0
    while rows < ROWS:
        for part in (
            planted(random, unit, step, next(shapes)),
            random_candles(random, unit, step, random.integers(2, 9)),
        ):
            parts.append(part + parts[-1][-1, 3] - part[0, 0] + step * random.integers(-2, 3))
        rows = sum(map(len, parts))
    return np.concatenate(parts)[:ROWS]


def make_missing(random, series, index):
    """Which prices are missing."""
    missing = np.zeros(series.shape, dtype=bool)
    if index >= SERIES // 2:
        missing[: random.integers(0, 9)] = True
    if index >= 3 * SERIES // 4:
        missing |= random.random(series.shape) < 0.02
    return missing


def signals(function, series, unit, missing, **parameters):
    whole = ~missing.any(axis=1)
    result = np.zeros(len(series), dtype=int)
    prices = np.float32(series[whole] / unit).astype(float).T.copy()
    result[whole] = function(*prices, **parameters)
    return result


def main():
    random = np.random.default_rng(62)
    shapes = endless_shapes(random)
    units = [UNITS[i // 4 % 2] for i in range(SERIES)]
    series = [make_series(random, unit, STEPS[i % 4], shapes) for i, unit in enumerate(units)]
    missing = [make_missing(random, each, i) for i, each in enumerate(series)]
    print("# Made by make_talib_candles.py with TA-Lib 0.8.2. A line is one price of one series, in parts of its unit.")
    for i in range(SERIES):
        for place, name in enumerate("ohlc"):
            prices = zip(series[i][:, place], missing[i][:, place], strict=True)
            cells = ("" if gap else str(value) for value, gap in prices)
            print(f"${name}\t{units[i]}\t" + ",".join(cells))
    print("# A line is one value of one pattern, and where it stands: series * rows + row. Elsewhere it is 0.")
    for name in sorted(each for each in talib.get_functions() if each.startswith("CDL")):
        for penetration in PENETRATIONS if name in PENETRATING else (None,):
            parameters = {} if penetration is None else {"penetration": penetration}
            found = [
                signals(getattr(talib, name), *each, **parameters) for each in zip(series, units, missing, strict=True)
            ]
            found = np.concatenate(found)
            arguments = "" if penetration is None else f", {penetration}"
            for value in np.unique(found[found != 0]):
                places = ",".join(map(str, np.flatnonzero(found == value)))
                print(f"talib:{name}($o, $h, $l, $c{arguments})\t{value}\t{places}")


if __name__ == "__main__":
    main()
