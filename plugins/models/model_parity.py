"""What the tests against models' own Python packages share: a matrix, and the program that fits it through Orrery."""

import os
import pathlib
import subprocess

import numpy
import scipy.stats

PROGRAM = pathlib.Path(os.environ.get("ORRERY_BINARY", "build/release/bin/orrery")).with_name("orrery_model_parity")
SESSION_ROWS = 480  # of the program

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
    x[:, 8] = numpy.floor(numpy.abs(x[:, 8]) * 4)  # categories
    y += 0.3 * numpy.isin(x[:, 8], [1, 4, 6])
    return x, (y > 1).astype("f8") if binary else y


def session_skill(scores: numpy.ndarray, labels: numpy.ndarray, by_rank: bool) -> float:
    """The mean correlation within sessions, by scipy; 0 where there is none."""
    found = []
    for begin in range(0, len(labels), SESSION_ROWS):
        x, y = scores[begin : begin + SESSION_ROWS], labels[begin : begin + SESSION_ROWS]
        if len(set(x)) > 1:
            found.append((scipy.stats.spearmanr if by_rank else scipy.stats.pearsonr)(x, y).statistic)
    return float(numpy.mean(found)) if found else 0.0


def make_segments(train_rows: int, binary: bool) -> dict[str, Matrix]:
    sizes = {"train": train_rows, "valid": 1500, "test": 997}
    return {name: make_matrix(rows, seed, binary) for seed, (name, rows) in enumerate(sizes.items(), 1)}


def fit_in_orrery(
    model: str, parameters: Parameters, data: dict[str, Matrix], folder: pathlib.Path
) -> tuple[numpy.ndarray, numpy.ndarray, int]:
    """Returns the predictions of the test rows, their contributions, and the best round."""
    for name, (x, y) in data.items():
        x.tofile(folder / f"{name}_x.f32")
        y.tofile(folder / f"{name}_y.f64")
    shape = [data["train"][0].shape[1], *(len(y) for _, y in data.values())]
    (folder / "shape.txt").write_text(" ".join(map(str, shape)))
    (folder / "parameters.txt").write_text("".join(f"{name}={value}\n" for name, value in parameters.items()))
    subprocess.run([PROGRAM, folder, model, "--contributions"], check=True, timeout=300)
    predictions = numpy.fromfile(folder / "predictions.f64")
    contributions = numpy.fromfile(folder / "contributions.f64").reshape(len(predictions), -1)
    return predictions, contributions, int((folder / "report.txt").read_text().split()[1])
