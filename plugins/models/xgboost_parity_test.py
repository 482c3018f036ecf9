"""Fits the same matrix through Orrery and through XGBoost's own Python package: predictions are equal to the bit."""

import pathlib
from collections.abc import Callable

import numpy
import pytest
import xgboost
from model_parity import SESSION_ROWS, Matrix, Parameters, fit_in_orrery, make_segments, session_skill

BLOCK_ROWS = 32768 // SESSION_ROWS * SESSION_ROWS  # whole sessions, as the model hands them over

CASES = {
    "defaults": {"num_boost_round": 30},
    "sampled": {
        "eta": 0.05,
        "max_depth": 8,
        "subsample": 0.9,
        "colsample_bytree": 0.9,
        "lambda": 10.0,
        "alpha": 1.0,
        "num_boost_round": 60,
        "early_stopping_rounds": 5,
        "seed": 7,
    },
    "lossguide": {"grow_policy": "lossguide", "max_leaves": 31, "max_depth": 0, "max_bin": 63, "num_boost_round": 20},
    "mae": {"objective": "reg:absoluteerror", "num_boost_round": 20, "early_stopping_rounds": 3},
    "quantile": {"objective": "reg:quantileerror", "quantile_alpha": 0.9, "num_boost_round": 20},
    "binary": {"objective": "binary:logistic", "eval_metric": "auc", "num_boost_round": 40, "early_stopping_rounds": 4},
    "rank_ic": {"stop_on": "rank_ic", "eta": 0.1, "num_boost_round": 80, "early_stopping_rounds": 6},
    "ic": {"objective": "reg:absoluteerror", "stop_on": "ic", "num_boost_round": 60, "early_stopping_rounds": 4},
    "monotone": {"monotone": "f0: 1, f3: -1, f9: 1", "num_boost_round": 30},
    "categorical": {"categorical": "f8", "max_cat_to_onehot": 3, "num_boost_round": 30},
    "weighed_events": {"objective": "binary:logistic", "scale_pos_weight": 6.5, "num_boost_round": 30},
    "forest": {"num_parallel_tree": 20, "subsample": 0.6, "colsample_bynode": 0.5, "eta": 1.0, "num_boost_round": 1},
}


class Blocks(xgboost.DataIter):
    """Hands over the blocks that the model hands over."""

    def __init__(self, x: numpy.ndarray, y: numpy.ndarray, types: list[str] | None = None) -> None:
        super().__init__()
        self.x, self.y, self.types, self.at = x, y, types, 0

    def reset(self) -> None:
        self.at = 0

    def next(self, input_data: Callable) -> bool:
        if self.at >= len(self.y):
            return False
        rows = slice(self.at, self.at + BLOCK_ROWS)
        input_data(data=self.x[rows], label=self.y[rows], feature_types=self.types)
        self.at += BLOCK_ROWS
        return True


def fit_in_python(parameters: Parameters, data: dict[str, Matrix]) -> tuple[numpy.ndarray, numpy.ndarray, int]:
    settings = {"tree_method": "hist", "nthread": 1, "seed": 0} | parameters
    rounds = settings.pop("num_boost_round")
    patience = settings.pop("early_stopping_rounds", None)
    bins = settings.get("max_bin", 256)
    features = data["train"][0].shape[1]
    monotone, categorical = settings.pop("monotone", ""), settings.pop("categorical", "")
    if monotone:
        signs = dict(part.split(": ") for part in monotone.split(", "))
        settings["monotone_constraints"] = tuple(int(signs.get(f"f{i}", 0)) for i in range(features))
    types = ["c" if f"f{i}" in categorical.split(", ") else "float" for i in range(features)] if categorical else None
    stop_on = settings.pop("stop_on", None)
    enabled = {"max_bin": bins, "nthread": 1, "enable_categorical": bool(categorical)}
    train = xgboost.QuantileDMatrix(Blocks(*data["train"], types), **enabled)
    valid = xgboost.QuantileDMatrix(Blocks(*data["valid"], types), ref=train, **enabled)

    def skill(scores: numpy.ndarray, table: xgboost.QuantileDMatrix) -> tuple[str, float]:
        return "skill", session_skill(scores.astype("f8"), table.get_label(), stop_on == "rank_ic")

    booster = xgboost.train(
        settings,
        train,
        rounds,
        evals=[(valid, "valid")] if stop_on else [(train, "train"), (valid, "valid")],
        custom_metric=skill if stop_on else None,
        maximize=True if stop_on else None,
        early_stopping_rounds=patience,
        verbose_eval=False,
    )
    best = booster.best_iteration + 1 if patience else rounds
    x, span = data["test"][0], (0, best)
    table = xgboost.DMatrix(x, nthread=1, feature_types=types, enable_categorical=bool(categorical))
    parts = booster.predict(table, pred_contribs=True, iteration_range=span)
    return booster.inplace_predict(x, iteration_range=span), parts, best


@pytest.mark.parametrize(
    ("case", "rows"),
    [*((case, 6001) for case in CASES), *((case, BLOCK_ROWS + 1234) for case in ("defaults", "sampled"))],
)
def test_predictions_equal_the_python_package(case: str, rows: int, tmp_path: pathlib.Path) -> None:
    parameters = CASES[case]
    data = make_segments(rows, str(parameters.get("objective", "")).startswith("binary:"))
    expected, expected_parts, expected_round = fit_in_python(parameters, data)
    found, found_parts, found_round = fit_in_orrery("xgboost", parameters, data, tmp_path)
    assert found_round == expected_round
    assert numpy.array_equal(found, expected.astype("f8"))
    assert numpy.array_equal(found_parts, expected_parts.astype("f8"))
