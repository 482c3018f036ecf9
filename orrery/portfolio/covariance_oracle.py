"""Covariances by scikit-learn and NumPy, for covariance_test.cc.

usage: covariance_oracle.py OUT.json      (pip install scikit-learn)
"""

import json
import sys

import numpy as np
from sklearn.covariance import ledoit_wolf, oas

PERIODS, NAMES, HALF_LIFE, FACTORS = 40, 6, 15.0, 2


def denoised(returns: np.ndarray) -> np.ndarray:
    """López de Prado 2020, Machine Learning for Asset Managers, snippet 2.5, the noise's variance by iteration."""
    covariance = np.cov(returns.T)
    deviations = np.sqrt(np.diag(covariance))
    values, vectors = np.linalg.eigh(covariance / np.outer(deviations, deviations))
    edge = stretch = (1 + np.sqrt(returns.shape[1] / returns.shape[0])) ** 2
    while (closer := values[values <= edge].mean() * stretch) < edge:
        edge = closer
    values = np.where(values <= edge, values[values <= edge].mean(), values)
    correlation = vectors @ np.diag(values) @ vectors.T
    scale = deviations / np.sqrt(np.diag(correlation))
    return correlation * np.outer(scale, scale)


def components(returns: np.ndarray) -> np.ndarray:
    covariance = np.cov(returns.T)
    values, vectors = np.linalg.eigh(covariance)
    common = vectors[:, -FACTORS:] @ np.diag(values[-FACTORS:]) @ vectors[:, -FACTORS:].T
    return common + np.diag(np.diag(covariance - common))


def main() -> None:
    random = np.random.default_rng(3)
    market = random.normal(0, 0.01, (PERIODS, 1))
    returns = np.round(market * random.uniform(0.5, 1.5, NAMES) + random.normal(0, 0.01, (PERIODS, NAMES)), 6)
    ages = np.arange(PERIODS)[::-1]
    answers = {
        "sample": np.cov(returns.T),
        "ledoit_wolf": ledoit_wolf(returns)[0],
        "oas": oas(returns)[0],
        "exponential": np.cov(returns.T, aweights=0.5 ** (ages / HALF_LIFE)),
        "denoised": denoised(returns),
        "factors": components(returns),
    }
    with open(sys.argv[1], "w") as file:
        json.dump({"returns": returns.tolist(), **{name: value.tolist() for name, value in answers.items()}}, file)


main()
