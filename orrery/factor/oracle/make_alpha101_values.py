"""Makes testdata/alpha101_values.tsv: the 101 formulaic alphas by plain loops over small made-up prices.

Ranks jump where the values that they compare are equal but for rounding: covariances of ranks, correlations of a few
rows, differences within groups. So everything is computed again several times with noise of 1e-13 on what sums, means,
correlations and the like give; a cell that this changes by more than rounding is written with a `~` before it, and says
nothing about who is right. A correlation that only rounding keeps from 1 or -1 is 1 or -1.

Each formula is transcribed from Kakushadze (2016), arXiv:1601.00991, appendix A, by itself and not from
orrery/factor/sets/alpha101.factors; the operators are written from their definitions. Needs numpy. Run:

    python orrery/factor/oracle/make_alpha101_values.py > orrery/factor/oracle/testdata/alpha101_values.tsv
"""

import sys
import warnings

import numpy as np

ROWS, NAMES = 300, 8
WRITTEN = [5, 40, 120, 200, 260, 280, 299]
LATE = {3: 30}  # instrument 3 begins on row 30
SECTORS = np.arange(NAMES) % 3
NOISY_RUNS = 6
warnings.simplefilter("ignore")
noise = None  # a random generator while noise is added


def inexact(x):
    """What another order of additions could have made of x."""
    if noise is None or not np.isfinite(x).any():
        return x
    size = np.max(np.abs(np.where(np.isfinite(x), x, 0.0)), axis=1, keepdims=True)
    return x + 1e-13 * size * noise.uniform(-1.0, 1.0, x.shape)


def make_prices():
    """The same numbers as `made_up_market` in alpha101_oracle_test.cc."""
    state = 20160119

    def uniform():
        nonlocal state
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (state >> 33) / 2**31

    def rounded(value, digits):
        return np.floor(value * digits + 0.5) / digits

    fields = {name: np.full((ROWS, NAMES), np.nan) for name in ("open", "high", "low", "close", "vwap", "volume")}
    for i in range(NAMES):
        close = 20.0 + 10.0 * i
        for t in range(ROWS):
            opened = rounded(close * (1.0 + 0.02 * (uniform() - 0.5)), 100)
            close = rounded(opened * (1.0 + 0.06 * (uniform() - 0.49)), 100)
            high = rounded(max(opened, close) * (1.0 + 0.02 * uniform()), 100) + 0.01
            low = rounded(min(opened, close) * (1.0 - 0.02 * uniform()), 100) - 0.01
            vwap = rounded(low + (high - low) * uniform(), 1000)
            volume = np.floor(1000.0 + 99000.0 * uniform() * uniform())
            if t < LATE.get(i, 0):
                continue
            for name, value in zip(fields, (opened, high, low, close, vwap, volume), strict=False):
                fields[name][t, i] = value
    return fields


def windows(x, d, function):
    """function(rows of the window that the name has lived through, oldest first) on every row."""
    d = int(d)
    out = np.full(x[0].shape if isinstance(x, tuple) else x.shape, np.nan)
    for i in range(NAMES):
        first = LATE.get(i, 0)
        for t in range(first, ROWS):
            begin = max(first, t - d + 1)
            part = tuple(a[begin : t + 1, i] for a in x) if isinstance(x, tuple) else x[begin : t + 1, i]
            out[t, i] = function(part)
    return out


def present(values):
    return values[np.isfinite(values)]


def over_present(function, least=1):
    def of(values):
        values = present(values)
        return function(values) if len(values) >= least else np.nan

    return of


def ts_sum(x, d):
    return inexact(windows(x, d, over_present(np.sum)))


def mean(x, d):
    return inexact(windows(x, d, over_present(np.mean)))


def ts_min(x, d):
    return windows(x, d, over_present(np.min))


def ts_max(x, d):
    return windows(x, d, over_present(np.max))


def product(x, d):
    return inexact(windows(x, d, over_present(np.prod)))


def stddev(x, d):
    return inexact(windows(x, d, over_present(lambda v: np.std(v, ddof=1), 2)))


def ts_rank(x, d):
    def of(values):
        last, values = values[-1], present(values)
        if not np.isfinite(last):
            return np.nan
        return ((values < last).sum() + ((values == last).sum() + 1) / 2) / len(values)

    return windows(x, d, of)


def ts_argmax(x, d):
    return windows(x, d, lambda v: np.nan if not np.isfinite(v).any() else np.nanargmax(v) + 1.0)


def ts_argmin(x, d):
    return windows(x, d, lambda v: np.nan if not np.isfinite(v).any() else np.nanargmin(v) + 1.0)


def decay_linear(x, d):
    d = int(d)

    def of(values):
        weights = d - np.arange(len(values))[::-1]
        good = np.isfinite(values)
        return np.sum(values[good] * weights[good]) / np.sum(weights[good]) if good.any() else np.nan

    return windows(x, d, of)


def pair(of):
    def function(parts):
        good = np.isfinite(parts[0]) & np.isfinite(parts[1])
        return of(parts[0][good], parts[1][good], parts) if good.sum() >= 2 else np.nan

    return function


def correlation(x, y, d):
    def of(a, b, parts):
        if any(np.std(present(part), ddof=1) <= 2e-5 for part in parts):
            return np.nan
        a, b = a - a.mean(), b - b.mean()
        return np.sum(a * b) / np.sqrt(np.sum(a * a) * np.sum(b * b))

    result = inexact(windows((x, y), d, pair(of)))
    return np.where(np.abs(result) > 1 - 1e-12, np.sign(result), result)


def covariance(x, y, d):
    return inexact(windows((x, y), d, pair(lambda a, b, _: np.sum((a - a.mean()) * (b - b.mean())) / (len(a) - 1))))


def delay(x, d):
    out = np.full(x.shape, np.nan)
    out[int(d) :] = x[: -int(d)]
    return out


def delta(x, d):
    return x - delay(x, d)


def rank(x):
    out = np.full(x.shape, np.nan)
    for t in range(ROWS):
        good = np.isfinite(x[t])
        for i in np.flatnonzero(good):
            less, equal = (x[t][good] < x[t, i]).sum(), (x[t][good] == x[t, i]).sum()
            out[t, i] = (less + (equal + 1) / 2) / good.sum()
    return out


def scale(x):
    x = np.where(np.isfinite(x), x, np.nan)
    return inexact(x / np.nansum(np.abs(x), axis=1, keepdims=True))


def neutral(x):
    out = np.where(np.isfinite(x), x, np.nan)
    for sector in set(SECTORS):
        out[:, sector == SECTORS] -= np.nanmean(out[:, sector == SECTORS], axis=1, keepdims=True)
    return inexact(out)


def where(condition, yes, no):
    return np.where(condition, yes, no)


def signedpower(x, a):
    return np.sign(x) * np.abs(x) ** a


def alphas(p):
    o, h, lo, c, vw, v = (p[k] for k in ("open", "high", "low", "close", "vwap", "volume"))
    r = c / delay(c, 1) - 1
    money = c * v
    adv = {d: mean(money, d) for d in (5, 10, 15, 20, 30, 40, 50, 60, 81, 120, 150, 180)}
    rel = money / adv[20]  # "volume / adv20", both in dollars
    lg = np.log
    mid = (h + lo) / 2
    one = lambda condition: np.where(condition, 1.0, 0.0)  # noqa: E731
    a = {}
    a[1] = rank(ts_argmax(signedpower(where(r < 0, stddev(r, 20), c), 2.0), 5)) - 0.5
    a[2] = -1 * correlation(rank(delta(lg(v), 2)), rank((c - o) / o), 6)
    a[3] = -1 * correlation(rank(o), rank(v), 10)
    a[4] = -1 * ts_rank(rank(lo), 9)
    a[5] = rank(o - ts_sum(vw, 10) / 10) * (-1 * abs(rank(c - vw)))
    a[6] = -1 * correlation(o, v, 10)
    a[7] = where(adv[20] < money, (-1 * ts_rank(abs(delta(c, 7)), 60)) * np.sign(delta(c, 7)), -1)
    x = ts_sum(o, 5) * ts_sum(r, 5)
    a[8] = -1 * rank(x - delay(x, 10))
    d1 = delta(c, 1)
    a[9] = where(ts_min(d1, 5) > 0, d1, where(ts_max(d1, 5) < 0, d1, -1 * d1))
    a[10] = rank(where(ts_min(d1, 4) > 0, d1, where(ts_max(d1, 4) < 0, d1, -1 * d1)))
    a[11] = (rank(ts_max(vw - c, 3)) + rank(ts_min(vw - c, 3))) * rank(delta(v, 3))
    a[12] = np.sign(delta(v, 1)) * (-1 * delta(c, 1))
    a[13] = -1 * rank(covariance(rank(c), rank(v), 5))
    a[14] = (-1 * rank(delta(r, 3))) * correlation(o, v, 10)
    a[15] = -1 * ts_sum(rank(correlation(rank(h), rank(v), 3)), 3)
    a[16] = -1 * rank(covariance(rank(h), rank(v), 5))
    a[17] = ((-1 * rank(ts_rank(c, 10))) * rank(delta(delta(c, 1), 1))) * rank(ts_rank(rel, 5))
    a[18] = -1 * rank((stddev(abs(c - o), 5) + (c - o)) + correlation(c, o, 10))
    a[19] = (-1 * np.sign((c - delay(c, 7)) + delta(c, 7))) * (1 + rank(1 + ts_sum(r, 250)))
    a[20] = ((-1 * rank(o - delay(h, 1))) * rank(o - delay(c, 1))) * rank(o - delay(lo, 1))
    m8, m2 = ts_sum(c, 8) / 8, ts_sum(c, 2) / 2
    a[21] = where(m8 + stddev(c, 8) < m2, -1, where(m2 < m8 - stddev(c, 8), 1, where(rel >= 1, 1, -1)))
    a[22] = -1 * (delta(correlation(h, v, 5), 5) * rank(stddev(c, 20)))
    a[23] = where(ts_sum(h, 20) / 20 < h, -1 * delta(h, 2), 0)
    m100 = ts_sum(c, 100) / 100
    a[24] = where(delta(m100, 100) / delay(c, 100) <= 0.05, -1 * (c - ts_min(c, 100)), -1 * delta(c, 3))
    a[25] = rank((((-1 * r) * adv[20]) * vw) * (h - c))
    a[26] = -1 * ts_max(correlation(ts_rank(v, 5), ts_rank(h, 5), 5), 3)
    a[27] = where(rank(ts_sum(correlation(rank(v), rank(vw), 6), 2) / 2.0) > 0.5, -1, 1)
    a[28] = scale((correlation(adv[20], lo, 5) + mid) - c)
    inner = scale(lg(ts_sum(ts_min(rank(rank(-1 * rank(delta(c - 1, 5)))), 2), 1)))
    a[29] = ts_min(product(rank(rank(inner)), 1), 5) + ts_rank(delay(-1 * r, 6), 5)
    signs = np.sign(c - delay(c, 1)) + np.sign(delay(c, 1) - delay(c, 2)) + np.sign(delay(c, 2) - delay(c, 3))
    a[30] = ((1.0 - rank(signs)) * ts_sum(v, 5)) / ts_sum(v, 20)
    a[31] = rank(rank(rank(decay_linear(-1 * rank(rank(delta(c, 10))), 10)))) + rank(-1 * delta(c, 3))
    a[31] = a[31] + np.sign(scale(correlation(adv[20], lo, 12)))
    a[32] = scale(ts_sum(c, 7) / 7 - c) + 20 * scale(correlation(vw, delay(c, 5), 230))
    a[33] = rank(-1 * ((1 - o / c) ** 1))
    a[34] = rank((1 - rank(stddev(r, 2) / stddev(r, 5))) + (1 - rank(delta(c, 1))))
    a[35] = (ts_rank(v, 32) * (1 - ts_rank((c + h) - lo, 16))) * (1 - ts_rank(r, 32))
    a[36] = 2.21 * rank(correlation(c - o, delay(v, 1), 15)) + 0.7 * rank(o - c)
    a[36] = a[36] + 0.73 * rank(ts_rank(delay(-1 * r, 6), 5)) + rank(abs(correlation(vw, adv[20], 6)))
    a[36] = a[36] + 0.6 * rank((ts_sum(c, 200) / 200 - o) * (c - o))
    a[37] = rank(correlation(delay(o - c, 1), c, 200)) + rank(o - c)
    a[38] = (-1 * rank(ts_rank(c, 10))) * rank(c / o)
    a[39] = (-1 * rank(delta(c, 7) * (1 - rank(decay_linear(rel, 9))))) * (1 + rank(ts_sum(r, 250)))
    a[40] = (-1 * rank(stddev(h, 10))) * correlation(h, v, 10)
    a[41] = np.sqrt(h * lo) - vw
    a[42] = rank(vw - c) / rank(vw + c)
    a[43] = ts_rank(rel, 20) * ts_rank(-1 * delta(c, 7), 8)
    a[44] = -1 * correlation(h, rank(v), 5)
    a[45] = rank(ts_sum(delay(c, 5), 20) / 20) * correlation(c, v, 2)
    a[45] = -1 * (a[45] * rank(correlation(ts_sum(c, 5), ts_sum(c, 20), 2)))
    turn = (delay(c, 20) - delay(c, 10)) / 10 - (delay(c, 10) - c) / 10
    a[46] = where(turn > 0.25, -1, where(turn < 0, 1, -1 * (c - delay(c, 1))))
    a[47] = ((rank(1 / c) * rel) * ((h * rank(h - c)) / (ts_sum(h, 5) / 5))) - rank(vw - delay(vw, 5))
    a[48] = neutral((correlation(d1, delta(delay(c, 1), 1), 250) * d1) / c) / ts_sum((d1 / delay(c, 1)) ** 2, 250)
    a[49] = where(turn < -0.1, 1, -1 * (c - delay(c, 1)))
    a[50] = -1 * ts_max(rank(correlation(rank(v), rank(vw), 5)), 5)
    a[51] = where(turn < -0.05, 1, -1 * (c - delay(c, 1)))
    a[52] = (-1 * ts_min(lo, 5) + delay(ts_min(lo, 5), 5)) * rank((ts_sum(r, 240) - ts_sum(r, 20)) / 220)
    a[52] = a[52] * ts_rank(v, 5)
    a[53] = -1 * delta(((c - lo) - (h - c)) / (c - lo), 9)
    a[54] = (-1 * ((lo - c) * o**5)) / ((lo - h) * c**5)
    a[55] = -1 * correlation(rank((c - ts_min(lo, 12)) / (ts_max(h, 12) - ts_min(lo, 12))), rank(v), 6)
    a[56] = 0 - (1 * (rank(ts_sum(r, 10) / ts_sum(ts_sum(r, 2), 3)) * rank(r * adv[20])))
    a[57] = 0 - (1 * ((c - vw) / decay_linear(rank(ts_argmax(c, 30)), 2)))
    a[58] = -1 * ts_rank(decay_linear(correlation(neutral(vw), v, 3.92795), 7.89291), 5.50322)
    x = vw * 0.728317 + vw * (1 - 0.728317)
    a[59] = -1 * ts_rank(decay_linear(correlation(neutral(x), v, 4.25197), 16.2289), 8.19648)
    flow = (((c - lo) - (h - c)) / (h - lo)) * v
    a[60] = 0 - (1 * ((2 * scale(rank(flow))) - scale(rank(ts_argmax(c, 10)))))
    a[61] = one(rank(vw - ts_min(vw, 16.1219)) < rank(correlation(vw, adv[180], 17.9282)))
    right = rank(one((rank(o) + rank(o)) < (rank(mid) + rank(h))))
    a[62] = one(rank(correlation(vw, ts_sum(adv[20], 22.4101), 9.91009)) < right) * -1
    x = vw * 0.318108 + o * (1 - 0.318108)
    a[63] = rank(decay_linear(delta(neutral(c), 2.25164), 8.22237))
    a[63] = (a[63] - rank(decay_linear(correlation(x, ts_sum(adv[180], 37.2467), 13.557), 12.2883))) * -1
    x = o * 0.178404 + lo * (1 - 0.178404)
    right = rank(delta(mid * 0.178404 + vw * (1 - 0.178404), 3.69741))
    a[64] = one(rank(correlation(ts_sum(x, 12.7054), ts_sum(adv[120], 12.7054), 16.6208)) < right) * -1
    x = o * 0.00817205 + vw * (1 - 0.00817205)
    a[65] = rank(correlation(x, ts_sum(adv[60], 8.6911), 6.40374)) < rank(o - ts_min(o, 13.635))
    a[65] = one(a[65]) * -1
    x = ((lo * 0.96633 + lo * (1 - 0.96633)) - vw) / (o - mid)
    a[66] = (rank(decay_linear(delta(vw, 3.51013), 7.23052)) + ts_rank(decay_linear(x, 11.4157), 6.72611)) * -1
    x = rank(correlation(neutral(vw), neutral(adv[20]), 6.02936))
    a[67] = (rank(h - ts_min(h, 2.14593)) ** x) * -1
    right = rank(delta(c * 0.518371 + lo * (1 - 0.518371), 1.06157))
    a[68] = one(ts_rank(correlation(rank(h), rank(adv[15]), 8.91644), 13.9333) < right) * -1
    x = ts_rank(correlation(c * 0.490655 + vw * (1 - 0.490655), adv[20], 4.92416), 9.0615)
    a[69] = (rank(ts_max(delta(neutral(vw), 2.72412), 4.79344)) ** x) * -1
    a[70] = (rank(delta(vw, 1.29456)) ** ts_rank(correlation(neutral(c), adv[50], 17.8256), 17.9171)) * -1
    x = decay_linear(correlation(ts_rank(c, 3.43976), ts_rank(adv[180], 12.0647), 18.0175), 4.20501)
    y = ts_rank(decay_linear(rank((lo + o) - (vw + vw)) ** 2, 16.4662), 4.4388)
    a[71] = np.maximum(ts_rank(x, 15.6948), y)
    x = decay_linear(correlation(ts_rank(vw, 3.72469), ts_rank(v, 18.5188), 6.86671), 2.95011)
    a[72] = rank(decay_linear(correlation(mid, adv[40], 8.93345), 10.1519)) / rank(x)
    x = o * 0.147155 + lo * (1 - 0.147155)
    y = ts_rank(decay_linear((delta(x, 2.03608) / x) * -1, 3.33829), 16.7411)
    a[73] = np.maximum(rank(decay_linear(delta(vw, 4.72775), 2.91864)), y) * -1
    x = correlation(rank(h * 0.0261661 + vw * (1 - 0.0261661)), rank(v), 11.4791)
    a[74] = one(rank(correlation(c, ts_sum(adv[30], 37.4843), 15.1365)) < rank(x)) * -1
    a[75] = one(rank(correlation(vw, v, 4.24304)) < rank(correlation(rank(lo), rank(adv[50]), 12.4413)))
    x = decay_linear(ts_rank(correlation(neutral(lo), adv[81], 8.14941), 19.569), 17.1543)
    a[76] = np.maximum(rank(decay_linear(delta(vw, 1.24383), 11.8259)), ts_rank(x, 19.383)) * -1
    x = rank(decay_linear((mid + h) - (vw + h), 20.0451))
    a[77] = np.minimum(x, rank(decay_linear(correlation(mid, adv[40], 3.1614), 5.64125)))
    x = correlation(ts_sum(lo * 0.352233 + vw * (1 - 0.352233), 19.7428), ts_sum(adv[40], 19.7428), 6.83313)
    a[78] = rank(x) ** rank(correlation(rank(vw), rank(v), 5.77492))
    x = rank(correlation(ts_rank(vw, 3.60973), ts_rank(adv[150], 9.18637), 14.6644))
    a[79] = one(rank(delta(neutral(c * 0.60733 + o * (1 - 0.60733)), 1.23438)) < x)
    x = rank(np.sign(delta(neutral(o * 0.868128 + h * (1 - 0.868128)), 4.04545)))
    a[80] = (x ** ts_rank(correlation(h, adv[10], 5.11456), 5.53756)) * -1
    x = rank(lg(product(rank(rank(correlation(vw, ts_sum(adv[10], 49.6054), 8.47743)) ** 4), 14.9655)))
    a[81] = one(x < rank(correlation(rank(vw), rank(v), 5.07914))) * -1
    x = decay_linear(correlation(neutral(v), o * 0.634196 + o * (1 - 0.634196), 17.4842), 6.92131)
    a[82] = np.minimum(rank(decay_linear(delta(o, 1.46063), 14.8717)), ts_rank(x, 13.4283)) * -1
    x = (h - lo) / (ts_sum(c, 5) / 5)
    a[83] = (rank(delay(x, 2)) * rank(rank(v))) / (x / (vw - c))
    a[84] = signedpower(ts_rank(vw - ts_max(vw, 15.3217), 20.7127), delta(c, 4.96796))
    x = rank(correlation(ts_rank(mid, 3.70596), ts_rank(v, 10.1595), 7.11408))
    a[85] = rank(correlation(h * 0.876703 + c * (1 - 0.876703), adv[30], 9.61331)) ** x
    x = ts_rank(correlation(c, ts_sum(adv[20], 14.7444), 6.00049), 20.4195)
    a[86] = one(x < rank((o + c) - (vw + o))) * -1
    x = ts_rank(decay_linear(abs(correlation(neutral(adv[81]), c, 13.4132)), 4.89768), 14.4535)
    y = rank(decay_linear(delta(c * 0.369701 + vw * (1 - 0.369701), 1.91233), 2.65461))
    a[87] = np.maximum(y, x) * -1
    x = ts_rank(decay_linear(correlation(ts_rank(c, 8.44728), ts_rank(adv[60], 20.6966), 8.01266), 6.65053), 2.61957)
    a[88] = np.minimum(rank(decay_linear((rank(o) + rank(lo)) - (rank(h) + rank(c)), 8.06882)), x)
    x = ts_rank(decay_linear(correlation(lo * 0.967285 + lo * (1 - 0.967285), adv[10], 6.94279), 5.51607), 3.79744)
    a[89] = x - ts_rank(decay_linear(delta(neutral(vw), 3.48158), 10.1466), 15.3012)
    a[90] = (rank(c - ts_max(c, 4.66719)) ** ts_rank(correlation(neutral(adv[40]), lo, 5.38375), 3.21856)) * -1
    x = ts_rank(decay_linear(decay_linear(correlation(neutral(c), v, 9.74928), 16.398), 3.83219), 4.8667)
    a[91] = (x - rank(decay_linear(correlation(vw, adv[30], 4.01303), 2.6809))) * -1
    x = ts_rank(decay_linear(correlation(rank(lo), rank(adv[30]), 7.58555), 6.94024), 6.80584)
    a[92] = np.minimum(ts_rank(decay_linear(one((mid + c) < (lo + o)), 14.7221), 18.8683), x)
    x = ts_rank(decay_linear(correlation(neutral(vw), adv[81], 17.4193), 19.848), 7.54455)
    a[93] = x / rank(decay_linear(delta(c * 0.524434 + vw * (1 - 0.524434), 2.77377), 16.2664))
    x = ts_rank(correlation(ts_rank(vw, 19.6462), ts_rank(adv[60], 4.02992), 18.0926), 2.70756)
    a[94] = (rank(vw - ts_min(vw, 11.5783)) ** x) * -1
    x = rank(correlation(ts_sum(mid, 19.1351), ts_sum(adv[40], 19.1351), 12.8742))
    a[95] = one(rank(o - ts_min(o, 12.4105)) < ts_rank(x**5, 11.7584))
    x = ts_argmax(correlation(ts_rank(c, 7.45404), ts_rank(adv[60], 4.13242), 3.65459), 12.6556)
    y = ts_rank(decay_linear(correlation(rank(vw), rank(v), 3.83878), 4.16783), 8.38151)
    a[96] = np.maximum(y, ts_rank(decay_linear(x, 14.0365), 13.4143)) * -1
    x = ts_rank(correlation(ts_rank(lo, 7.87871), ts_rank(adv[60], 17.255), 4.97547), 18.5925)
    y = rank(decay_linear(delta(neutral(lo * 0.721001 + vw * (1 - 0.721001)), 3.3705), 20.4523))
    a[97] = (y - ts_rank(decay_linear(x, 15.7152), 6.71659)) * -1
    x = ts_rank(ts_argmin(correlation(rank(o), rank(adv[15]), 20.8187), 8.62571), 6.95668)
    a[98] = rank(decay_linear(correlation(vw, ts_sum(adv[5], 26.4719), 4.58418), 7.18088))
    a[98] = a[98] - rank(decay_linear(x, 8.07206))
    x = rank(correlation(ts_sum(mid, 19.8975), ts_sum(adv[60], 19.8975), 8.8136))
    a[99] = one(x < rank(correlation(lo, v, 6.28259))) * -1
    x = scale(neutral(correlation(c, rank(adv[20]), 5) - rank(ts_argmin(c, 30))))
    a[100] = 0 - (1 * (((1.5 * scale(neutral(neutral(rank(flow))))) - x) * rel))
    a[101] = (c - o) / ((h - lo) + 0.001)
    return a


def unsettled_cells(prices, values):
    """By alpha, where noise changes more than rounding can."""
    global noise
    unsettled = {number: np.zeros(x.shape, bool) for number, x in values.items()}
    for run in range(NOISY_RUNS):
        noise = np.random.default_rng(run)
        for number, noisy in alphas(prices).items():
            same = np.isclose(noisy, values[number], rtol=1e-8, atol=1e-8, equal_nan=True)
            unsettled[number] |= ~same
    noise = None
    return unsettled


def main():
    prices = make_prices()
    values = alphas(prices)
    unsettled = unsettled_cells(prices, values)
    print(
        "# Made by make_alpha101_values.py: alpha, row, then a value an instrument, ~ before those that rounding decides."
    )
    for number, cells in sorted(values.items()):
        cells = np.where(np.isfinite(prices["close"]), cells, np.nan)
        for row in WRITTEN:
            texts = (
                "" if np.isnan(value) else f"{'~' if loose else ''}{value:.10g}"
                for value, loose in zip(cells[row], unsettled[number][row], strict=True)
            )
            print(f"{number}\t{row}\t" + ",".join(texts))


if __name__ == "__main__":
    sys.exit(main())
