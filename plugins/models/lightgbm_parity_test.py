"""Fits the same matrix through Orrery and through LightGBM's own Python package: predictions are equal to the bit, as
are contributions."""

import pathlib

import lightgbm
import numpy
import pytest
from model_parity import Matrix, Parameters, fit_in_orrery, make_segments, session_skill

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
    "rank_ic": {"stop_on": "rank_ic", "num_boost_round": 80, "early_stopping_rounds": 6, "seed": 2},
    "ic": {"objective": "mae", "stop_on": "ic", "num_boost_round": 80, "early_stopping_rounds": 4, "seed": 2},
    "monotone": {"monotone": "f0: 1, f3: -1, f9: 1", "num_boost_round": 30, "seed": 1},
    "monotone_advanced": {
        "monotone": "f1: 1, f2: -1",
        "monotone_constraints_method": "advanced",
        "num_boost_round": 20,
        "seed": 1,
    },
    "categorical": {"categorical": "f8", "num_boost_round": 40, "cat_smooth": 1.0, "seed": 1},
    "weighed_events": {"objective": "binary", "scale_pos_weight": 6.5, "num_boost_round": 30, "seed": 1},
    "balanced_events": {"objective": "binary", "is_unbalance": "true", "num_boost_round": 30, "seed": 1},
    "two_metrics": {"metric": "l1,l2", "num_boost_round": 60, "early_stopping_rounds": 4, "seed": 2},
}


def fit_in_python(parameters: Parameters, data: dict[str, Matrix]) -> tuple[numpy.ndarray, numpy.ndarray, int]:
    settings = dict(parameters)
    rounds = settings.pop("num_boost_round")
    patience = settings.pop("early_stopping_rounds", 0)
    settings |= {"deterministic": True, "force_col_wise": True, "verbosity": -1, "num_threads": 1}
    monotone, categorical = settings.pop("monotone", ""), settings.pop("categorical", "")
    if monotone:
        signs = dict(part.split(": ") for part in monotone.split(", "))
        settings["monotone_constraints"] = [int(signs.get(f"f{i}", 0)) for i in range(data["train"][0].shape[1])]
    columns = [int(name[1:]) for name in categorical.split(", ")] if categorical else "auto"
    stop_on = settings.pop("stop_on", None)
    if stop_on:
        settings["metric"] = "None"
    train = lightgbm.Dataset(*data["train"], categorical_feature=columns)
    valid = lightgbm.Dataset(*data["valid"], reference=train, categorical_feature=columns)
    callbacks = [lightgbm.early_stopping(patience, verbose=False)] if patience else []

    def skill(scores: numpy.ndarray, table: lightgbm.Dataset) -> tuple[str, float, bool]:
        return "skill", session_skill(scores, table.get_label(), stop_on == "rank_ic"), True

    booster = lightgbm.train(
        settings,
        train,
        rounds,
        valid_sets=[valid] if stop_on else [train, valid],
        valid_names=["valid"] if stop_on else ["train", "valid"],
        feval=skill if stop_on else None,
        callbacks=callbacks,
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
