"""Whole backtests beside vectorbt, nautilus_trader and backtrader: how long they take, and whether the equity at the end is right.

usage: event_engine.py ORRERY_BINARY SHARED OUT [--trial]

orrery_event_engine_bench lies beside the binary. Three kinds of work on simulated prices, one thread but for the last:

rebalance   500 names x 5,000 days, 50 of them anew every 20 days (vectorbt: from_orders, target percents, cash shared)
crossing    1 million bars of one name, in it while the mean of 10 is above that of 20, means included; nautilus_trader and
            backtrader on 100,000 of the bars and on all their events, their rate counts. nautilus_trader's own example goes long
            and short with a fixed size: fewer bookkeeping, more orders; it is compared by its rate alone
sweep       the first work every 1, 2, ... 32 days, on one core and on all

The equity at the end is held to a slow account written here, of Orrery, vectorbt and backtrader each by its own rules of sizing and filling
(relative 1e-6: Orrery counts in millionths). Orrery's runs leave nothing out: every position, weight and booking is recorded. Writes
OUT/event_engine.json and prints a table; fails where a value is wrong, or without --trial where a bar is missed.
--trial takes a tenth of the data, and times nothing that counts.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[variable] = "1"  # before NumPy comes
warnings.filterwarnings("ignore")

import backtrader  # noqa: E402
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
import vectorbt  # noqa: E402

TRIAL = "--trial" in sys.argv
PART = 10 if TRIAL else 1
NAMES, DAYS, HELD, EVERY, INVEST, FEES = 500, 5000 // PART, 50, 20, 0.95, 0.0005
BARS, PEER_BARS, FAST, SLOW = 1_000_000 // PART, 100_000 // PART, 10, 20
SWEEP = 32
REPEATS, OWN_REPEATS = 3, 7
TOLERANCE = 1e-6
BARS_TO_BEAT = {"rebalance": {"vectorbt": 5.0}, "crossing": {"nautilus_trader": 50.0, "backtrader": 100.0}}


class Own:
    """orrery_event_engine_bench and a folder for its files."""

    def __init__(self, program: Path, folder: Path) -> None:
        self.program, self.folder = program, folder

    def write(self, name: str, values: np.ndarray) -> str:
        path = self.folder / name
        np.ascontiguousarray(values, dtype="<f8").tofile(path)
        return str(path)

    def __call__(self, *arguments: object) -> dict:
        done = subprocess.run([self.program, *map(str, arguments)], check=True, capture_output=True, text=True)
        return json.loads(done.stdout)


def timed(work: Callable[[], float], repeats: int) -> tuple[float, float]:
    """Returns the median of the seconds and the last result; a first call is for what compiles itself."""
    result, seconds = work(), []
    for _ in range(repeats):
        start = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds), result


def check(what: str, found: float, expected: float) -> None:
    if not abs(found / expected - 1.0) <= TOLERANCE:
        sys.exit(f"event_engine: {what}: equity at the end is {found:.6f}, by the slow account {expected:.6f}")


def make_prices() -> tuple[np.ndarray, np.ndarray]:
    """Closes, and scores of which the largest tenth is to be held."""
    random = np.random.default_rng(3)
    closes = np.exp(
        np.log(20 + 80 * random.random(NAMES)) + np.cumsum(random.normal(0.0002, 0.02, (DAYS, NAMES)), axis=0)
    )
    return np.round(closes, 4), random.random((DAYS, NAMES))


def make_bars() -> np.ndarray:
    return np.round(100.0 * np.exp(np.cumsum(np.random.default_rng(5).normal(0, 0.0005, BARS))), 4)


def account_of_rebalances(closes: np.ndarray, scores: np.ndarray, every: int, *, delay: int) -> float:
    """Shares are sized by value and prices of the decision's close (invested: INVEST) and traded `delay` closes later at FEES."""
    cash, shares, plan = 1e8, np.zeros(NAMES), {}
    for day in range(len(closes)):
        prices = closes[day]
        decisions = [day - delay] if day - delay in plan else []
        if delay and decisions:
            cash, shares = trade(cash, shares, plan.pop(decisions[0]), prices)
        if day % every == 0:
            wanted = np.zeros(NAMES)
            best = np.argsort(-scores[day], kind="stable")[:HELD]
            wanted[best] = INVEST / HELD * (cash + shares @ prices) / prices[best]
            if delay:
                plan[day] = wanted
            else:
                cash, shares = trade(cash, shares, wanted, prices)
    return cash + float(shares @ closes[-1])


def trade(cash: float, shares: np.ndarray, wanted: np.ndarray, prices: np.ndarray) -> tuple[float, np.ndarray]:
    change = wanted - shares
    return cash - float(change @ prices) - FEES * float(np.abs(change) @ prices), wanted


def account_of_crossings(prices: np.ndarray, above: np.ndarray) -> float:
    """Whole shares for INVEST of the equity at the close of the crossing, traded at the next close; out when it crosses back."""
    cash, shares, order = 1e6, 0, None
    for price, wanted in zip(prices.tolist(), above.tolist(), strict=True):
        if order is not None:
            cash -= (order - shares) * price + FEES * abs(order - shares) * price
            shares, order = order, None
        if wanted and shares == 0:
            order = int(INVEST * cash / price)
        elif not wanted and shares != 0:
            order = 0
    return cash + shares * float(prices[-1])


def rebalance(own: Own, closes: np.ndarray, scores: np.ndarray) -> dict:
    frame = pd.DataFrame(closes, index=pd.date_range("1990-01-01", periods=DAYS))
    weights = np.full(closes.shape, np.nan)
    for day in range(0, DAYS, EVERY):
        weights[day] = 0.0
        weights[day, np.argsort(-scores[day], kind="stable")[:HELD]] = INVEST / HELD
    wanted = pd.DataFrame(weights, index=frame.index)

    def peer() -> float:
        portfolio = vectorbt.Portfolio.from_orders(
            frame, wanted, size_type="targetpercent", group_by=True, cash_sharing=True, call_seq="auto",
            init_cash=1e8, fees=FEES, freq="1D",
        )  # fmt: skip
        return 1e8 * (1.0 + float(portfolio.total_return()))

    found = own("rebalance", own.write("closes", closes), NAMES, own.write("scores", scores), EVERY, OWN_REPEATS)
    check("rebalance, orrery", found["equity"][0], account_of_rebalances(closes, scores, EVERY, delay=1))
    seconds, equity = timed(peer, REPEATS)
    check("rebalance, vectorbt", equity, account_of_rebalances(closes, scores, EVERY, delay=0))
    return {"orrery": statistics.median(found["seconds"]), "vectorbt": seconds, "bookings": found["entries"][0]}


def above_by_weighted_means(prices: np.ndarray) -> np.ndarray:
    """Exponential means over all bars so far with weights that add up to 1, as pandas and Orrery have them."""
    series = pd.Series(prices)
    fast, slow = series.ewm(span=FAST, min_periods=1).mean(), series.ewm(span=SLOW, min_periods=1).mean()
    return (fast - slow > 0).to_numpy()


def crossing(own: Own, prices: np.ndarray) -> dict:
    found = own("crossing", own.write("bars", prices), FAST, SLOW, OWN_REPEATS)
    check("crossing, orrery", found["equity"][0], account_of_crossings(prices, above_by_weighted_means(prices)))
    own_seconds = statistics.median(found["seconds"])
    few = prices[:PEER_BARS]
    result = {"orrery": BARS / own_seconds, "bookings": found["entries"][0]}
    result["backtrader"] = PEER_BARS / backtrader_seconds(few)
    result["nautilus_trader"] = PEER_BARS / nautilus_seconds(few)
    return result


def backtrader_seconds(prices: np.ndarray) -> float:
    bars = pd.DataFrame(
        {name: prices for name in ("open", "high", "low", "close")} | {"volume": 1.0},
        index=pd.date_range("2000-01-01", periods=len(prices), freq="min"),
    )
    above = np.zeros(len(prices), dtype=bool)

    class Crossing(backtrader.Strategy):
        def __init__(self) -> None:
            self.distance = backtrader.ind.EMA(period=FAST) - backtrader.ind.EMA(period=SLOW)

        def next(self) -> None:
            wanted = above[len(self) - 1] = self.distance[0] > 0
            if wanted and not self.position:
                self.order_target_percent(target=INVEST)
            elif not wanted and self.position:
                self.close()

    def peer() -> float:
        cerebro = backtrader.Cerebro(stdstats=False, runonce=True, preload=True)
        cerebro.adddata(backtrader.feeds.PandasData(dataname=bars))
        cerebro.addstrategy(Crossing)
        cerebro.broker.setcash(1e6)
        cerebro.broker.setcommission(FEES)
        cerebro.run()
        return cerebro.broker.getvalue()

    start = time.perf_counter()
    value = peer()
    seconds = time.perf_counter() - start
    check("crossing, backtrader", value, account_of_crossings(prices, above))
    return seconds


def nautilus_seconds(prices: np.ndarray) -> float:
    """Its own example of the crossing, BacktestEngine.run() alone: bars are objects before the clock starts."""
    from decimal import Decimal

    from nautilus_trader.backtest.engine import BacktestEngine, BacktestEngineConfig
    from nautilus_trader.config import LoggingConfig, RiskEngineConfig
    from nautilus_trader.examples.strategies.ema_cross import EMACross, EMACrossConfig
    from nautilus_trader.model.currencies import USD
    from nautilus_trader.model.data import BarType
    from nautilus_trader.model.enums import AccountType, OmsType
    from nautilus_trader.model.identifiers import TraderId, Venue
    from nautilus_trader.model.objects import Money
    from nautilus_trader.persistence.wranglers import BarDataWrangler
    from nautilus_trader.test_kit.providers import TestInstrumentProvider

    instrument = TestInstrumentProvider.default_fx_ccy("EUR/USD", venue=Venue("SIM"))
    kind = BarType.from_str("EUR/USD.SIM-1-MINUTE-MID-EXTERNAL")
    closes = np.round(1.1 * prices / 100.0, 5)
    opens = np.r_[closes[0], closes[:-1]]
    spread = np.random.default_rng(9).uniform(0.00002, 0.0002, (2, len(closes)))
    bars = pd.DataFrame(
        {
            "open": opens, "high": np.maximum(opens, closes) + spread[0], "low": np.minimum(opens, closes) - spread[1],
            "close": closes, "volume": 1e6,
        },
        index=pd.date_range("2000-01-01", periods=len(closes), freq="min", tz="UTC"),
    )  # fmt: skip
    engine = BacktestEngine(
        BacktestEngineConfig(
            trader_id=TraderId("B-001"), logging=LoggingConfig(bypass_logging=True),
            risk_engine=RiskEngineConfig(bypass=True), run_analysis=False,
        )
    )  # fmt: skip
    engine.add_venue(
        venue=Venue("SIM"), oms_type=OmsType.NETTING, account_type=AccountType.MARGIN, base_currency=USD,
        starting_balances=[Money(1_000_000, USD)],
    )  # fmt: skip
    engine.add_instrument(instrument)
    engine.add_data(BarDataWrangler(kind, instrument).process(bars))
    engine.add_strategy(
        EMACross(
            EMACrossConfig(
                instrument_id=instrument.id, bar_type=kind, trade_size=Decimal(100_000), fast_ema_period=FAST,
                slow_ema_period=SLOW, subscribe_trade_ticks=False, request_bars=False,
            )
        )
    )  # fmt: skip
    start = time.perf_counter()
    engine.run()
    seconds = time.perf_counter() - start
    if not engine.cache.orders():
        sys.exit("event_engine: crossing, nautilus_trader made no orders")
    engine.dispose()
    return seconds


def sweep(own: Own, closes: np.ndarray, scores: np.ndarray) -> dict:
    files = own.write("closes", closes), NAMES, own.write("scores", scores)
    alone, together = own("sweep", *files, SWEEP, 1), own("sweep", *files, SWEEP, 0)
    if alone["equity"] != together["equity"]:
        sys.exit("event_engine: sweep: the number of threads changed a result")
    check("sweep, every 20", together["equity"][EVERY - 1], account_of_rebalances(closes, scores, EVERY, delay=1))
    return {
        "one core": alone["seconds"][0],
        "all cores": together["seconds"][0],
        "cores": os.cpu_count(),
        "runs": SWEEP,
    }


def main() -> None:
    program = Path(sys.argv[1]).with_name("orrery_event_engine_bench")
    closes, scores = make_prices()
    with tempfile.TemporaryDirectory() as folder:
        own = Own(program, Path(folder))
        results = {
            "rebalance": rebalance(own, closes, scores),
            "crossing": crossing(own, make_bars()),
            "sweep": sweep(own, closes, scores),
        }
    missed = []
    for work, peers in BARS_TO_BEAT.items():
        unit, better = ("s", "less") if work == "rebalance" else ("bars/s", "more")
        for peer, bar in peers.items():
            mine, theirs = results[work]["orrery"], results[work][peer]
            ratio = theirs / mine if better == "less" else mine / theirs
            results[work][f"times {peer}"] = ratio
            print(f"{work}: orrery {mine:,.3f} {unit}, {peer} {theirs:,.3f} {unit}: {ratio:.1f} times (bar {bar:g})")
            if ratio < bar:
                missed.append(f"{work}: {ratio:.1f} times {peer}, bar {bar:g}")
    once = results["sweep"]
    print(f"sweep of {SWEEP}: {once['one core']:.2f} s on one core, {once['all cores']:.2f} s on {once['cores']}")
    (Path(sys.argv[3]) / "event_engine.json").write_text(json.dumps(results, indent=1) + "\n")
    if missed and not TRIAL:
        sys.exit("event_engine: " + "; ".join(missed))


if __name__ == "__main__":
    main()
