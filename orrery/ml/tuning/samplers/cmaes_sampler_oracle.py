"""Prints the golden numbers of cmaes_sampler_test.cc: states of the package cmaes 0.13.1, regrets of Optuna 5.0.0.

python orrery/ml/tuning/samplers/cmaes_sampler_oracle.py

First, after some generations of one run on the same draws: generation, step size, mean, and the lower triangle of C by
rows. Then, a line each: function, mean of log10(best value of 200 trials - optimum) over 40 seeds, its standard error.
"""

import math

import numpy as np
import optuna
from cmaes import CMA
from search_functions import mixed, rosenbrock, sphere


def draws(seed: int):
    """Yields evenly spread numbers of variance 1 from Knuth's linear congruential generator: the same in every language."""
    while True:
        seed = (seed * 6364136223846793005 + 1442695040888963407) % 2**64
        yield ((seed >> 11) / 2**53 - 0.5) * 3.4641016151377544


def valley(x: np.ndarray) -> float:
    scale = np.array([1.0, 10.0, 100.0, 1000.0])
    turned = np.array([x[0] + x[1], x[0] - x[1], x[2] + x[0], x[3] - x[2]]) - 0.3
    return float(np.sum(scale * turned**2))


def states() -> None:
    own = CMA(mean=np.full(4, 0.5), sigma=1 / 6)
    random = draws(1)
    for generation in range(1, 61):
        values, axes = np.linalg.eigh(own._C)
        root = axes @ np.diag(np.sqrt(values)) @ axes.T
        points = []
        for _ in range(own.population_size):
            x = own._mean + own._sigma * root @ [next(random) for _ in range(4)]
            points.append((x, valley(x)))
        own.tell(points)
        if generation in (1, 2, 10, 60):
            triangle = [own._C[i, j] for i in range(4) for j in range(i + 1)]
            print(generation, ", ".join(f"{x:.17g}" for x in (own._sigma, *own._mean, *triangle)))


def ellipsoid(trial):
    return sum(10 ** (0.75 * i) * (trial.suggest_float(f"x{i}", -5, 5) - 1) ** 2 for i in range(5))


def rotated(trial):
    x = [trial.suggest_float(f"x{i}", -5, 5) - 1 for i in range(5)]
    total = sum(x)  # the Householder reflection along (1, ..., 1)
    return sum(10 ** (0.75 * i) * (x[i] - 0.4 * total) ** 2 for i in range(5))


TRIALS, SEEDS = 200, 40
states()
optuna.logging.set_verbosity(optuna.logging.ERROR)
for function in (sphere, rosenbrock, ellipsoid, rotated, mixed):
    regrets = []
    for seed in range(SEEDS):
        sampler = optuna.samplers.CmaEsSampler(seed=seed, warn_independent_sampling=False)
        study = optuna.create_study(sampler=sampler)
        study.optimize(function, n_trials=TRIALS)
        regrets.append(math.log10(study.best_value))
    error = np.std(regrets, ddof=1) / math.sqrt(SEEDS)
    print(function.__name__, round(np.mean(regrets), 4), round(error, 4), flush=True)
