"""Studies, scores and errors through the spawned program."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pandas as pd
import polars
import pyarrow as pa
import pytest

import orrery
from orrery import _program

MAPPING = {
    "name": "mapping",
    "data": {"path": "ohlcv.parquet", "sectors": "sectors.csv"},
    "factors": {"extra": {"r5": "Ref($close,5)/$close-1", "v20": "Std($close/Ref($close,1)-1,20)"}},
    "preprocess": {"label": "cs_rank_norm", "features": ["robust_zscore", {"clip": 3}, {"fill_na": 0}]},
    "model": {"name": "ridge"},
    "validation": {"train": "1y", "valid": "3m", "test": "6m"},
    "portfolio": {"strategy": "topk_dropout", "k": 5, "drop": 1},
    "baselines": False,
}


def test_a_run_with_a_ladder_and_checks_has_their_tables(market: Path, tmp_path: Path) -> None:
    further = {"risk": {"ladder": {"levels": [0.001, 0.002, 0.003, 0.004]}}, "checks": {"rate": {"orders": 1}}}
    found = orrery.run(market / "study.yaml", out=tmp_path / "run", overrides=further)
    assert found.risk_events is not None and len(found.risk_events) > 0
    assert found.order_checks is not None and set(found.order_checks["rule"].to_pylist()) == {"order_rate"}


def test_a_run_has_its_numbers_tables_and_report(run: orrery.Run) -> None:
    assert isinstance(run.metrics["rank_ic_mean"], float)
    assert run.name == "small" and run.manifest["seed"] == 7
    assert run.predictions.column_names == ["date", "symbol", "score", "label"]
    for table in (run.weights, run.trades, run.equity, run.positions, run.unfilled, run.quarantine):
        assert isinstance(table, pa.Table)
    assert run.risk_events is None and run.order_checks is None and run.realised_lots is None
    assert len(run.equity) in (run.metrics["periods"], run.metrics["periods"] + 1)
    assert "<iframe" in run.report._repr_html_() and run.report.html.startswith("<!")
    assert "rank IC" in run._repr_html_() and "independent ones" in run._repr_html_() and "rank_ic_mean=" in repr(run)


def test_the_ledger_knows_the_run(run: orrery.Run) -> None:
    ledger = run.ledger
    assert ledger["distinct_trials"] >= 1 and 0 <= ledger["deflated_sharpe"] <= 1
    assert any(trial["study"] == "small" and trial["outcome"] == "finished" for trial in ledger["trials"])


def test_a_run_is_opened_again(run: orrery.Run, tmp_path: Path) -> None:
    again = orrery.open(run.folder)
    assert again.metrics == run.metrics
    assert again.ledger["distinct_trials"] >= run.ledger["distinct_trials"]
    assert again.daily_ic.num_rows > 100
    with pytest.raises(orrery.errors.NotFoundError, match=r"manifest\.json"):
        orrery.open(tmp_path)


def test_a_study_may_be_a_mapping_or_a_text(
    market: Path, run: orrery.Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(market)
    mapping = orrery.run(MAPPING, out=tmp_path / "mapping")
    text = orrery.run((market / "study.yaml").read_text(), out=tmp_path / "text")
    braces = orrery.run(json.dumps(MAPPING), out=tmp_path / "braces")
    for found in (mapping, text, braces):
        for name in ("predictions.parquet", "trades.parquet", "metrics.json"):
            assert (found.folder / name).read_bytes() == (run.folder / name).read_bytes()


def test_overrides_go_over_the_study(market: Path, tmp_path: Path) -> None:
    nested = {"portfolio": {"k": 3}, "name": "other", "seed": 8}
    found = orrery.run(market / "study.yaml", out=tmp_path / "run", overrides=nested)
    assert found.name == "other" and found.manifest["seed"] == 8
    assert "k: 3" in found.manifest["study"].replace('"', "")


def test_two_runs_are_compared(market: Path, run: orrery.Run, tmp_path: Path) -> None:
    other = orrery.run(market / "study.yaml", out=tmp_path / "other", overrides={"portfolio.k": 3})
    found = orrery.compare(run, other.folder, out=tmp_path / "page.html")
    assert [difference["key"] for difference in found.study_differences] == ["portfolio.k"]
    assert found.tests["rank IC"]["difference"] == 0 and found.tests["net return"]["sessions"] > 100
    assert found.metrics["sharpe"]["a"] == pytest.approx(run.metrics["sharpe"])
    assert found.report.html == (tmp_path / "page.html").read_text() and "<iframe" in found.report._repr_html_()
    assert found.verdict in repr(found) and "<table>" in found._repr_html_()
    with pytest.raises(orrery.errors.NotFoundError):
        orrery.compare(run, tmp_path / "nowhere")


def test_own_scores_are_judged_and_traded(market: Path, run: orrery.Run, tmp_path: Path) -> None:
    scores = run.predictions.select(["date", "symbol", "score"])
    series = scores.to_pandas().set_index(["date", "symbol"])["score"].rename_axis(["datetime", "instrument"])
    timestamps = scores.to_pandas().assign(date=lambda frame: pd.to_datetime(frame["date"]))
    numbers = orrery.evaluate(scores, market / "study.yaml")
    assert numbers.pop("ledger")["distinct_trials"] >= 1
    by_polars = polars.from_arrow(scores)
    categories = by_polars.with_columns(polars.col("symbol").cast(polars.Categorical))
    texts = by_polars.with_columns(polars.col("date").cast(polars.String))
    for kind in (series, timestamps, by_polars, categories, texts, run.folder / "predictions.parquet"):
        again = orrery.evaluate(kind, market / "study.yaml")
        assert {key: value for key, value in again.items() if key != "ledger"} == numbers
    assert numbers["rank_ic_mean"] == pytest.approx(run.metrics["rank_ic_mean"], abs=1e-12)
    traded = orrery.backtest(scores, market / "study.yaml", out=tmp_path / "own")
    assert traded.metrics["sharpe"] == pytest.approx(run.metrics["sharpe"], abs=1e-12)
    frame = pd.read_parquet(market / "ohlcv.parquet")
    small = {"portfolio.k": 5, "baselines": False}
    alone = orrery.evaluate(scores, prices=frame, overrides=small)
    assert alone["rank_ic_mean"] == pytest.approx(numbers["rank_ic_mean"], abs=1e-12)


def test_errors_carry_code_origin_and_message(market: Path, tmp_path: Path) -> None:
    with pytest.raises(orrery.errors.NotFoundError, match=r"no such file: nowhere\.yaml") as caught:
        orrery.run("nowhere.yaml")
    assert (caught.value.code, caught.value.origin) == ("not_found", "user")
    with pytest.raises(orrery.errors.InvalidArgumentError, match="did you mean 'k'"):
        orrery.run(market / "study.yaml", overrides={"portfolio.kk": 5})
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken/file").touch()
    with pytest.raises(orrery.errors.AlreadyExistsError):
        orrery.run(market / "study.yaml", out=tmp_path / "taken")
    with pytest.raises(orrery.errors.InvalidArgumentError, match="a study is"):
        orrery.run(42)
    with pytest.raises(orrery.errors.InvalidArgumentError, match="--instruments"):
        _program.call(["simulate", "--instruments", "many", "--out", str(tmp_path / "m")])
    with pytest.raises(orrery.errors.InvalidArgumentError, match="column 'symbol'"):
        orrery.evaluate({"date": ["2024-01-02"], "score": [1.0]}, market / "study.yaml")


def test_a_program_that_is_not_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ORRERY_BINARY", str(tmp_path / "nothing"))
    with pytest.raises(orrery.errors.NotFoundError, match="no such program"):
        orrery.run("study.yaml")


def test_progress_is_told(market: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, int, int]] = []

    class Recorder:
        def show(self, stage: str, done: int, total: int) -> None:
            told.append((stage, done, total))

        def close(self) -> None:
            told.append(("closed", 0, 0))

    monkeypatch.setattr(_program, "make_bar", Recorder)
    orrery.run(market / "study.yaml", out=tmp_path / "run")
    assert len(told) > 2 and told[-1][0] == "closed"


def test_other_threads_run_meanwhile(market: Path, tmp_path: Path) -> None:
    ticks = 0
    worker = threading.Thread(target=lambda: orrery.run(market / "study.yaml", out=tmp_path / "run"))
    worker.start()
    while worker.is_alive():
        time.sleep(0.001)
        ticks += 1
    assert ticks > 5


# Ctrl-C when the prices are read and nearly all the work is still to do.
INTERRUPTED = """
import os, signal, sys
import orrery
from orrery import _program

processes = []
popen = _program.subprocess.Popen

def spawn(*arguments, **options):
    processes.append(popen(*arguments, **options))
    return processes[-1]

class Interrupter:
    def show(self, stage, done, total):
        if stage == "factors":
            os.kill(os.getpid(), signal.SIGINT)

    def close(self):
        pass

_program.subprocess.Popen = spawn
_program.make_bar = Interrupter
try:
    many_rounds = {"name": "lightgbm", "params": {"num_iterations": 100000}}
    orrery.run(sys.argv[1], out=sys.argv[2], overrides={"model": many_rounds}, threads=1)
except KeyboardInterrupt:
    print("interrupted", processes[0].pid, processes[0].returncode)
"""


def test_ctrl_c_stops_the_program_and_leaves_nothing(market: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(INTERRUPTED), str(market / "study.yaml"), str(tmp_path / "run")],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    word, pid, code = done.stdout.split()
    assert word == "interrupted" and int(code) == 130, done.stderr
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid), 0)
    assert not (tmp_path / "run").exists()
    trials = json.loads(_program.call(["trials", "--json"]))["trials"]
    assert trials[-1]["overrides"].count("100000") == 1 and trials[-1]["outcome"] in ("failed", "unfinished")


@pytest.mark.parametrize("first", ["orrery", "others"])
def test_the_extension_lives_beside_other_libraries(first: str, market: Path, tmp_path: Path) -> None:
    """The user's pyarrow and lightgbm are loaded before or after; both work, and the extension brought none of its own."""
    others = "import pyarrow, lightgbm, numpy"
    imports = f"import orrery\n{others}" if first == "orrery" else f"{others}\nimport orrery"
    script = f"""
{imports}
import sys
import pyarrow.parquet as pq
table = pq.read_table(sys.argv[1] + "/ohlcv.parquet")
factors = orrery.factors.compute(table, {{"r5": "Ref($close,5)/$close-1"}}).to_arrow()
x = numpy.random.default_rng(0).normal(size=(200, 3))
lightgbm.train({{"verbose": -1, "num_threads": 1}}, lightgbm.Dataset(x, x[:, 0]), num_boost_round=2)
orrery.run(sys.argv[1] + "/study.yaml", out=sys.argv[2])
loaded = [line.split()[-1] for line in open("/proc/self/maps") if ".so" in line]
private = [path for path in loaded if "/orrery/_libs/" in path]
assert not private, private
print(len(factors))
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(market), str(tmp_path / "run")],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 1000


def test_the_extension_links_the_core_alone() -> None:
    from orrery import _core

    needed = subprocess.run(["ldd", _core.__file__], capture_output=True, text=True, check=True).stdout
    for library in ("arrow", "parquet", "lightgbm", "torch", "gomp"):
        assert library not in needed
