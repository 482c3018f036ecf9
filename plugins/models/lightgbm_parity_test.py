"""Fits the same matrix through Orrery and through LightGBM's own Python package: predictions are equal to the bit, as
are contributions."""

import pathlib

import lightgbm
import numpy
import pytest
from model_parity import Matrix, Parameters, fit_in_orrery, make_segments

# The parameters of the peer's main job, under the names it uses.
PEER = {
    "loss": "mse",
    "learning_rate": 0.05,
    "num_leaves": 64,
    "max_depth": 8,
    "subsample": 0.9,
    "subsample_freq": 1,
    "colsample_bytree": 0.9,
    "lambda_l1": 1.0,
    "lambda_l2": 10.0,
    "num_boost_round": 60,
    "early_stopping_rounds": 10,
    "seed": 7,
}
CASES = {
    "peer": PEER,
    "sampled_bins": {"num_boost_round": 30, "bin_construct_sample_cnt": 1500, "max_bin": 31, "seed": 3},
    "huber": {"objective": "huber", "alpha": 0.7, "num_boost_round": 30, "seed": 1},
    "mae": {"objective": "mae", "num_boost_round": 30, "early_stopping_rounds": 3, "seed": 1},
    "binary": {"objective": "binary", "num_boost_round": 40, "early_stopping_rounds": 5, "seed": 5, "subsample": 0.5},
    "forest": {"boosting": "rf", "bagging_fraction": 0.5, "bagging_freq": 1, "num_boost_round": 20, "seed": 4},
    "two_metrics": {"metric": "l1,l2", "num_boost_round": 60, "early_stopping_rounds": 4, "seed": 2},
}


def fit_in_python(parameters: Parameters, data: dict[str, Matrix]) -> tuple[numpy.ndarray, numpy.ndarray, int]:
    settings = dict(parameters)
    rounds = settings.pop("num_boost_round")
    patience = settings.pop("early_stopping_rounds", 0)
    settings |= {"deterministic": True, "force_col_wise": True, "verbosity": -1, "num_threads": 1}
    train = lightgbm.Dataset(*data["train"])
    valid = lightgbm.Dataset(*data["valid"], reference=train)
    callbacks = [lightgbm.early_stopping(patience, verbose=False)] if patience else []
    booster = lightgbm.train(
        settings, train, rounds, valid_sets=[train, valid], valid_names=["train", "valid"], callbacks=callbacks
    )
    x = data["test"][0]
    return booster.predict(x), booster.predict(x, pred_contrib=True), booster.best_iteration or rounds


@pytest.mark.parametrize("case", CASES)
def test_predictions_equal_the_python_package(case: str, tmp_path: pathlib.Path) -> None:
    parameters = CASES[case]
    data = make_segments(6001, parameters.get("objective") == "binary")
    expected, expected_parts, expected_round = fit_in_python(parameters, data)
    found, found_parts, found_round = fit_in_orrery("lightgbm", parameters, data, tmp_path)
    assert found_round == expected_round
    assert numpy.array_equal(found, expected)
    if parameters.get("boosting") == "rf":  # the package adds up all trees, though a forest predicts their mean
        expected_parts *= 1.0 / found_round
    assert numpy.array_equal(found_parts, expected_parts)
