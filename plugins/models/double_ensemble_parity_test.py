"""Fits double_ensemble through Orrery, and slowly with pandas and LightGBM's Python package: the same features are chosen,
and predictions are equal to the bit.

What qlib's DEnsembleModel does, in other words and one sample after another, with Orrery's random numbers for numpy's, the
sub-models' weights also in what a shuffled feature costs, and the curve of an early stopped sub-model ending where the
sub-model does.
"""

import json
import pathlib

import lightgbm
import numpy
import pandas
import pytest
from model_parity import Matrix, Parameters, fit_in_orrery, make_segments

MASK = (1 << 64) - 1
OWN = {"num_models", "enable_sr", "enable_fs", "alpha1", "alpha2", "bins_sr", "bins_fs", "decay", "sample_ratios"}
OWN |= {"sub_weights", "epochs", "early_stopping_rounds", "categorical", "seed"}
SMALL = {"num_models": 3, "epochs": 25, "num_leaves": 12, "learning_rate": 0.2, "min_data_in_leaf": 10, "seed": 5}
CASES = {
    "defaults": SMALL,
    "stops_early": SMALL | {"epochs": 60, "early_stopping_rounds": 3},
    "weighed_sub_models": SMALL | {"sub_weights": "1, 0.5, 0.2", "alpha1": 0.4, "alpha2": 1.3, "decay": 0.9},
    "samples_alone": SMALL | {"enable_fs": "false", "bins_sr": 25},
    "features_alone": SMALL | {"enable_sr": "false", "bins_fs": 3, "sample_ratios": "0.9, 0.5, 0.2"},
    "categories": SMALL | {"categorical": "f8", "subsample": 0.8, "subsample_freq": 1},
}


class Xoshiro:
    """Blackman and Vigna's xoshiro256++, seeded by splitmix64, as orrery/base/random.h."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.state = []
        for _ in range(4):
            seed = (seed + 0x9E3779B97F4A7C15) & MASK
            self.state.append(self.mixed(seed))

    @staticmethod
    def mixed(z: int) -> int:
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)

    def fork(self, stream: int) -> "Xoshiro":
        mixer = self.seed ^ ((stream * 0xD1342543DE82EF95 + 0x2545F4914F6CDD1D) & MASK)
        return Xoshiro(self.mixed((mixer + 0x9E3779B97F4A7C15) & MASK))

    def next(self) -> int:
        def rotated(x: int, by: int) -> int:
            return ((x << by) | (x >> (64 - by))) & MASK

        s = self.state
        result = (rotated((s[0] + s[3]) & MASK, 23) + s[0]) & MASK
        shifted = (s[1] << 17) & MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= shifted
        s[3] = rotated(s[3], 45)
        return result

    def below(self, bound: int) -> int:
        while (value := self.next()) < (1 << 64) % bound:
            pass
        return value % bound

    def permutation(self, size: int) -> list[int]:
        order = list(range(size))
        for i in range(size, 1, -1):
            j = self.below(i)
            order[i - 1], order[j] = order[j], order[i - 1]
        return order

    def choice(self, values: list[int], count: int) -> list[int]:
        values = list(values)
        for i in range(count):
            j = i + self.below(len(values) - i)
            values[i], values[j] = values[j], values[i]
        return values[:count]


class DoubleEnsemble:
    """One sub-model after the other, on numpy arrays."""

    def __init__(self, parameters: Parameters) -> None:
        self.given = parameters
        self.count = int(parameters["num_models"])
        numbers = {"sample_ratios": "0.8, 0.7, 0.6, 0.5, 0.4", "sub_weights": ", ".join(["1"] * self.count)}
        self.lists = {
            name: [float(x) for x in str(parameters.get(name, text)).split(",")] for name, text in numbers.items()
        }
        self.random = Xoshiro(int(parameters["seed"]))
        self.boosters: list[lightgbm.Booster] = []
        self.features: list[list[int]] = []

    def setting(self, name: str, default: float) -> float:
        return float(self.given.get(name, default))

    def train(self, train: Matrix, valid: Matrix, weights: numpy.ndarray, features: list[int]) -> None:
        settings = {name: value for name, value in self.given.items() if name not in OWN}
        settings |= {"objective": "mse", "seed": self.given["seed"], "verbosity": -1, "num_threads": 1}
        settings |= {"deterministic": True, "force_col_wise": True}
        named = [int(name[1:]) for name in str(self.given.get("categorical", "")).split(", ") if name]
        columns = [features.index(column) for column in named if column in features]
        table = lightgbm.Dataset(train[0][:, features], train[1], weight=weights, categorical_feature=columns or "auto")
        checked = lightgbm.Dataset(valid[0][:, features], valid[1], reference=table)
        patience = int(self.setting("early_stopping_rounds", 0))
        callbacks = [lightgbm.early_stopping(patience, verbose=False)] if patience else []
        rounds = int(self.setting("epochs", 100))
        self.boosters.append(lightgbm.train(settings, table, rounds, valid_sets=[checked], callbacks=callbacks))
        self.features.append(features)

    def predict(self, x: numpy.ndarray) -> numpy.ndarray:
        weights = self.lists["sub_weights"][: len(self.boosters)]
        total = sum(weights)
        asked = zip(self.boosters, self.features, weights, strict=True)
        return sum(weight * booster.predict(x[:, own]) for booster, own, weight in asked) / total

    def curve(self, train: Matrix) -> numpy.ndarray:
        booster, own = self.boosters[-1], self.features[-1]
        score, losses = numpy.zeros(len(train[1])), []
        for tree in range(booster.best_iteration if booster.best_iteration > 0 else booster.num_trees()):
            score += booster.predict(train[0][:, own], start_iteration=tree, num_iteration=1)
            losses.append((train[1] - score) ** 2)
        return numpy.stack(losses, axis=1)

    def reweigh(self, curve: numpy.ndarray, losses: numpy.ndarray) -> numpy.ndarray:
        """Ranks as whole and half numbers until the end, so that what is equal stays equal."""
        ranks = pandas.DataFrame(curve).rank().to_numpy()
        part = max(int(curve.shape[1] * 0.1), 1)
        course = ranks[:, -part:].sum(axis=1) / ranks[:, :part].sum(axis=1)
        ease = pandas.Series(-losses).rank(pct=True)
        h = self.setting("alpha1", 1) * ease + self.setting("alpha2", 1) * pandas.Series(course).rank(pct=True)
        bins = pandas.cut(h, int(self.setting("bins_sr", 10)))
        mean = h.groupby(bins, observed=True).transform("mean")
        return (1 / (self.setting("decay", 0.5) ** len(self.boosters) * mean + 0.1)).to_numpy()

    def choose(self, train: Matrix, losses: numpy.ndarray) -> list[int]:
        draws = self.random.fork(len(self.boosters))
        worth = []
        for feature in range(train[0].shape[1]):
            shuffled = train[0].copy()
            shuffled[:, feature] = shuffled[draws.fork(feature).permutation(len(shuffled)), feature]
            added = (train[1] - self.predict(shuffled)) ** 2 - losses
            worth.append(added.mean() / (added.std() + 1e-7))
        bins = pandas.cut(pandas.Series(worth), int(self.setting("bins_fs", 5)), labels=False)
        choice, chosen = draws.fork(len(worth)), []
        for ratio, b in zip(self.lists["sample_ratios"], sorted(bins.unique(), reverse=True), strict=False):
            members = [feature for feature in range(len(worth)) if bins[feature] == b]
            chosen += choice.choice(members, int(numpy.ceil(ratio * len(members))))
        return sorted(chosen)

    def fit(self, train: Matrix, valid: Matrix) -> "DoubleEnsemble":
        weights, features = numpy.ones(len(train[1])), list(range(train[0].shape[1]))
        for _ in range(self.count):
            self.train(train, valid, weights, features)
            if len(self.boosters) == self.count:
                break
            losses = (train[1] - self.predict(train[0])) ** 2
            if self.given.get("enable_sr") != "false":
                weights = self.reweigh(self.curve(train), losses)
            if self.given.get("enable_fs") != "false":
                features = self.choose(train, losses)
        return self


def saved_features(folder: pathlib.Path) -> list[list[int]]:
    content = (folder / "model.orrery").read_bytes().split(b"\n")[2]
    return [model["features"] for model in json.loads(content)]


@pytest.mark.parametrize("case", CASES)
def test_equals_the_slow_reference(case: str, tmp_path: pathlib.Path) -> None:
    data = make_segments(1501, False)
    reference = DoubleEnsemble(CASES[case]).fit(data["train"], data["valid"])
    found, parts, rounds = fit_in_orrery("double_ensemble", CASES[case], data, tmp_path)
    assert saved_features(tmp_path) == reference.features
    assert rounds == sum(booster.best_iteration or booster.current_iteration() for booster in reference.boosters)
    assert numpy.array_equal(found, reference.predict(data["test"][0]))
    assert numpy.allclose(parts.sum(axis=1), found, rtol=0, atol=1e-12 * numpy.abs(parts).sum(axis=1).max())
