"""`orrery predict`: sessions scored by a stored model."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from program import at_home, check_help, done, orrery, study_of, write_market

USAGE = 2


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A finished run, registered and live as tomorrow@1."""
    folder = tmp_path_factory.mktemp("predict")
    with at_home(folder):
        study = write_market(folder, study_of("tomorrow"), 30, seed=4)
        done("run", str(study), "--out", str(folder / "run"))
        done("models", "add", str(folder / "run"))
        done("models", "promote", "tomorrow@1")
        yield folder / "run"


def test_help_has_an_example() -> None:
    assert "--precision" in check_help(["predict"])


def test_the_live_version_says_what_its_run_said(run: Path) -> None:
    last = pq.read_table(run / "predictions.parquet").to_pandas()
    last = last[last["date"] == last["date"].max()].set_index("symbol")["score"]
    answer = orrery("predict", "--top", "3")
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.startswith("SIMULATED")
    assert "tomorrow@1 (live), ridge: trained on" in answer.stdout
    assert f"{len(last)} names, the first 3" in answer.stdout
    assert last.idxmax() in answer.stdout
    said = json.loads(orrery("predict", "tomorrow", "--json").stdout)["predictions"]
    assert {row["symbol"]: row["score"] for row in said} == last.to_dict()
    assert [row["rank"] for row in said] == list(range(1, len(last) + 1))
    assert all(row["lower"] < row["expected"] < row["upper"] for row in said if row["lower"] is not None)


def test_scores_go_into_a_file(run: Path, tmp_path: Path) -> None:
    days = sorted(pq.read_table(run / "predictions.parquet")["date"].unique().to_pylist())[-4:]
    span = ("--from", str(days[0]), "--to", str(days[2]))
    for name in ("scores.csv", "scores.parquet"):
        answer = orrery("predict", str(run), *span, "--out", str(tmp_path / name))
        assert answer.returncode == 0, answer.stderr
        assert f"after the close of {days[2]}" in answer.stdout
    table = pq.read_table(tmp_path / "scores.parquet")
    assert table.column_names == ["date", "symbol", "score", "rank", "expected", "lower", "upper"]
    assert sorted(table["date"].unique().to_pylist()) == days[:3]
    with (tmp_path / "scores.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [float(row["score"]) for row in rows] == table["score"].to_pylist()
    assert "scores of earlier sessions: --out FILE" in orrery("predict", str(run), *span).stdout


def test_mistakes_are_named(run: Path, tmp_path: Path) -> None:
    for arguments, said in (
        (["--from", "2019-03-01"], "is a session that the model learned from"),
        (["--from", "soon"], "--from: a day is YYYY-MM-DD, found 'soon'"),
        (["--precision", "int8"], "the model ridge has no int8 form"),
        (["--out", str(tmp_path / "scores.txt")], "--out: a .parquet or .csv file"),
        (["--data", str(tmp_path / "none.parquet")], "none.parquet"),
    ):
        answer = orrery("predict", str(run), *arguments)
        assert answer.returncode == 1, answer.stdout
        assert said in answer.stderr, arguments
    assert orrery("predict", str(run), "--precision", "int4").returncode == USAGE
