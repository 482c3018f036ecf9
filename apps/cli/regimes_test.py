"""A study with regimes of the market: from its file to its tables, its page and its account."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from program import at_home, done, orrery, write_market

STUDY = """name: gated
data: {path: ohlcv.parquet}
factors: {extra: {r5: "Ref($close,5)/$close-1", v20: "Std($close/Ref($close,1)-1,20)"}}
preprocess: {label: cs_rank_norm, features: [robust_zscore, {clip: 3}, {fill_na: 0}]}
model: {name: ridge}
validation: {train: 1y, valid: 3m, test: 6m}
portfolio: {strategy: topk_dropout, k: 8, drop: 1}
risk: {ladder: {levels: [0.02, 0.04, 0.06, 0.10], gate: {sessions: 3}, ramp: 2, confirm: {after: 5}}}
regimes:
  history: 200
  refit: 40
  min_probability: 0.55
  min_sessions: 2
  states:
    - {name: calm}
    - {name: wild, gross: 0.5, portfolio: {strategy: top_quantile, quantile: 0.3, every: 5}}
baselines: false
"""
BOOKED = (
    "quantity_micros",
    "price_micros",
    "value_micros",
    "commission_micros",
    "slippage_micros",
    "order_id",
    "reason",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("regimes")
    with at_home(folder):
        done("run", str(write_market(folder, STUDY, 30, 8, 3)), "--out", str(folder / "run"))
        yield folder


def test_the_table_says_which_regime_held_when(folder: Path) -> None:
    table = pd.read_parquet(folder / "run/regimes.parquet")
    known = table[table.regime != ""]
    assert set(known.regime) == {"calm", "wild"}
    assert (known.probability_calm + known.probability_wild).to_numpy() == pytest.approx(1.0, abs=1e-12)
    assert (known.gross == np.where(known.regime == "wild", 0.5, 1.0)).all()
    assert table.probability_calm[:219].isna().all()  # 20 sessions to the first volatility, 200 to the first fit
    assert table.probability_calm[219:].notna().all()
    # A state has to be likely enough on two sessions in a row.
    likely = np.where(known.probability_calm >= 0.55, "calm", np.where(known.probability_wild >= 0.55, "wild", ""))
    changes = np.flatnonzero(known.regime.to_numpy()[1:] != known.regime.to_numpy()[:-1]) + 1
    assert len(changes) > 2
    for place in changes:
        assert likely[place] == likely[place - 1] == known.regime.iloc[place]


def test_weights_of_a_regime_are_scaled_with_the_reason_beside(folder: Path) -> None:
    weights = pd.read_parquet(folder / "run/weights.parquet")
    regime = pd.read_parquet(folder / "run/regimes.parquet").set_index("date").regime
    gated = weights[weights.reason.str.contains("regime wild: top_quantile, 0.5 of the weight")]
    assert len(gated) > 50
    assert (regime.loc[gated.date] == "wild").all()
    # Where nothing else changed the weight it is half of what was asked for.
    alone = gated[~gated.reason.str.contains("risk level") & (gated.weight != 0) & gated.asked.notna()]
    assert len(alone) > 50
    exact = np.isclose(alone.weight, 0.5 * alone.asked, rtol=0, atol=1e-15)
    assert exact.mean() > 0.5
    assert alone.weight.to_numpy() == pytest.approx(0.5 * alone.asked.to_numpy(), rel=0.1)  # left alone
    assert not weights[weights.date.map(regime) == "calm"].reason.str.contains("regime").any()


def test_the_page_shows_the_regimes(folder: Path) -> None:
    page = (folder / "run/report.html").read_text()
    assert "Regimes of the market" in page
    assert "fitted" in page
    assert "each time on the past alone" in page
    assert "without them" in page
    assert "top_quantile, 0.5 of the weight" in page


def test_the_account_does_the_same_however_often_it_stops(folder: Path) -> None:
    expected = pd.read_parquet(folder / "run/trades.parquet")
    dates = pd.read_parquet(folder / "run/equity.parquet").date
    account = folder / "account"
    for until in [*dates.iloc[40::60].astype(str), None]:
        stop = [] if until is None else ["--until", until[:10]]
        done("trade", str(folder / "market/study.yaml"), "--account", str(account), *stop)
    with sqlite3.connect(account / "books.sqlite") as books:
        found = pd.read_sql("SELECT * FROM entries ORDER BY number", books)
    assert len(found) == len(expected) > 500
    for column in BOOKED:
        assert (found[column].to_numpy() == expected[column].to_numpy()).all(), column


def test_the_doctor_finds_no_future_in_it(folder: Path) -> None:
    answer = orrery("doctor", "lookahead", str(folder / "market/study.yaml"))
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_a_gross_of_one_is_the_study_without_regimes(folder: Path) -> None:
    study = folder / "market/plain.yaml"
    plain = STUDY[: STUDY.index("regimes:")] + "baselines: false\n"
    study.write_text(plain)
    done("run", str(study), "--out", str(folder / "plain"))
    study.write_text(plain + "regimes: {history: 200, states: [{name: a}, {name: b}, {name: c}]}\n")
    done("run", str(study), "--out", str(folder / "ungated"))
    for table in ("weights", "trades", "equity"):
        pd.testing.assert_frame_equal(
            pd.read_parquet(folder / f"plain/{table}.parquet"), pd.read_parquet(folder / f"ungated/{table}.parquet")
        )
    without = json.loads((folder / "plain/metrics.json").read_text())
    assert without == json.loads((folder / "ungated/metrics.json").read_text())


def test_rules_need_no_model(folder: Path) -> None:
    study = folder / "market/rules.yaml"
    study.write_text(
        STUDY[: STUDY.index("regimes:")]
        + """baselines: false
regimes:
  method: rules
  windows: {volatility: 10, trend: 30, correlation: 20}
  min_sessions: 1
  states:
    - {name: falling, when: {trend: {below: 0}}, gross: 0}
    - {name: together, when: {correlation: {above: 0.3}, volatility: {above: 0.1}}, gross: 0.5}
    - {name: usual}
"""
    )
    done("run", str(study), "--out", str(folder / "rules"))
    table = pd.read_parquet(folder / "rules/regimes.parquet")
    known = table[table[["trend", "correlation", "volatility"]].notna().all(axis=1)]
    expected = np.where(
        known.trend < 0, "falling", np.where((known.correlation > 0.3) & (known.volatility > 0.1), "together", "usual")
    )
    assert (known.regime == expected).all()
    equity = pd.read_parquet(folder / "rules/equity.parquet").set_index("date")
    falling = table.set_index("date").regime.eq("falling")
    flat = falling & falling.shift(1, fill_value=False) & falling.shift(2, fill_value=False)
    assert (equity.positions[flat.reindex(equity.index)] == 0).all()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{states: [{name: a}]}", "2 to 4; found 1"),
        ("{states: [{name: a}, {name: b, gros: 1}]}", "did you mean 'gross'"),
        ("{states: [{name: a}, {name: b, gross: 1.5}]}", "regimes.states[2].gross"),
        ("{method: rules, states: [{name: a, when: {vola: {above: 1}}}, {name: b}]}", "found 'vola'"),
        ("{states: [{name: a}, {name: b, portfolio: {strategy: topk}}]}", "topk_dropout"),
        ("{of: NOBODY, states: [{name: a}, {name: b}]}", "NOBODY"),
    ],
)
def test_regimes_that_make_no_sense_are_refused(folder: Path, text: str, complaint: str) -> None:
    study = folder / "market/bad.yaml"
    study.write_text(STUDY[: STUDY.index("regimes:")] + f"regimes: {text}\n")
    answer = orrery("run", str(study), "--out", str(folder / "bad"))
    assert answer.returncode == 1
    assert complaint in answer.stderr
