"""Contributions of small trees are Shapley values: against the definition, enumerated.

The value of a set of features is the mean of the tree's leaves where only they are known: a split of a known feature
sends the row to its side, one of an unknown feature to both, weighed by what of the training data went there (EXPVALUE,
algorithm 1 of Lundberg et al., 2020, "From local explanations to global understanding with explainable AI for trees"). The
contribution of a feature is the mean of what it adds to that value over all orders in which features become known (Shapley,
1953). Trees are read from what the Python packages dump, so nothing here is what computes contributions.
"""

import itertools
import json
import math
import pathlib
from collections.abc import Callable

import lightgbm
import numpy
import pytest
import xgboost
from model_parity import fit_in_orrery

FEATURES = 4
Value = Callable[[numpy.ndarray, frozenset[int]], float]


def make_matrix(rows: int, seed: int) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Features that work together, some of few values, some missing."""
    random = numpy.random.default_rng(seed)
    x = random.standard_normal((rows, FEATURES)).astype("f4")
    x[:, 2] = numpy.round(x[:, 2])
    y = x[:, 0] * x[:, 1] + numpy.abs(x[:, 2]) + 0.3 * x[:, 3] + 2.0
    x[random.random(x.shape) < 0.1] = numpy.nan
    return x, y.astype("f8")


def lightgbm_values(data: dict, parameters: dict) -> list[Value]:
    settings = parameters | {
        "verbosity": -1,
        "num_threads": 1,
        "deterministic": True,
        "force_col_wise": True,
        "seed": 0,
    }
    rounds = settings.pop("num_boost_round")
    trees = lightgbm.train(settings, lightgbm.Dataset(*data["train"]), rounds).dump_model()["tree_info"]

    def walk(node: dict, x: numpy.ndarray, known: frozenset[int]) -> float:
        if "leaf_value" in node:
            return node["leaf_value"]
        value = x[node["split_feature"]]
        sides = [node["left_child"], node["right_child"]]
        if node["split_feature"] in known:
            if numpy.isnan(value) and node["missing_type"] == "NaN":
                goes_left = node["default_left"]
            else:
                goes_left = numpy.nan_to_num(value) <= node["threshold"]
            return walk(sides[0 if goes_left else 1], x, known)
        counts = [side.get("leaf_count", side.get("internal_count")) for side in sides]
        return sum(c * walk(side, x, known) for c, side in zip(counts, sides, strict=True)) / sum(counts)

    return [lambda x, known, tree=tree: walk(tree["tree_structure"], x, known) for tree in trees]


def xgboost_values(data: dict, parameters: dict) -> list[Value]:
    settings = parameters | {"tree_method": "hist", "nthread": 1, "seed": 0}
    rounds = settings.pop("num_boost_round")
    table = xgboost.QuantileDMatrix(*data["train"], nthread=1)
    booster = xgboost.train(settings, table, rounds)
    trees = [json.loads(text) for text in booster.get_dump(with_stats=True, dump_format="json")]
    base = json.loads(booster.save_config())["learner"]["learner_model_param"]["base_score"]
    start = float(base.strip("[]"))

    def walk(node: dict, x: numpy.ndarray, known: frozenset[int]) -> float:
        if "leaf" in node:
            return node["leaf"]
        sides = {child["nodeid"]: child for child in node["children"]}
        feature = int(node["split"][1:])
        if feature in known:
            value = x[feature]
            way = "missing" if numpy.isnan(value) else "yes" if value < numpy.float32(node["split_condition"]) else "no"
            return walk(sides[node[way]], x, known)
        cover = sum(child["cover"] for child in sides.values())
        return sum(child["cover"] * walk(child, x, known) for child in sides.values()) / cover

    return [lambda x, known, tree=tree: walk(tree, x, known) for tree in trees] + [lambda _row, _known: start]


def shapley(values: list[Value], x: numpy.ndarray) -> numpy.ndarray:
    """The definition: a feature's mean addition, weighed by the share of orders; the value of nothing at the end."""
    sets = [frozenset(s) for size in range(FEATURES + 1) for s in itertools.combinations(range(FEATURES), size)]
    worth = {s: sum(value(x, s) for value in values) for s in sets}
    parts = numpy.zeros(FEATURES + 1)
    for feature, s in itertools.product(range(FEATURES), sets):
        if feature in s:
            continue
        orders = math.factorial(len(s)) * math.factorial(FEATURES - len(s) - 1) / math.factorial(FEATURES)
        parts[feature] += orders * (worth[s | {feature}] - worth[s])
    parts[-1] = worth[frozenset()]
    return parts


CASES = {
    # Leaves are doubles: what is left is the rounding of a few hundred additions.
    "lightgbm": (lightgbm_values, {"num_leaves": 8, "learning_rate": 0.3, "num_boost_round": 3}, 1e-12),
    # Leaves, covers and sums are floats of 24 bits, of which the dump shows 9 digits.
    "xgboost": (xgboost_values, {"max_depth": 3, "eta": 0.3, "num_boost_round": 3}, 2e-6),
}


@pytest.mark.parametrize("model", CASES)
def test_contributions_are_shapley_values(model: str, tmp_path: pathlib.Path) -> None:
    values_of, parameters, tolerance = CASES[model]
    data = {
        name: make_matrix(rows, seed) for name, rows, seed in [("train", 900, 1), ("valid", 100, 2), ("test", 60, 3)]
    }
    _, found, _ = fit_in_orrery(model, parameters, data, tmp_path)
    values = values_of(data, parameters)
    expected = numpy.array([shapley(values, row) for row in data["test"][0]])
    assert numpy.abs(expected[:, :-1]).max() > 0.1
    assert numpy.abs(found - expected).max() <= tolerance * numpy.abs(expected).sum(axis=1).max()
