"""A study with pre-trade checks, from its file to its tables and its page."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from program import ENVIRONMENT, orrery

CHECKS = "checks: {price_collar: 0.03, max_notional: 12000000, rate: {orders: 8}, duplicate: {}, restricted: [A003]}\n"
STUDY = """name: checked
data: {path: ohlcv.parquet}
factors: {extra: {r5: "Ref($close,5)/$close-1"}}
preprocess: {label: cs_rank_norm, features: [robust_zscore, {clip: 3}, {fill_na: 0}]}
model: {name: ridge}
validation: {train: 1y, valid: 3m, test: 6m}
portfolio: {strategy: topk_dropout, k: 10, drop: 2}
baselines: false
"""


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("checks")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(ENVIRONMENT, "ORRERY_HOME", str(folder / "home"))
        made = orrery("simulate", "--instruments", "30", "--years", "2", "--seed", "4", "--out", str(folder))
        assert made.returncode == 0, made.stderr
        yield folder


def run_study(market: Path, name: str, text: str) -> Path:
    (market / f"{name}.yaml").write_text(text)
    done = orrery("run", str(market / f"{name}.yaml"), "--out", str(market / name))
    assert done.returncode == 0, done.stderr
    return market / name


@pytest.fixture(scope="module")
def run(market: Path) -> Path:
    symbol = sorted(pd.read_parquet(market / "ohlcv.parquet").symbol.unique())[3]
    return run_study(market, "checked", STUDY + CHECKS.replace("A003", symbol))


def test_every_refused_order_has_its_rule_and_figures(run: Path) -> None:
    findings = pd.read_parquet(run / "order_checks.parquet")
    unfilled = pd.read_parquet(run / "unfilled.parquet")
    refused = unfilled[unfilled.reason == "refused"]
    assert set(findings.rule) >= {"price_collar", "restricted_list", "order_rate"}
    assert sorted(findings.order_id) == sorted(refused.order_id)
    assert (findings.figures.str.len() > 0).all()
    trades = pd.read_parquet(run / "trades.parquet")
    assert not set(refused.order_id) & set(trades[trades.kind == "trade"].order_id)


def test_what_is_refused_could_not_be_traded(run: Path) -> None:
    trades = pd.read_parquet(run / "trades.parquet")
    trades = trades[trades.kind == "trade"]
    findings = pd.read_parquet(run / "order_checks.parquet")
    restricted = findings[findings.rule == "restricted_list"].symbol.unique()
    assert len(restricted) == 1
    assert restricted[0] not in set(trades.symbol)
    assert trades.groupby("date").order_id.nunique().max() <= 8


def test_collars_are_those_of_the_opens(run: Path) -> None:
    bars = pd.read_parquet(run.parent / "ohlcv.parquet").sort_values("date").drop_duplicates(["date", "symbol"])
    bars["gap"] = bars.open / bars.groupby("symbol").close.shift() - 1
    gap = bars.set_index(["date", "symbol"]).gap.sort_index()
    findings = pd.read_parquet(run / "order_checks.parquet")
    for finding in findings[findings.rule == "price_collar"].itertuples():
        assert abs(gap[finding.date, finding.symbol]) > 0.03


def test_the_page_says_which_rule_refused_what(run: Path) -> None:
    page = (run / "report.html").read_text()
    assert "Checks of orders" in page
    assert "restricted_list" in page


def test_checks_that_nothing_breaks_leave_the_trades_as_they_are(market: Path) -> None:
    free = pd.read_parquet(run_study(market, "free", STUDY) / "trades.parquet")
    loose = run_study(market, "loose", STUDY + "checks: {price_collar: 10, rate: {orders: 1000}, duplicate: {}}\n")
    pd.testing.assert_frame_equal(pd.read_parquet(loose / "trades.parquet"), free)
    assert "let all" in (loose / "report.html").read_text()
    assert not (market / "free/order_checks.parquet").exists()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("price_collar: 0", "checks.price_collar: must be above 0, found 0"),
        ("price_colar: 0.1", "did you mean 'price_collar'"),
        ("rate: {seconds: 1}", "checks.rate.orders: is missing"),
        ("max_notional: 1e15", "max_notional must be above 0 and at most"),
        ("restricted: GME", "must be a list of symbols"),
    ],
)
def test_checks_that_make_no_sense_are_refused_with_their_place(market: Path, text: str, complaint: str) -> None:
    (market / "bad.yaml").write_text(STUDY + "checks: {" + text + "}\n")
    answer = orrery("run", str(market / "bad.yaml"), "--out", str(market / "bad"))
    assert answer.returncode == 1
    assert "bad.yaml:9:" in answer.stderr
    assert complaint in answer.stderr


def test_a_restricted_symbol_that_there_is_not_is_told(market: Path) -> None:
    (market / "unknown.yaml").write_text(STUDY + "checks: {restricted: [NOBODY]}\n")
    answer = orrery("run", str(market / "unknown.yaml"), "--out", str(market / "unknown"))
    assert answer.returncode == 1
    assert "no symbol 'NOBODY' to restrict" in answer.stderr
