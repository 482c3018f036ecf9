"""What samplers are tried on, as in testing/search_functions.h: values above the optimum, of an Optuna trial."""

import math


def sphere(trial):
    return sum(trial.suggest_float(f"x{i}", -5, 5) ** 2 for i in range(5))


def rosenbrock(trial):
    x, y = (trial.suggest_float(name, -2, 2) for name in "xy")
    return (1 - x) ** 2 + 100 * (y - x * x) ** 2


def mixed(trial):
    rate = trial.suggest_float("rate", 1e-4, 1, log=True)
    leaves = trial.suggest_int("leaves", 2, 256, log=True)
    depth = trial.suggest_int("depth", 1, 12)
    kind = trial.suggest_categorical("kind", [0, 1, 2, 3])
    return (
        (math.log10(rate) + 2) ** 2
        + math.log2(leaves / 32) ** 2 / 4
        + (depth - 7) ** 2 / 16
        + (0.0, 0.3, 0.6, 1.0)[kind]
        + 1e-4
    )
