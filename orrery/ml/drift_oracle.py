"""Prints the golden numbers of drift_test.cc: numpy for the stability index and the standard errors, scipy for
Kolmogorov–Smirnov and the binomial bounds.

python orrery/ml/drift_oracle.py
"""

import numpy as np
from scipy import special, stats

SEED = 2024


def numbers(count, seed, shift=0.0, levels=0):
    """The series of the test, number by number: uniform values, shifted; with levels, whole numbers below it."""
    state, values = seed, []
    for _ in range(count):
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        uniform = (state >> 8) / 2**23
        values.append(float(int(uniform * levels)) + shift if levels else uniform + shift)
    return np.array(values)


def stability(reference, values, bins=10):
    cuts = np.unique(np.quantile(reference, np.arange(1, bins) / bins))
    if cuts[-1] == reference.max() != reference.min():  # the largest value is a bin of its own
        cuts = np.unique(np.append(cuts, reference[reference < reference.max()].max()))
    shares = [
        np.bincount(np.searchsorted(cuts, x, side="left"), minlength=len(cuts) + 1) / len(x)
        for x in (reference, values)
    ]
    expected, actual = (np.where(share == 0, 1e-4, share) for share in shares)
    return np.sum((actual - expected) * np.log(actual / expected))


def mean_and_error(days):
    """The mean and its standard error with Bartlett weights (Newey and West, 1987)."""
    count = len(days)
    lag = int(np.floor(4 * (count / 100) ** (2 / 9)))
    centred = days - days.mean()
    variance = centred @ centred
    for k in range(1, lag + 1):
        variance += 2 * (1 - k / (lag + 1)) * (centred[k:] @ centred[:-k])
    return days.mean(), np.sqrt(variance) / count


reference, recent, levels = numbers(500, SEED), numbers(120, SEED + 1, 0.07), numbers(80, SEED + 2, 0, 7)
print("psi", repr(stability(reference, recent)), repr(stability(reference, recent + 0.6)))
print("psi of levels", repr(stability(numbers(300, SEED + 3, 0, 5), levels)))
flag = (numbers(400, SEED + 6) < 0.95).astype(float)
print("psi of a flag", repr(stability(flag, (numbers(100, SEED + 7) < 0.6).astype(float))))
for first, second in ((reference, recent), (numbers(300, SEED + 3, 0, 5), levels)):
    print("ks", repr(stats.ks_2samp(first, second).statistic))
print("tail", [float(special.kolmogorov(x)).hex() for x in (0.3, 0.7, 1.05, 1.1, 1.2, 1.63, 3.0)])
for each in (40, 108, 3428):
    for p in (0.2, 0.05, 0.01, 0.001):
        print("exact", each, each, repr(stats.kstwo.isf(p, each // 2)), p)
before, now = numbers(300, SEED + 4, -0.45), numbers(60, SEED + 5, -0.52)
(mean_a, error_a), (mean_b, error_b) = mean_and_error(before), mean_and_error(now)
print("ic", repr(mean_a), repr(mean_b), repr((mean_b - mean_a) / np.hypot(error_a, error_b)), repr(mean_b / error_b))
for chance, trials, confidence in ((0.9, 60, 0.95), (0.9, 60, 0.99), (0.8, 7, 0.9), (0.5, 1000, 0.99)):
    print("binomial", chance, trials, confidence, stats.binom.interval(confidence, trials, chance))
