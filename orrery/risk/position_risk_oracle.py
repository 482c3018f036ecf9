"""Betas, correlations, components of risk and conditional moves by NumPy and SciPy, for the tests beside.

Components are differences: of the deviation and of the CVaR as weights move a little. What names do when others move is a
regression on those.

usage: position_risk_oracle.py OUT.json      (pip install numpy scipy)
"""

import json
import sys
from collections.abc import Callable

import numpy as np
from scipy import optimize, stats

PERIODS, NAMES, CONFIDENCE, STEP = 200, 5, 0.95, 1e-6


def mean_correlation(returns: np.ndarray) -> float:
    correlations = np.corrcoef(returns.T)
    return float(correlations[np.triu_indices(len(correlations), 1)].mean())


def slopes(measure: Callable[[np.ndarray], float], weights: np.ndarray) -> np.ndarray:
    steps = np.eye(len(weights)) * STEP
    return np.array([(measure(weights + step) - measure(weights - step)) / (2 * STEP) for step in steps])


def shortfall(returns: np.ndarray, weights: np.ndarray) -> float:
    losses = np.sort(-(returns @ weights))[::-1]
    return float(losses[: round(len(losses) * (1 - CONFIDENCE))].mean())


def main() -> None:
    random = np.random.default_rng(31)
    market = random.standard_t(5, (PERIODS, 1)) * 0.008
    returns = np.round(market * random.uniform(0.4, 1.6, NAMES) + random.normal(0, 0.009, (PERIODS, NAMES)), 6)
    weights = np.array([0.5, 0.4, -0.3, 0.25, 0.15])
    whole, covariance = returns @ weights, np.cov(returns.T)
    marginal = slopes(lambda w: float(np.sqrt(w @ covariance @ w)), weights)
    moved = [0, 3]
    design = np.column_stack([np.ones(PERIODS), returns[:, moved]])
    coefficients = np.linalg.lstsq(design, returns, rcond=None)[0][1:]
    order = np.argsort(whole)
    answers = {
        "returns": returns.tolist(),
        "weights": weights.tolist(),
        "covariance": covariance.tolist(),
        "marginal": marginal.tolist(),
        "component_shortfall": (weights * slopes(lambda w: shortfall(returns, w), weights)).tolist(),
        "betas": [float(stats.linregress(whole, column).slope) for column in returns.T],
        "history": mean_correlation(returns[:-60]),
        "recent": mean_correlation(returns[-60:]),
        "down": mean_correlation(returns[order[:20]]),
        "up": mean_correlation(returns[order[-20:]]),
        "moved": moved,
        "conditional": (np.array([-0.1, 0.04]) @ coefficients).tolist(),
        # The most that weights of these sizes can vary: the best signs and correlations by search.
        "worst_deviation": -float(
            optimize.linprog(-np.abs(weights) * np.sqrt(np.diag(covariance)), bounds=[(-1, 1)] * NAMES).fun
        ),
    }
    with open(sys.argv[1], "w") as file:
        json.dump(answers, file)


main()
