"""A study with pre-trade checks, from its file to its tables and its page."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from program import at_home, done, orrery, study_of, write_market

CHECKS = "checks: {price_collar: 0.03, max_notional: 12000000, rate: {orders: 8}, duplicate: {}, restricted: [A003]}\n"
STUDY = study_of("checked", portfolio="strategy: topk_dropout, k: 10, drop: 2")


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("checks")
    with at_home(folder):
        yield write_market(folder, STUDY, 30, 4, 2).parent


def run_study(market: Path, name: str, text: str) -> Path:
    (market / f"{name}.yaml").write_text(text)
    done("run", str(market / f"{name}.yaml"), "--out", str(market / name))
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


COMPLIANCE = """compliance:
  jurisdiction: us
  account: margin
  pattern_day_trading: block
  wash_sales: {mode: warn, lots: highest_cost}
  short_sales: {borrow: [NAMES], mode: block}
  position_limits: {max_shares: 2000}
execution: {initial_cash: 1000000}
"""


@pytest.fixture(scope="module")
def ruled(market: Path) -> Path:
    symbols = sorted(pd.read_parquet(market / "ohlcv.parquet").symbol.unique())
    text = STUDY.replace("topk_dropout, k: 10, drop: 2", "long_short_quantile, gross: 1.0")
    return run_study(market, "ruled", text + COMPLIANCE.replace("NAMES", ", ".join(symbols[::2])))


def test_rules_refuse_and_warn_with_figures(ruled: Path) -> None:
    findings = pd.read_parquet(ruled / "order_checks.parquet")
    by_rule = findings.groupby("rule").verdict.unique()
    assert set(by_rule["short_sale_borrow"]) == {"refused"}
    assert set(by_rule["position_limits"]) == {"refused"}
    assert set(by_rule["wash_sales"]) == {"warned"}
    positions = pd.read_parquet(ruled / "positions.parquet")
    assert positions.quantity.abs().max() <= 2000
    symbols = sorted(pd.read_parquet(ruled.parent / "ohlcv.parquet").symbol.unique())
    assert set(positions[positions.quantity < 0].symbol) <= set(symbols[::2])


def test_lots_add_up_to_the_books(ruled: Path) -> None:
    lots = pd.read_parquet(ruled / "realised_lots.parquet")
    trades = pd.read_parquet(ruled / "trades.parquet")
    assert (lots.disallowed > 0).any()
    assert (lots.recognised - lots.gain - lots.disallowed).abs().max() < 1e-6
    assert (lots.loc[lots.disallowed > 0, "gain"] < 0).all()
    assert (lots.held_since <= lots.acquired).all()
    assert set(lots.term) <= {"long", "short"}
    closed = lots.groupby("symbol").quantity.apply(lambda shares: shares.abs().sum())
    traded = trades[trades.kind == "trade"].groupby("symbol").quantity.sum()
    assert (closed * 2 <= traded.reindex(closed.index) + 1e-3).all()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("jurisdiction: mars, wash_sales: warn", "holds in the jurisdictions us, not in 'mars'"),
        ("wash_sales: sometimes", "account, warn, block"),
        ("pattern_day_trade: block", "did you mean 'pattern_day_trading'"),
        ("account: savings", "margin, cash"),
        ("short_sales: {locate: [A]}", "short_sales.locate"),
    ],
)
def test_rules_that_make_no_sense_are_refused_with_their_place(market: Path, text: str, complaint: str) -> None:
    (market / "bad.yaml").write_text(STUDY + "compliance: {" + text + "}\n")
    answer = orrery("run", str(market / "bad.yaml"), "--out", str(market / "bad"))
    assert answer.returncode == 1
    assert "bad.yaml:9:" in answer.stderr
    assert complaint in answer.stderr


def chained(lines: list[str]) -> str:
    link, text = bytes(32), ""
    for number, line in enumerate(lines, 1):
        record = f'{line[:-1]},"n":{number}'
        link = hashlib.sha256(link + record.encode()).digest()
        text += f'{record},"link":"{link.hex()}"}}\n'
    return text


def test_a_chain_made_by_hand_is_checked_line_by_line(tmp_path: Path) -> None:
    file = tmp_path / "audit.jsonl"
    text = chained(['{"kind":"order"}', '{"kind":"trade"}', '{"kind":"order"}'])
    file.write_text(text)
    good = orrery("journal", "chain", str(file))
    assert good.returncode == 0
    assert good.stdout.startswith("3 lines are what was written")
    lines = text.splitlines(keepends=True)
    file.write_text(lines[0] + lines[2])
    bad = orrery("journal", "chain", str(file))
    assert bad.returncode == 1
    assert "line 2 has the number 3: what stood before it was removed" in bad.stderr
    file.write_text(lines[0] + lines[1])
    short = orrery("journal", "chain", str(file), "--link", json.loads(lines[2])["link"], "--json")
    assert short.returncode == 1
    assert json.loads(short.stdout)["fault"]["line"] == 3
