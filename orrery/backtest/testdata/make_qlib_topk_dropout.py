#!/usr/bin/env python3
"""Make the golden numbers of qlib_parity_test.cc with qlib itself, on prices that this script makes up.

usage: make_qlib_topk_dropout.py [FOLDER]      (default: the folder of this script)
needs: pyqlib 0.9.7, pandas 2.2, numpy 2.2

Writes qlib_market.csv (date, symbol, close, score; a name without a row has no bar that day) and
qlib_topk_dropout.csv (scenario, date, value, cash, cost, names: the account after each session).
Prices are multiples of 1/64, so that they are exact both in qlib's float32 store and in micro-units.
"""

import logging
import os
import sys
import tempfile

os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")
import numpy as np
import pandas as pd
import qlib
from qlib.contrib.evaluate import backtest_daily
from qlib.contrib.strategy import TopkDropoutStrategy

SESSIONS, NAMES = 90, 30
SCENARIOS = {
    "plain": dict(strategy=dict(topk=8, n_drop=2), open_cost=0.001, close_cost=0.001, min_cost=0, account=1e6),
    "min_cost": dict(
        strategy=dict(topk=5, n_drop=1, risk_degree=0.8), open_cost=0.0015, close_cost=0.0015, min_cost=5, account=2e4
    ),
    "hold": dict(
        strategy=dict(topk=6, n_drop=3, hold_thresh=4), open_cost=0.0005, close_cost=0.0005, min_cost=0, account=1e6
    ),
    "all_at_once": dict(strategy=dict(topk=10, n_drop=10), open_cost=0.0, close_cost=0.0, min_cost=0, account=1e6),
}


def make_market():
    rng = np.random.default_rng(20)
    dates = pd.bdate_range("2021-01-04", periods=SESSIONS)
    symbols = [f"SIM{i:02d}" for i in range(NAMES)]
    log_price = np.log(rng.uniform(10, 200, NAMES)) + np.cumsum(rng.normal(0, 0.02, (SESSIONS, NAMES)), axis=0)
    close = np.round(np.exp(log_price) * 64) / 64
    for _ in range(25):  # halts of one to four sessions, never at the ends
        name, start = rng.integers(NAMES), rng.integers(2, SESSIONS - 6)
        close[start : start + rng.integers(1, 5), name] = np.nan
    for name in range(NAMES):  # no run of five missing sessions: nothing is delisted
        run = 0
        for t in range(SESSIONS):
            run = run + 1 if np.isnan(close[t, name]) else 0
            if run == 4:
                close[t, name], run = 50.0, 0
    state = np.zeros(NAMES)
    score = np.empty((SESSIONS, NAMES))
    for t in range(SESSIONS):
        state = 0.8 * state + rng.normal(0, 1, NAMES)
        score[t] = np.round(state, 6)
    score[np.isnan(close)] = np.nan
    return dates, symbols, close, score


def write_store(root, dates, symbols, close):
    """qlib's binary layout, without a factor field: fractional shares."""
    os.makedirs(f"{root}/calendars")
    os.makedirs(f"{root}/instruments")
    days = [str(day.date()) for day in dates]
    open(f"{root}/calendars/day.txt", "w").write("\n".join(days) + "\n")
    lines = [f"{symbol}\t{days[0]}\t{days[-1]}" for symbol in symbols]
    open(f"{root}/instruments/all.txt", "w").write("\n".join(lines) + "\n")
    for i, symbol in enumerate(symbols):
        folder = f"{root}/features/{symbol.lower()}"
        os.makedirs(folder)
        volume = np.where(np.isnan(close[:, i]), np.nan, 1e9)
        for field, values in (("close", close[:, i]), ("volume", volume), ("change", np.zeros(len(days)))):
            np.hstack([[0.0], values]).astype("<f4").tofile(f"{folder}/{field}.day.bin")


def run_scenario(name, settings, dates, signal):
    costs = {key: settings[key] for key in ("open_cost", "close_cost", "min_cost")}
    report, positions = backtest_daily(
        start_time=dates[1],
        end_time=dates[-2],
        account=settings["account"],
        benchmark=signal.groupby(level="datetime").mean() * 0,
        strategy=TopkDropoutStrategy(signal=signal, **settings["strategy"]),
        exchange_kwargs=dict(freq="day", limit_threshold=None, deal_price="close", **costs),
    )
    for date in report.index:
        position = positions[date].position
        names = sorted(key for key in position if isinstance(position[key], dict))
        yield dict(
            scenario=name,
            date=date.date(),
            value=repr(float(report["account"][date])),
            cash=repr(float(position["cash"])),
            cost=repr(float(report["total_cost"][date])),
            names=";".join(names),
        )


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    dates, symbols, close, score = make_market()
    rows = [
        dict(date=dates[t].date(), symbol=symbols[i], close=repr(float(close[t, i])), score=repr(float(score[t, i])))
        for t in range(SESSIONS)
        for i in range(NAMES)
        if not np.isnan(close[t, i])
    ]
    pd.DataFrame(rows).to_csv(f"{folder}/qlib_market.csv", index=False)
    with tempfile.TemporaryDirectory() as root:
        write_store(root, dates, symbols, close)
        qlib.init(
            provider_uri=root,
            region="us",
            expression_cache=None,
            dataset_cache=None,
            kernels=1,
            logging_level=logging.ERROR,
        )
        signal = pd.DataFrame(
            score, index=pd.Index(dates, name="datetime"), columns=pd.Index(symbols, name="instrument")
        ).stack()
        golden = [row for name, settings in SCENARIOS.items() for row in run_scenario(name, settings, dates, signal)]
    pd.DataFrame(golden).to_csv(f"{folder}/qlib_topk_dropout.csv", index=False)


if __name__ == "__main__":
    main()
