"""A study with an optimizer and the drawdown ladder, from its file to its tables and its page."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from program import careful_run, careful_study, orrery


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with careful_run(tmp_path_factory.mktemp("ladder")) as folder:
        yield folder


def test_the_optimizer_keeps_its_limits_before_the_ladder(run: Path) -> None:
    weights = pd.read_parquet(run / "weights.parquet")
    sectors = pd.read_csv(run.parent / "market/sectors.csv").set_index("symbol")["sector"]
    wanted = weights[weights.reason == "optimised"]
    assert len(wanted) > 50
    assert wanted.weight.max() <= 0.12 + 1e-9
    by_sector = wanted.assign(sector=wanted.symbol.map(sectors)).groupby(["date", "sector"]).weight.sum()
    assert by_sector.max() <= 0.3 + 1e-8


def test_every_change_of_a_weight_keeps_what_was_asked_and_why(run: Path) -> None:
    weights = pd.read_parquet(run / "weights.parquet")
    changed = weights[weights.asked.notna() & (weights.asked != weights.weight)]
    assert len(changed) > 0
    assert changed.reason.str.contains("risk level").all()
    assert (changed.weight.abs() <= changed.asked.abs() + 1e-12).all()


def test_levels_follow_the_drawdown_of_the_equity(run: Path) -> None:
    events = pd.read_parquet(run / "risk_events.parquet")
    equity = pd.read_parquet(run / "equity.parquet").set_index("date").equity
    mark, level = equity.iloc[0], 0
    highest = {event.date: event for event in events.itertuples()}
    for date, value in equity.items():
        mark = max(mark, value)
        event = highest.get(date)
        if event is None:
            assert 1 - value / mark < [0.01, 0.02, 0.03, 0.06, 1][level] + 1e-12
            continue
        assert event._2 == level  # from
        if "drawdown of" in event.cause and event.to > level:
            assert event.drawdown == pytest.approx(1 - value / mark, abs=1e-9)
        if "confirmed" in event.cause:
            mark = value
        level = event.to
    assert events["to"].max() >= 3
    assert np.abs(np.diff(np.r_[0, events["to"]]))[events["to"] < events["from"]].max() == 1


def test_the_page_shows_the_ladder_and_the_result_without_it(run: Path) -> None:
    page = (run / "report.html").read_text()
    assert "The drawdown ladder" in page
    assert "without it" in page
    assert "the backtest did so after 5 sessions without a position" in page


def test_the_books_of_a_laddered_run_can_be_rebuilt(run: Path) -> None:
    answer = orrery("journal", "verify", str(run))
    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("levels: [0.05, 0.04, 0.12, 0.15]", "must ascend"),
        ("levels: [0.05]", "four numbers"),
        ("multiplier: [1, 1, 1, 1]", "did you mean 'multipliers'"),
    ],
)
def test_a_ladder_that_makes_no_sense_is_refused_with_its_place(run: Path, text: str, complaint: str) -> None:
    study = run.parent / "market/bad.yaml"
    kept = careful_study().splitlines(keepends=True)[:-1]
    study.write_text("".join(kept) + "risk: {ladder: {" + text + "}}\n")
    answer = orrery("run", str(study), "--out", str(run.parent / "bad"))
    assert answer.returncode == 1
    assert "bad.yaml:9:" in answer.stderr
    assert complaint in answer.stderr
