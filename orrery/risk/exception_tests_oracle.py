"""Tests of VaR and CVaR forecasts by SciPy, for exception_tests_test.cc and shortfall_tests_test.cc.

Coverage is the likelihood ratio of SciPy's binomial distribution, independence the G-test of the table of what followed
what, and the tests of CVaR are simulated with NumPy's random numbers.

usage: exception_tests_oracle.py OUT.json      (pip install numpy scipy)
"""

import json
import sys

import numpy as np
from scipy import stats

SIMULATIONS = 400_000


def coverage_p(periods: int, exceptions: int, chance: float) -> float:
    """Kupiec (1995)."""
    said = stats.binom.logpmf(exceptions, periods, chance)
    best = stats.binom.logpmf(exceptions, periods, exceptions / periods)
    return float(stats.chi2.sf(2 * (best - said), 1))


def made_exceptions(random: np.random.Generator, periods: int, calm: float, after: float) -> list[int]:
    series = [0]
    for _ in range(periods - 1):
        series.append(int(random.uniform() < (after if series[-1] else calm)))
    return series


def tested(series: list[int], chance: float, alternative: float) -> dict:
    periods, count = len(series), sum(series)
    before, now = np.array(series[:-1]), np.array(series[1:])
    table = [[int(np.sum((before == i) & (now == j))) for j in (0, 1)] for i in (0, 1)]
    independence = stats.chi2_contingency(table, correction=False, lambda_="log-likelihood")
    uncovered = stats.chi2.isf(coverage_p(periods, count, chance), 1)
    accepted = [x for x in range(periods + 1) if coverage_p(periods, x, chance) >= 0.05]

    def rejected(true: float) -> float:
        distribution = stats.binom(periods, true)
        return float(1 - distribution.pmf(accepted).sum())

    return {
        "exceptions": series,
        "chance": chance,
        "alternative": alternative,
        "coverage": coverage_p(periods, count, chance),
        "independence": float(independence.pvalue),
        "conditional": float(stats.chi2.sf(uncovered + independence.statistic, 2)),
        "as_many": float(stats.binom.sf(count - 1, periods, chance)),
        "accepted": [accepted[0], accepted[-1]],
        "size": rejected(chance),
        "power": rejected(alternative),
    }


def shortfall(random: np.random.Generator, periods: int, confidence: float, stretch: float) -> dict:
    """Acerbi and Székely (2014), tests 1 and 2: normal forecasts, returns that are `stretch` times as wide."""
    deviations = np.round(random.uniform(0.005, 0.03, periods), 6)
    returns = np.round(stretch * deviations * random.normal(size=periods), 8)
    tail = 1 - confidence
    z = stats.norm.ppf(tail)
    value_at_risk, expected = -deviations * z, deviations * stats.norm.pdf(z) / tail

    def statistics(series: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        beyond = series < -value_at_risk
        ratios = np.where(beyond, series / expected, 0).sum(axis=-1)
        with np.errstate(invalid="ignore", divide="ignore"):
            return ratios / beyond.sum(axis=-1) + 1, ratios / (periods * tail) + 1

    size, joint = statistics(returns)
    lower, draws = np.zeros(2), np.zeros(2)
    for _ in range(SIMULATIONS // 4000):
        drawn = statistics(deviations * random.normal(size=(4000, periods)))
        for i, (values, observed) in enumerate(zip(drawn, (size, joint), strict=True)):
            known = values[np.isfinite(values)]
            lower[i] += np.sum(known <= observed)
            draws[i] += len(known)
    return {
        "confidence": confidence,
        "deviations": deviations.tolist(),
        "returns": returns.tolist(),
        "size": float(size),
        "joint": float(joint),
        "size_p": lower[0] / draws[0],
        "joint_p": lower[1] / draws[1],
    }


def main() -> None:
    random = np.random.default_rng(21)
    answers = {
        "series": [
            tested(made_exceptions(random, periods, calm, after), chance, alternative)
            for periods, calm, after, chance, alternative in (
                (255, 0.03, 0.1, 0.01, 0.02),
                (500, 0.05, 0.3, 0.05, 0.08),
                (1000, 0.01, 0.05, 0.025, 0.04),
                (2000, 0.01, 0.02, 0.01, 0.005),
            )
        ],
        "shortfall": [shortfall(random, 250, 0.975, 1.0), shortfall(random, 250, 0.975, 1.25),
                      shortfall(random, 500, 0.99, 1.1)],
    }  # fmt: skip
    with open(sys.argv[1], "w") as file:
        json.dump(answers, file)


main()
