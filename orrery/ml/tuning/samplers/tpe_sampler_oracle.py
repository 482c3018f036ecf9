"""Prints the golden regrets of tpe_sampler_test.cc: Optuna 5.0.0's TPESampler on standard test functions.

python orrery/ml/tuning/samplers/tpe_sampler_oracle.py

A line: function, joint, mean of log10(best value of 100 trials - optimum) over 40 seeds, its standard error.
"""

import math

import numpy as np
import optuna
from search_functions import mixed, rosenbrock, sphere

TRIALS, SEEDS = 100, 40


def branin(trial):
    x, y = trial.suggest_float("x", -5, 10), trial.suggest_float("y", 0, 15)
    a, b, c = 1, 5.1 / (4 * math.pi**2), 5 / math.pi
    bowl = a * (y - b * x * x + c * x - 6) ** 2
    return bowl + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10 - 0.39788735772973816


optuna.logging.set_verbosity(optuna.logging.ERROR)
for function in (sphere, rosenbrock, branin, mixed):
    for joint in (False, True):
        regrets = []
        for seed in range(SEEDS):
            study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed, multivariate=joint))
            study.optimize(function, n_trials=TRIALS)
            regrets.append(math.log10(study.best_value))
        error = np.std(regrets, ddof=1) / math.sqrt(SEEDS)
        print(function.__name__, joint, round(np.mean(regrets), 4), round(error, 4), flush=True)
