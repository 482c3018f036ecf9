"""Fits the same matrix through Orrery and through LightGBM's own Python package: predictions are equal to the bit."""

import os
import pathlib
import subprocess

import lightgbm
import numpy
import pytest

PROGRAM = pathlib.Path(os.environ.get("ORRERY_BINARY", "build/release/bin/orrery")).with_name("orrery_model_parity")

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
    "two_metrics": {"metric": "l1,l2", "num_boost_round": 60, "early_stopping_rounds": 4, "seed": 2},
}
Matrix = tuple[numpy.ndarray, numpy.ndarray]
Parameters = dict[str, str | float]


def make_matrix(rows: int, seed: int, binary: bool) -> Matrix:
    """A weak signal; some cells missing, some zero, one feature constant, one of few values."""
    random = numpy.random.default_rng(seed)
    x = random.standard_normal((rows, 24)).astype("f4")
    y = 0.3 * x[:, 0] - 0.2 * x[:, 1] * x[:, 2] + random.standard_normal(rows)
    x[random.random(x.shape) < 0.05] = numpy.nan
    x[:, 5][random.random(rows) < 0.6] = 0
    x[:, 6] = 1.5
    x[:, 7] = numpy.round(x[:, 7])
    return x, (y > 1).astype("f8") if binary else y


def fit_in_python(parameters: Parameters, data: dict[str, Matrix]) -> tuple[numpy.ndarray, int]:
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
    return booster.predict(data["test"][0]), booster.best_iteration or rounds


def fit_in_orrery(parameters: Parameters, data: dict[str, Matrix], folder: pathlib.Path) -> tuple[numpy.ndarray, int]:
    for name, (x, y) in data.items():
        x.tofile(folder / f"{name}_x.f32")
        y.tofile(folder / f"{name}_y.f64")
    shape = [data["train"][0].shape[1], *(len(y) for _, y in data.values())]
    (folder / "shape.txt").write_text(" ".join(map(str, shape)))
    (folder / "parameters.txt").write_text("".join(f"{name}={value}\n" for name, value in parameters.items()))
    subprocess.run([PROGRAM, folder], check=True, timeout=300)
    return numpy.fromfile(folder / "predictions.f64"), int((folder / "report.txt").read_text().split()[1])


@pytest.mark.parametrize("case", CASES)
def test_predictions_equal_the_python_package(case: str, tmp_path: pathlib.Path) -> None:
    parameters = CASES[case]
    binary = parameters.get("objective") == "binary"
    data = {
        name: make_matrix(rows, seed, binary)
        for name, rows, seed in [("train", 6001, 1), ("valid", 1500, 2), ("test", 997, 3)]
    }
    expected, expected_round = fit_in_python(parameters, data)
    found, found_round = fit_in_orrery(parameters, data, tmp_path)
    assert found_round == expected_round
    assert numpy.array_equal(found, expected)
