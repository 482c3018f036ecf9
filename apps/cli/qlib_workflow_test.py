"""A qlib user's store and workflow through the program: the daily IC is qlib's own.

The golden values are qlib 0.9.7's with LightGBM 4.7.0, the library that is linked here: testdata/make_qlib_ic.py.
"""

import csv
import pathlib
import sys

import pyarrow.parquet
import pytest
from program import orrery

TESTDATA = pathlib.Path(__file__).parent / "testdata"
sys.path.insert(0, str(TESTDATA))
from qlib_market import WORKFLOW, write_store  # noqa: E402


def run(folder: pathlib.Path, *arguments: str) -> str:
    done = orrery(*arguments, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """The folder of a user who has a store and a workflow file, after the three commands."""
    folder = tmp_path_factory.mktemp("qlib")
    write_store(folder / "store")
    (folder / "workflow.yaml").write_text(WORKFLOW.format(store=folder / "store"))
    return folder


def test_a_workflow_file_gives_the_ic_of_qlib(folder: pathlib.Path) -> None:
    said = run(folder, "import-study", "workflow.yaml")
    assert f"next     orrery import qlib {folder / 'store'} --market index --out prices.parquet" in said
    assert "not carried over" not in said
    run(folder, "import", "qlib", str(folder / "store"), "--market", "index", "--out", "prices.parquet")
    run(folder, "run", "study.yaml", "--threads", "1", "--set", "baselines=false", "--out", "run")
    found = {
        row["date"].isoformat(): row for row in pyarrow.parquet.read_table(folder / "run/daily_ic.parquet").to_pylist()
    }
    with (TESTDATA / "qlib_ic.csv").open() as file:
        expected = {row["date"]: row for row in csv.DictReader(file)}
    assert {day: row["pairs"] for day, row in found.items() if row["pairs"]} == {
        day: int(row["pairs"]) for day, row in expected.items()
    }
    for day, row in expected.items():
        assert found[day]["ic"] == pytest.approx(float(row["ic"]), abs=1e-6), day
    mean = sum(found[day]["ic"] for day in expected) / len(expected)
    assert mean == pytest.approx(sum(float(row["ic"]) for row in expected.values()) / len(expected), abs=1e-6)
