"""A study whose names are traded in several currencies: the run, its account on paper, and what is refused."""

import math
import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
from program import at_home, done, orrery, write_market

STUDY = """name: world
data:
  path: ohlcv.parquet
  currencies: {account: USD, of: currencies.csv, rates: rates.csv, base: EUR}
factors: {extra: {reversal: "Ref($close,5)/$close-1", rate: "$exchange_rate/Ref($exchange_rate,5)-1"}}
preprocess: {label: cs_rank_norm, features: [robust_zscore, {fill_na: 0}]}
model: {name: ridge}
validation: {train: 1y, valid: 3m, test: 6m}
portfolio: {strategy: topk_dropout, k: 10, drop: 2}
costs: {commission_bps: 5, slippage_bps: 5, exchange_bps: 2}
baselines: false
"""
CURRENCIES = ("USD", "EUR", "JPY")


def rates_of(first: date, last: date) -> str:
    """A table as the European Central Bank has it: units of each currency for one euro."""
    source = random.Random(4)
    rates = {"USD": 1.2, "JPY": 130.0}
    lines = ["Date,USD,JPY,"]
    for day in range((last - first).days + 1):
        for currency in rates:
            rates[currency] *= math.exp(0.006 * source.gauss(0.0, 1.0))
        lines.append(f"{first + timedelta(day)},{rates['USD']:.4f},{rates['JPY']:.2f},")
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("currencies")
    with at_home(folder):
        study = write_market(folder, STUDY, 30, 5, 2.5, "--clean")
        market = study.parent
        prices = pd.read_parquet(market / "ohlcv.parquet")
        symbols = sorted(prices.symbol.unique())
        lines = [f"{symbol},{CURRENCIES[place % 3]}" for place, symbol in enumerate(symbols)]
        (market / "currencies.csv").write_text("symbol,currency\n" + "\n".join(lines) + "\n")
        days = pd.to_datetime(prices.date)
        (market / "rates.csv").write_text(rates_of(days.min().date(), days.max().date()))
        done("run", str(study), "--out", str(folder / "run"))
        yield folder


def test_prices_are_exchanged_at_the_rate_of_their_day(folder: Path) -> None:
    prices = pd.read_parquet(folder / "market/ohlcv.parquet")
    prices["date"] = pd.to_datetime(prices.date)
    currency = pd.read_csv(folder / "market/currencies.csv").set_index("symbol").currency
    rates = pd.read_csv(folder / "market/rates.csv", parse_dates=["Date"]).set_index("Date")
    dollars = pd.DataFrame({"USD": 1.0, "EUR": rates.USD, "JPY": rates.USD / rates.JPY}).stack()
    trades = pd.read_parquet(folder / "run/trades.parquet").query("kind == 'trade'")
    trades["date"] = pd.to_datetime(trades.date)
    found = trades.merge(prices[["date", "symbol", "close"]], on=["date", "symbol"])
    assert len(found) == len(trades) > 200
    found["currency"] = found.symbol.map(currency)
    rate = dollars.reindex(pd.MultiIndex.from_frame(found[["date", "currency"]])).to_numpy()
    assert abs(found.price - found.close * rate).max() <= 0.5e-6 + 1e-9  # rounded to a micro-unit
    charged = found.value * (5 + 2 * (found.currency != "USD")) / 1e4
    assert abs(found.commission - charged).max() < 2e-6  # two amounts, each rounded once


def test_both_profits_add_up_to_the_equity(folder: Path) -> None:
    days = pd.read_parquet(folder / "run/currencies.parquet")
    equity = pd.read_parquet(folder / "run/equity.parquet")
    assert set(days.currency) == set(CURRENCIES)
    assert len(days) == 3 * len(equity)
    profit = days.price_profit.sum() + days.exchange_profit.sum()
    costs = equity.commission.sum() + equity.slippage.sum()
    assert profit - costs == pytest.approx(equity.equity.iloc[-1] - 1e8, abs=1e-3)
    assert (days[days.currency == "USD"].exchange_profit == 0.0).all()
    assert days[days.currency == "JPY"].exchange_profit.abs().sum() > 1000.0
    report = (folder / "run/report.html").read_text()
    assert 'id="currencies"' in report
    done("journal", "verify", str(folder / "run"))


def test_an_account_on_paper_does_the_same_trades(folder: Path) -> None:
    said = done("trade", str(folder / "market/study.yaml"), "--account", str(folder / "account"))
    last = pd.read_parquet(folder / "run/equity.parquet").equity.iloc[-1]
    assert f"{last:,.2f}" in said
    done("journal", "verify", str(folder / "account"))


def test_a_bar_without_a_rate_is_named(folder: Path) -> None:
    rates = folder / "market/rates.csv"
    lines = rates.read_text().splitlines()
    rates.write_text("\n".join(lines[:100]) + "\n")
    refused = orrery("run", str(folder / "market/study.yaml"), "--out", str(folder / "refused"))
    rates.write_text("\n".join(lines) + "\n")
    assert refused.returncode != 0
    assert "rates.csv has no rate of EUR in USD on " in refused.stderr
    assert "has a bar" in refused.stderr
    assert not (folder / "refused").exists()
