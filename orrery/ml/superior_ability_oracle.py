"""Prints the golden p-values of superior_ability_test.cc: arch 8.0.0 for means as they are, numpy for Hansen's.

python orrery/ml/superior_ability_oracle.py
"""

import numpy as np
from arch.bootstrap import SPA, StationaryBootstrap

PERIODS, TRIALS, DRAWS = 300, 8, 40000


def excess(shift):
    """The series of the test, number by number: trial k gains by its mean, and noise by its number."""
    t = np.arange(PERIODS)
    columns = []
    for k in range(TRIALS):
        noise = ((t * t * 7919 + k * 104729 + t * k * 31) % 1009) / 1009 - 0.5
        columns.append((noise - noise.mean()) * (1 + k) / 4 + shift * (k - 4) / 100)
    return np.stack(columns, 1)


def hansen(values, length, seed):
    """Hansen (2005), eq. 5 to 8, with the variance of the stationary bootstrap."""
    count = len(values)
    means = values.mean(0)
    centred = values - means
    variance = (centred**2).mean(0)
    for lag in range(1, count):
        share, keep = lag / count, 1 - 1 / length
        weight = (1 - share) * keep**lag + share * keep ** (count - lag)
        variance += 2 * weight * (centred[:-lag] * centred[lag:]).sum(0) / count
    error = np.sqrt(variance / count)
    hopeless = means < -error * np.sqrt(2 * np.log(np.log(count)))
    centres = [np.maximum(means, 0), np.where(hopeless, 0, means), means]
    sample = max(0, (means / error).max())
    draws = StationaryBootstrap(length, values, seed=seed).apply(lambda x: x.mean(0), DRAWS)
    return [(np.maximum(0, ((draws - centre) / error).max(1)) > sample).mean() for centre in centres]


for shift, length in ((0.5, 4), (1.5, 4), (2.0, 9)):
    values = excess(shift)
    spa = SPA(np.zeros(PERIODS), -values, block_size=length, reps=DRAWS, seed=np.random.default_rng(1))
    spa.compute()
    own = hansen(values, length, np.random.default_rng(2))
    print(f"    {{{shift}, {length}, {{{', '.join(map(str, spa.pvalues))}}}, {{{', '.join(map(str, own))}}}}},")
