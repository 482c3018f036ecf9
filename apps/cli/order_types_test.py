"""A study whose orders have a price and whose decisions take several sessions, from its file to its tables."""

from pathlib import Path

import pandas as pd
from program import at_home, done, study_of, write_market

ORDERS = "execution: {order: {type: limit, offset: 0.01}, slices: {sessions: 3}}\n"


def test_limits_are_kept_and_the_books_can_be_rebuilt(tmp_path: Path) -> None:
    portfolio = "strategy: top_quantile, quantile: 0.3, every: 5"
    with at_home(tmp_path):
        study = write_market(tmp_path, study_of("limits", ORDERS, portfolio), 30, 4, 2)
        run = tmp_path / "run"
        done("run", str(study), "--out", str(run))
        done("journal", "verify", str(run))
        done("trade", str(study), "--account", str(tmp_path / "account"))
        done("journal", "verify", str(tmp_path / "account"))
    trades = pd.read_parquet(run / "trades.parquet")
    assert len(pd.read_parquet(tmp_path / "account/run/trades.parquet")) == len(trades)
    bars = pd.read_parquet(tmp_path / "market/ohlcv.parquet").drop_duplicates(["date", "symbol"])
    bars = bars.sort_values("date").set_index(["date", "symbol"])
    bars["before"] = bars.groupby("symbol").close.shift()
    trades = trades[trades.kind == "trade"]
    bar = bars.loc[pd.MultiIndex.from_frame(trades[["date", "symbol"]])]
    assert (trades.price.to_numpy() <= bar.high.to_numpy() + 1e-6).all()
    assert (trades.price.to_numpy() >= bar.low.to_numpy() - 1e-6).all()
    # Purchases open or enlarge long positions here: each has a limit of 1 % under the last close.
    bought = (trades.side == "buy").to_numpy()
    assert bought.sum() > 50
    limit = 0.99 * bar.before.to_numpy()[bought]
    assert (trades.price.to_numpy()[bought] <= limit + 1e-6).all()
    assert (bar.low.to_numpy()[bought] < limit).all()
    unfilled = pd.read_parquet(run / "unfilled.parquet")
    assert (unfilled.reason == "price").sum() > 50
