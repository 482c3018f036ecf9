"""A model of one's own for `model: {python: own_model.py:AverageRank}`: any class with fit and predict will do."""

import numpy as np


class AverageRank:
    """Scores a name by the mean of its features' ranks, each with the sign of its rank correlation in training.

    Features are ranked over the whole of what is passed, so the ranks learned in training are kept as quantiles.
    """

    def __init__(self, least_correlation: float = 0.005) -> None:
        self.least_correlation = least_correlation

    def fit(self, X, y, valid=None, seed=0):  # noqa: N803, ARG002
        """X: pyarrow.Table of float32 features; y: pyarrow.Array of labels; valid: (X, y) or None."""
        label = ranks(np.asarray(y))
        self.quantiles, self.signs = {}, {}
        for name in X.column_names:
            values = np.asarray(X.column(name))
            self.quantiles[name] = np.nanquantile(values, np.linspace(0, 1, 101))
            correlation = np.corrcoef(self.rank_of(name, values), label)[0, 1]
            self.signs[name] = correlation if abs(correlation) >= self.least_correlation else 0.0

    def predict(self, X):  # noqa: N803
        """Returns one score a row; anything that is a sequence of numbers."""
        score = np.zeros(X.num_rows)
        for name, sign in self.signs.items():
            if sign != 0.0:
                score += sign * self.rank_of(name, np.asarray(X.column(name)))
        return score

    def importance(self):
        """Optional: shown in the report."""
        return {name: abs(sign) for name, sign in self.signs.items()}

    def rank_of(self, name, values):
        return np.searchsorted(self.quantiles[name], np.nan_to_num(values)) / 100 - 0.5


def ranks(values):
    order = np.empty(len(values))
    order[np.argsort(values, kind="stable")] = np.arange(len(values))
    return order / len(values) - 0.5
