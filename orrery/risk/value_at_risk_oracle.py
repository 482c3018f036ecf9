"""VaR and CVaR by NumPy and SciPy, for value_at_risk_test.cc.

CVaR is found in other ways than by the program's formulas: of draws as the minimum of Rockafellar and Uryasev (2000), of
moments by integrating the quantiles over the tail.

usage: value_at_risk_oracle.py OUT.json      (pip install numpy scipy)
"""

import json
import sys
from collections.abc import Callable

import numpy as np
from scipy import integrate, stats

PERIODS, DECAY, PATHS = 500, 0.94, 1_000_000


def made_returns() -> np.ndarray:
    """Returns with fat tails, a skew and days that come in clusters."""
    random = np.random.default_rng(11)
    returns, variance = np.empty(PERIODS), 1e-4
    for day in range(PERIODS):
        returns[day] = 0.0004 + np.sqrt(variance) * (random.standard_t(6) - 0.1 * random.exponential())
        variance = 4e-6 + 0.1 * returns[day] ** 2 + 0.84 * variance
    return np.round(returns, 7)


def of_draws(draws: np.ndarray, confidence: float) -> list[float]:
    """VaR by NumPy's quantile, CVaR as the least of a convex function that is linear between the losses."""
    losses = -draws
    shortfall = min(x + np.maximum(losses - x, 0).mean() / (1 - confidence) for x in losses)
    # 0.99 of 500 is 495 but for its last bits.
    return [float(np.quantile(losses, confidence - 1e-12, method="inverted_cdf")), float(shortfall)]


def of_quantiles(quantile: Callable[[float], float], confidence: float) -> list[float]:
    tail = 1 - confidence
    area, _ = integrate.quad(quantile, 0, tail, epsabs=1e-14, epsrel=1e-12, limit=500)
    return [-float(quantile(tail)), -area / tail]


def cornish_fisher(returns: np.ndarray) -> Callable[[float], float]:
    """Favre and Galeano (2002), Mean-modified Value-at-Risk optimization with hedge funds, eq. 5."""
    mean, deviation = returns.mean(), returns.std(ddof=1)
    skew, excess = stats.skew(returns), stats.kurtosis(returns)

    def quantile(p: float) -> float:
        z = stats.norm.ppf(p)
        bent = z + (z**2 - 1) * skew / 6 + (z**3 - 3 * z) * excess / 24 - (2 * z**3 - 5 * z) * skew**2 / 36
        return mean + bent * deviation

    return quantile


def ewma(returns: np.ndarray) -> np.ndarray:
    """The variance forecast for each period, and for the one after the last: RiskMetrics (1996), eq. 5.3."""
    variances = [np.mean(returns**2)]
    for value in returns:
        variances.append(DECAY * variances[-1] + (1 - DECAY) * value**2)
    return np.array(variances)


def filtered_paths(returns: np.ndarray, horizon: int) -> np.ndarray:
    """Barone-Adesi, Giannopoulos and Vosper (1999), VaR without correlations."""
    random = np.random.default_rng(12)
    variances = ewma(returns)
    residuals = returns / np.sqrt(variances[:-1])
    variance, growth = np.full(PATHS, variances[-1]), np.ones(PATHS)
    for _ in range(horizon):
        value = np.sqrt(variance) * random.choice(residuals, PATHS)
        growth *= 1 + value
        variance = DECAY * variance + (1 - DECAY) * value**2
    return growth - 1


def of_paths(draws: np.ndarray, confidence: float) -> list[float]:
    worst = np.sort(draws)[: round(PATHS * (1 - confidence))]
    return [-float(worst[-1]), -float(worst.mean())]


def main() -> None:
    returns = made_returns()
    variances = ewma(returns)
    scaled = returns / np.sqrt(variances[:-1]) * np.sqrt(variances[-1])
    weeks = np.lib.stride_tricks.sliding_window_view(1 + returns, 5).prod(axis=1) - 1
    mean, deviation = returns.mean(), returns.std(ddof=1)
    degrees = 4 + 6 / stats.kurtosis(returns)
    student = stats.t(degrees, loc=mean, scale=deviation * np.sqrt((degrees - 2) / degrees))
    answers = []
    for confidence in (0.95, 0.975, 0.99):
        exact = {
            ("historical", 1): of_draws(returns, confidence),
            ("historical", 5): of_draws(weeks, confidence),
            ("parametric", 1): of_quantiles(stats.norm(mean, deviation).ppf, confidence),
            ("parametric", 5): of_quantiles(stats.norm(weeks.mean(), weeks.std(ddof=1)).ppf, confidence),
            ("cornish_fisher", 1): of_quantiles(cornish_fisher(returns), confidence),
            ("cornish_fisher", 5): of_quantiles(cornish_fisher(weeks), confidence),
            ("filtered", 1): of_draws(scaled, confidence),
            ("filtered", 5): of_paths(filtered_paths(returns, 5), confidence),
            ("monte_carlo", 1): of_quantiles(student.ppf, confidence),
        }
        for (method, horizon), (value_at_risk, shortfall) in exact.items():
            answers.append([method, horizon, confidence, value_at_risk, shortfall])
    with open(sys.argv[1], "w") as file:
        json.dump({"returns": returns.tolist(), "answers": answers}, file)


main()
