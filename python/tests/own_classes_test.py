"""Models and strategies that are the user's own classes, used in studies."""

from __future__ import annotations

from pathlib import Path

import pyarrow.compute as pc
import pytest

import orrery

ROOT = Path(__file__).resolve().parents[2]

MODEL = '''
import sys
import numpy as np
import pyarrow as pa

class Reversal:
    """Learns nothing: the score is minus the five-day return."""
    def __init__(self, scale=1.0, words=()):
        self.scale = scale
        self.words = words
    def fit(self, X, y, valid, sessions, weights=None, seed=None, **spans):
        assert isinstance(X, pa.Table) and X.column_names == ["r5", "v20"], X.schema
        assert isinstance(y, pa.Array) and y.type == pa.float64() and len(y) == X.num_rows == len(sessions)
        assert X.schema.field("r5").type == pa.float32()
        assert isinstance(valid[0], pa.Table) and len(valid[1]) == valid[0].num_rows
        assert spans["threads"] >= 1 and seed == 7 and len(spans["instruments"]) == len(y)
        assert self.words == ["a", {"b": 1}] or not self.words, self.words
        print("fitted on", X.num_rows)
    def predict(self, X):
        return -self.scale * np.asarray(X.column("r5"), dtype=float)

class Broken(Reversal):
    def fit(self, X, y, **spans):
        divide(1, 0)

class Short(Reversal):
    def predict(self, X):
        return [0.0]

class Leaver(Reversal):
    def fit(self, X, y, **spans):
        import os
        os._exit(3)

class Saved(Reversal):
    def save(self):
        return b"scale %r" % self.scale
    def load(self, data):
        self.scale = float(data.split()[1])

def divide(a, b):
    return a / b
'''

STRATEGY = """
import datetime

class Best:
    def __init__(self, k=5):
        self.k = k
    def decide(self, date, scores, holdings, tradable):
        assert isinstance(date, datetime.date) and list(scores.values()) == sorted(scores.values(), reverse=True)
        assert abs(sum(holdings.values())) < 1.2
        best = [symbol for symbol in scores if symbol in tradable][: self.k]
        return {symbol: 1 / self.k for symbol in best}

class Greedy(Best):
    def decide(self, date, scores, holdings, tradable):
        return {symbol: 1.0 for symbol in list(scores)[:2]}

class Stranger(Best):
    def decide(self, date, scores, holdings, tradable):
        return {"NOBODY": 0.5}

class Sure(Best):
    def decide(self, date, scores, holdings, tradable, uncertainty):
        assert list(uncertainty) == list(scores)
        known = [symbol for symbol in scores if uncertainty[symbol].lower < uncertainty[symbol].upper]
        assert all(uncertainty[symbol].lower < uncertainty[symbol].expected for symbol in known)
        if len(known) < self.k:
            return None
        width = {symbol: uncertainty[symbol].upper - uncertainty[symbol].lower for symbol in known}
        narrow = sorted(known, key=width.get)[: self.k]
        return {symbol: 1 / self.k for symbol in narrow if symbol in tradable}

class Idle(Best):
    def decide(self, date, scores, holdings, tradable):
        return None if holdings else super().decide(date, scores, holdings, tradable)
"""


@pytest.fixture(scope="module")
def folder(market: Path) -> Path:
    """The market's folder with files of own classes beside the study."""
    (market / "mine.py").write_text(MODEL)
    (market / "plan.py").write_text(STRATEGY)
    return market


def with_model(folder: Path, out: Path, name: str, **more: object) -> orrery.Run:
    study = (folder / "study.yaml").read_text().replace("model: {name: ridge}", f"model: {{python: mine.py:{name}}}")
    (folder / "own.yaml").write_text(study)
    return orrery.run(folder / "own.yaml", out=out, overrides=more)


def with_strategy(folder: Path, out: Path, name: str, **more: object) -> orrery.Run:
    own = f"portfolio: {{strategy: python, class: plan.py:{name}, params: {{k: 4}}}}"
    study = (folder / "study.yaml").read_text().replace("portfolio: {strategy: topk_dropout, k: 5, drop: 1}", own)
    (folder / "own.yaml").write_text(study)
    return orrery.run(folder / "own.yaml", out=out, overrides=more)


def test_a_model_of_ones_own_scores_a_study(folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run = with_model(folder, tmp_path / "run", "Reversal")
    table = orrery.factors.compute(
        __import__("pandas").read_parquet(folder / "ohlcv.parquet"), {"r5": "Ref($close,5)/$close-1"}
    )
    assert run.manifest["versions"]["model"] == "python"
    assert len(run.predictions) > 1000 and len(table) > 0
    assert capfd.readouterr().err.count("fitted on") == len(run.manifest["folds"])


def test_arguments_of_the_class_come_from_the_study(folder: Path, tmp_path: Path) -> None:
    one = with_model(folder, tmp_path / "one", "Reversal")
    two = with_model(folder, tmp_path / "two", "Reversal", **{"model.params": {"scale": 2, "words": ["a", {"b": 1}]}})
    ratio = pc.divide(two.predictions["score"], one.predictions["score"])
    assert pc.min_max(ratio).as_py() == {"min": 2.0, "max": 2.0}


def test_runs_of_own_classes_are_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    runs = [with_model(folder, tmp_path / name, "Reversal") for name in ("a", "b")]
    files = sorted(path.relative_to(runs[0].folder) for path in runs[0].folder.rglob("*") if path.is_file())
    for name in files:
        if name.name != "manifest.json":
            assert (runs[0].folder / name).read_bytes() == (runs[1].folder / name).read_bytes(), name


def test_a_class_may_save_itself(folder: Path, tmp_path: Path) -> None:
    run = with_model(folder, tmp_path / "run", "Saved", **{"model.params.scale": 3})
    assert (run.folder / "models/fold_1/model.orrery").read_bytes().endswith(b"scale 3")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "Broken",
            r"(?s)mine\.py:Broken failed in fit: ZeroDivisionError.*mine\.py, line \d+, in divide: return a / b",
        ),
        ("Short", r"predict returned 1 scores for \d+ rows"),
        ("Missing", "has no class 'Missing'"),
        ("divide", "has no class 'divide'"),
    ],
)
def test_what_goes_wrong_in_a_class_is_told(folder: Path, tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises(orrery.errors.InvalidArgumentError, match=message):
        with_model(folder, tmp_path / "run", name)


def test_a_class_that_ends_its_process_is_told(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(orrery.errors.UnavailableError, match="with exit code 3"):
        with_model(folder, tmp_path / "run", "Leaver")


def test_a_wrong_place_is_told_before_data_is_read(folder: Path) -> None:
    study = "name: x\ndata: {path: nowhere.parquet}\nfactors: {set: alpha158}\n"
    with pytest.raises(orrery.errors.InvalidArgumentError, match=r"model\.python: no such file: .*none\.py"):
        orrery.run(study + "model: {python: none.py:X}\n")
    with pytest.raises(orrery.errors.InvalidArgumentError, match=r"must be FILE\.py:CLASS, found 'none'"):
        orrery.run(study + "model: {python: none}\n")
    with pytest.raises(orrery.errors.InvalidArgumentError, match="must be a mapping"):
        orrery.run(study + f"model: {{python: '{folder}/mine.py:Reversal', params: [1]}}\n")


def test_another_interpreter_may_be_named(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(orrery.errors.NotFoundError, match="can't start no-such-python"):
        with_model(folder, tmp_path / "run", "Reversal", **{"model.interpreter": "no-such-python"})


def test_a_strategy_of_ones_own_trades_a_study(folder: Path, tmp_path: Path) -> None:
    run = with_strategy(folder, tmp_path / "run", "Best")
    frame = run.weights.to_pandas()
    wanted = frame[frame["weight"] > 0].groupby("date")["weight"]
    assert (wanted.count() <= 4).all() and wanted.sum().max() == pytest.approx(1.0)


def test_a_strategy_that_asks_for_it_is_told_how_sure_the_scores_are(folder: Path, tmp_path: Path) -> None:
    run = with_strategy(folder, tmp_path / "run", "Sure")
    intervals = run.intervals.to_pandas().set_index(["date", "symbol"])
    frame = run.weights.to_pandas()
    bought = frame[frame["weight"] > 0]
    assert bought["date"].nunique() > 20
    for date, names in bought.groupby("date"):
        width = (intervals.loc[date]["upper"] - intervals.loc[date]["lower"]).dropna()
        assert set(names["symbol"]) <= set(width.nsmallest(4).index)


def test_no_answer_leaves_everything(folder: Path, tmp_path: Path) -> None:
    run = with_strategy(folder, tmp_path / "run", "Idle")
    entries = run.trades.to_pandas()
    trades = entries[entries["kind"] == "trade"]
    assert trades["date"].nunique() == 1 and len(trades) == 4


@pytest.mark.parametrize(
    ("name", "message"), [("Greedy", "sum up to 2 on .*; max_gross is 1"), ("Stranger", "'NOBODY', which is no symbol")]
)
def test_wrong_decisions_are_told(folder: Path, tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises(orrery.errors.InvalidArgumentError, match=message):
        with_strategy(folder, tmp_path / "run", name)


def test_the_examples_work(folder: Path, tmp_path: Path) -> None:
    own = {
        "model": {"name": "python", "params": {"class": f"{ROOT}/examples/own_model.py:AverageRank"}},
        "portfolio.strategy": "python",
        "portfolio.class": f"{ROOT}/examples/own_strategy.py:Buffered",
        "portfolio.params": {"k": 4, "keep": 8},
    }
    study = (folder / "study.yaml").read_text().replace("k: 5, drop: 1", "class: x")
    (folder / "examples.yaml").write_text(study)
    run = orrery.run(folder / "examples.yaml", out=tmp_path / "run", overrides=own)
    assert len(run.trades) > 10
