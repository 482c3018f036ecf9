#!/usr/bin/env python3
"""Make the golden numbers of qlib_parity_test.cc with qlib itself, on prices that this script makes up.

usage: PYTHONHASHSEED=0 MLFLOW_ALLOW_FILE_STORE=true make_qlib_topk_dropout.py [FOLDER]
       (default: the folder of this script; qlib sells in the order of a set, so the last digits follow the hash seed)
needs: pyqlib 0.9.7, pandas 2.2, numpy 2.2

Writes qlib_market.csv (date, symbol, close, score; a name without a row has no bar that day) and
qlib_topk_dropout.csv (scenario, date, value, cash, cost, names: the account after each session).
Prices are multiples of 1/64, so that they are exact both in qlib's float32 store and in micro-units.
"""

import logging
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import qlib
from qlib.contrib.evaluate import backtest_daily
from qlib.contrib.strategy import TopkDropoutStrategy

SESSIONS, NAMES = 90, 30
# name: strategy settings, cost of one side, least cost, account
SCENARIOS = {
    "plain": ({"topk": 8, "n_drop": 2}, 0.001, 0, 1e6),
    "min_cost": ({"topk": 5, "n_drop": 1, "risk_degree": 0.8}, 0.0015, 5, 2e4),
    "hold": ({"topk": 6, "n_drop": 3, "hold_thresh": 4}, 0.0005, 0, 1e6),
    "all_at_once": ({"topk": 10, "n_drop": 10}, 0.0, 0, 1e6),
}


def halt_some(close: np.ndarray, rng: np.random.Generator) -> None:
    """Take out runs of one to four sessions, never at the ends and never five in a row (nothing is delisted)."""
    for _ in range(25):
        name, start = rng.integers(NAMES), rng.integers(2, SESSIONS - 6)
        close[start : start + rng.integers(1, 5), name] = np.nan
    for name in range(NAMES):
        run = 0
        for t in range(SESSIONS):
            run = run + 1 if np.isnan(close[t, name]) else 0
            if run == 4:
                close[t, name], run = 50.0, 0


def make_market() -> tuple[pd.DatetimeIndex, list[str], np.ndarray, np.ndarray]:
    rng = np.random.default_rng(20)
    dates = pd.bdate_range("2021-01-04", periods=SESSIONS)
    symbols = [f"SIM{i:02d}" for i in range(NAMES)]
    log_price = np.log(rng.uniform(10, 200, NAMES)) + np.cumsum(rng.normal(0, 0.02, (SESSIONS, NAMES)), axis=0)
    close = np.round(np.exp(log_price) * 64) / 64
    halt_some(close, rng)
    state = np.zeros(NAMES)
    score = np.empty((SESSIONS, NAMES))
    for t in range(SESSIONS):
        state = 0.8 * state + rng.normal(0, 1, NAMES)
        score[t] = np.round(state, 6)
    score[np.isnan(close)] = np.nan
    return dates, symbols, close, score


def write_store(root: Path, dates: pd.DatetimeIndex, symbols: list[str], close: np.ndarray) -> None:
    """Write qlib's binary layout, without a factor field: fractional shares."""
    days = [str(day.date()) for day in dates]
    lines = [f"{symbol}\t{days[0]}\t{days[-1]}" for symbol in symbols]
    for file, text in (("calendars/day.txt", days), ("instruments/all.txt", lines)):
        (root / file).parent.mkdir()
        (root / file).write_text("\n".join(text) + "\n")
    for i, symbol in enumerate(symbols):
        folder = root / "features" / symbol.lower()
        folder.mkdir(parents=True)
        volume = np.where(np.isnan(close[:, i]), np.nan, 1e9)
        for field, values in (("close", close[:, i]), ("volume", volume), ("change", np.zeros(len(days)))):
            np.hstack([[0.0], values]).astype("<f4").tofile(folder / f"{field}.day.bin")


def run_scenario(name: str, dates: pd.DatetimeIndex, signal: pd.Series) -> Iterator[dict[str, Any]]:
    settings, cost, min_cost, account = SCENARIOS[name]
    report, positions = backtest_daily(
        start_time=dates[1],
        end_time=dates[-2],
        account=account,
        benchmark=signal.groupby(level="datetime").mean() * 0,
        strategy=TopkDropoutStrategy(signal=signal, **settings),
        exchange_kwargs={
            "freq": "day",
            "limit_threshold": None,
            "deal_price": "close",
            "open_cost": cost,
            "close_cost": cost,
            "min_cost": min_cost,
        },
    )
    for date in report.index:
        position = positions[date].position
        names = sorted(key for key in position if isinstance(position[key], dict))
        yield {
            "scenario": name,
            "date": date.date(),
            "value": repr(float(report["account"][date])),
            "cash": repr(float(position["cash"])),
            "cost": repr(float(report["total_cost"][date])),
            "names": ";".join(names),
        }


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent
    dates, symbols, close, score = make_market()
    rows = [
        {
            "date": dates[t].date(),
            "symbol": symbols[i],
            "close": repr(float(close[t, i])),
            "score": repr(float(score[t, i])),
        }
        for t in range(SESSIONS)
        for i in range(NAMES)
        if not np.isnan(close[t, i])
    ]
    pd.DataFrame(rows).to_csv(folder / "qlib_market.csv", index=False)
    index = pd.Index(dates, name="datetime")
    signal = pd.DataFrame(score, index=index, columns=pd.Index(symbols, name="instrument")).stack()
    with tempfile.TemporaryDirectory() as root:
        write_store(Path(root), dates, symbols, close)
        qlib.init(
            provider_uri=root,
            region="us",
            expression_cache=None,
            dataset_cache=None,
            kernels=1,
            logging_level=logging.ERROR,
        )
        golden = [row for name in SCENARIOS for row in run_scenario(name, dates, signal)]
    pd.DataFrame(golden).to_csv(folder / "qlib_topk_dropout.csv", index=False)


if __name__ == "__main__":
    main()
