"""The factor engine beside KunQuant, qlib, Polars and TA-Lib on one panel of 500 instruments × 5,000 days.

usage: factor_engine.py ORRERY_BINARY SHARED OUT [ROUNDS]

The panel has listings, delistings and 1 % missing days; KunQuant and TA-Lib, which cannot take gaps, get it filled
forward. The peers run their harnesses in SHARED/peers as they are (KunQuant's compile time is left out, its results
and ours go into memory that has been touched before). Ours alternate with theirs; the least time of all rounds counts,
in seconds of CPU where one thread works, so that what else the machine does counts less; on the clock for two threads.
Values of every 50th instrument are held against qlib's, Polars' and TA-Lib's; the program fails where they differ.
Writes OUT/factor_engine.json and prints a table of the bars.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

FIELDS = ("open", "high", "low", "close", "volume", "vwap")
WINDOWS = (5, 10, 20, 30, 60)
EVERY = 50

ROLLING = {
    "MA": "Mean($close,{w})/$close",
    "STD": "Std($close,{w})/$close",
    "MAX": "Max($high,{w})/$close",
    "MIN": "Min($low,{w})/$close",
    "QTLU": "Quantile($close,{w},0.8)/$close",
    "RANK": "Rank($close,{w})",
    "CORR": "Corr($close,Log($volume+1),{w})",
    "BETA": "Slope($close,{w})/$close",
}
TECHNICAL = {
    "rsi": "talib:RSI($close,14)",
    "macd": "talib:MACD($close,12,26,9).macd",
    "macd_signal": "talib:MACD($close,12,26,9).signal",
    "macd_hist": "talib:MACD($close,12,26,9).hist",
    "upper": "talib:BBANDS($close,20).upper",
    "middle": "talib:BBANDS($close,20).middle",
    "lower": "talib:BBANDS($close,20).lower",
    "atr": "talib:ATR($high,$low,$close,14)",
    "adx": "talib:ADX($high,$low,$close,14)",
    "slowk": "talib:STOCH($high,$low,$close,5,3,0,3,0).slowk",
    "slowd": "talib:STOCH($high,$low,$close,5,3,0,3,0).slowd",
}


def fill(x: np.ndarray) -> np.ndarray:
    """Fills gaps forward, then the days before the first value with it; as the peers' harness does."""
    x = x.copy()
    for row in range(1, len(x)):
        x[row] = np.where(np.isnan(x[row]), x[row - 1], x[row])
    for row in range(len(x) - 2, -1, -1):
        x[row] = np.where(np.isnan(x[row]), x[row + 1], x[row])
    return x


def write_fields(folder: Path, panel: dict) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in FIELDS:
        np.ascontiguousarray(panel[name], np.float32).tofile(folder / f"{name}.f32")
    rows, instruments = panel["close"].shape
    (folder / "shape.txt").write_text(f"{rows} {instruments}\n")


class Peers:
    """The harnesses, run in a folder of their own; their records are JSON lines."""

    def __init__(self, harnesses: Path, folder: Path):
        self.harnesses = harnesses
        self.folder = folder
        self.records = folder / "records.jsonl"
        self.records.unlink(missing_ok=True)

    def run(self, script: str, *arguments: str, data: str = "gaps") -> dict:
        """Returns the least CPU seconds of every record so far, by the record's name."""
        environment = os.environ | {
            "BENCH_DATA": str(self.folder / data),
            "BENCH_OUT": str(self.records),
            "POLARS_MAX_THREADS": "1",
            "OMP_NUM_THREADS": "1",
        }
        command = [sys.executable, self.harnesses / script, *arguments]
        done = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"{script} failed:\n{done.stderr[-2000:]}")
        result = {}
        for line in self.records.read_text().splitlines():
            record = json.loads(line)
            seconds = result.get(record["name"], record["cpu_seconds"])
            result[record["name"]] = min(seconds, record["cpu_seconds"])
        return result


class Engine:
    """Our program, run on the same folder."""

    def __init__(self, orrery: Path, folder: Path):
        self.orrery = orrery
        self.program = orrery.with_name("orrery_factor_panel_bench")
        self.folder = folder

    def compute(self, data: str, factors: str, threads: int = 1, repeats: int = 3, precision: str = "float32") -> dict:
        return self._account("compute", self.folder / data, factors, threads, repeats, precision)

    def values(self, data: str, factors: str, precision: str = "float32") -> np.ndarray:
        """Returns [factor × row × every 50th instrument]."""
        file = self.folder / "values.f64"
        account = self._account("compute", self.folder / data, factors, 1, 1, precision, file, EVERY)
        rows = int((self.folder / data / "shape.txt").read_text().split()[0])
        found = np.fromfile(file).reshape(account["factors"], rows, -1)
        file.unlink()
        return found

    def stream(self, data: str, factors: str, rows: int) -> dict:
        return self._account("stream", self.folder / data, factors, rows)

    def _account(self, *arguments) -> dict:
        command = [self.program, *map(str, arguments)]
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    def alpha158(self) -> dict:
        """Returns the set's expressions by name."""
        command = [self.orrery, "factors", "list", "--set", "alpha158", "--json"]
        listed = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        return {factor["name"]: factor["expression"] for factor in listed}

    def write_set(self, name: str, factors: dict) -> str:
        file = self.folder / f"{name}.factors"
        file.write_text("".join(f"{factor} = {expression}\n" for factor, expression in factors.items()))
        return str(file)


def least(accounts: list[dict], what: str = "cpu_seconds") -> float:
    return min(min(account[what]) for account in accounts)


def agree(what: str, ours: np.ndarray, theirs: np.ndarray, tolerance: float) -> dict:
    """Holds cells against the peer's: finite in the same places, and within the tolerance relative to max(|x|, 1e-3)."""
    both = np.isfinite(ours) & np.isfinite(theirs)
    with np.errstate(invalid="ignore"):
        beyond = both & (np.abs(ours - theirs) > tolerance * np.maximum(np.abs(theirs), 1e-3))
    result = {
        "cells": int(both.sum()),
        "tolerance": tolerance,
        "beyond": int(beyond.sum()),
        "finite_in_one_only": int((np.isfinite(ours) != np.isfinite(theirs)).sum()),
    }
    if result["beyond"] + result["finite_in_one_only"] > 0:
        raise SystemExit(f"{what}: values differ from the peer's: {result}")
    return result


def prepare(shared: Path, folder: Path) -> dict:
    """Writes the panel with gaps and filled, as the peers and as our program read it."""
    if not (folder / "gaps/panel.parquet").exists():
        command = [sys.executable, shared / "peers/gen_panel.py", "--out", folder / "gaps", "--no-csv"]
        subprocess.run(command, check=True, capture_output=True)
    loaded = np.load(folder / "gaps/panel.npz")
    panel = {name: loaded[name] for name in loaded.files}
    write_fields(folder / "gaps", panel)
    filled = panel | {name: fill(panel[name]) for name in FIELDS}
    write_fields(folder / "filled", filled)
    np.savez(folder / "filled/panel.npz", **filled)
    return {"gaps": panel, "filled": filled}


def against_kunquant(engine: Engine, peers: Peers, rounds: int) -> dict:
    """Alpha158 whole, and the 143 of it without quantiles and ranks, in turns."""
    slow = ("QTLU", "QTLD", "RANK")
    kept = {name: text for name, text in engine.alpha158().items() if not name.startswith(slow)}
    small = engine.write_set("alpha143", kept)
    whole, parts = [], []
    for _ in range(rounds):
        whole.append(engine.compute("gaps", "alpha158"))
        peers.run("a_kunquant.py", "158", "float", "1", "1", "4", "STs", data="filled")
        parts.append(engine.compute("gaps", small, repeats=5))
        theirs = peers.run("a_kunquant.py", "158", "float", "1", "3", "4", "STs", ",".join(slow), data="filled")
    name = "alpha158_kunquant_float_STs_1t"
    return {
        "158": {
            "orrery": least(whole),
            "peer": theirs[name],
            "cold": min(account["cold_seconds"] for account in whole),
        },
        "143": {"orrery": least(parts), "peer": theirs[f"{name}_no{'+'.join(slow)}"]},
        "memory": max(account["peak_mb"] / account["result_mb"] for account in whole),
    }


def qlib_values(store: Path, symbols: list[str], dates: np.ndarray) -> np.ndarray:
    """Returns qlib's Alpha158 [factor × date × symbol]."""
    import logging

    import qlib
    from qlib.contrib.data.loader import Alpha158DL
    from qlib.data import D

    qlib.init(
        provider_uri=str(store), expression_cache=None, dataset_cache=None, kernels=1, logging_level=logging.ERROR
    )
    price = {"windows": [0], "feature": ["OPEN", "HIGH", "LOW", "VWAP"]}
    fields, _ = Alpha158DL.get_feature_config({"kbar": {}, "price": price, "rolling": {}})
    frame = D.features(symbols, fields, freq="day", disk_cache=0)
    result = np.full((len(fields), len(dates), len(symbols)), np.nan)
    for i, symbol in enumerate(symbols):
        part = frame.loc[symbol]
        result[:, np.searchsorted(dates, part.index.values.astype("datetime64[D]")), i] = part.to_numpy().T
    return result


def against_qlib(engine: Engine, peers: Peers, panel: dict) -> dict:
    """Alpha158 by qlib on all instruments, once, and its values on every 50th."""
    folder = peers.folder
    store = folder / "store"
    if not (store / "instruments/all.txt").exists():
        command = [sys.executable, peers.harnesses / "qlib_store.py", folder / "gaps/panel.npz", store]
        subprocess.run(command, check=True, capture_output=True)
    ours = engine.compute("gaps", "alpha158")
    theirs = peers.run("a_qlib.py", str(store), "500", "1", "1")["alpha158_qlib_500sym_1w"]
    dates = panel["dates"].astype("datetime64[D]")
    expected = qlib_values(store, [str(symbol) for symbol in panel["symbols"][::EVERY]], dates)
    values = agree("qlib", engine.values("gaps", "alpha158"), expected, 2e-6)
    return {"orrery": least([ours]), "peer": theirs, "values": values}


def polars_values(panel: dict) -> np.ndarray:
    """Returns what the harness asks of Polars, on rows without gaps, [expression × row × instrument]."""
    import polars as pl

    instruments = range(0, panel["close"].shape[1], EVERY)
    rows = len(panel["close"])
    count = pl.int_range(0, rows).cast(pl.Float64)
    close, volume = pl.col("close"), pl.col("volume")
    expressions = {"MA": lambda w: close.rolling_mean(w, min_samples=1) / close}
    expressions["STD"] = lambda w: close.rolling_std(w, min_samples=1) / close
    expressions["MAX"] = lambda w: pl.col("high").rolling_max(w, min_samples=1) / close
    expressions["MIN"] = lambda w: pl.col("low").rolling_min(w, min_samples=1) / close
    expressions["QTLU"] = lambda w: (
        close.rolling_quantile(0.8, interpolation="linear", window_size=w, min_samples=1) / close
    )
    expressions["RANK"] = lambda w: close.rolling_rank(w, method="average", min_samples=1) / w
    expressions["CORR"] = lambda w: pl.rolling_corr(close, (volume + 1).log(), window_size=w, min_samples=1)
    expressions["BETA"] = lambda w: (
        pl.rolling_cov(count, close, window_size=w, min_samples=2, ddof=1) / count.rolling_var(w, min_samples=2) / close
    )
    wanted = [expressions[family](w).alias(f"{family}{w}") for family in ROLLING for w in WINDOWS]
    columns = []
    for instrument in instruments:
        frame = pl.DataFrame({name: panel[name][:, instrument].astype(np.float64) for name in FIELDS})
        columns.append(frame.select(wanted).to_numpy().T)
    return np.stack(columns, axis=-1)


def against_polars(engine: Engine, peers: Peers, filled: dict, rounds: int) -> dict:
    """The 40 rolling expressions. Polars' windows count rows that are there, so values are compared without gaps."""
    rolling = {f"{family}{w}": text.format(w=w) for family, text in ROLLING.items() for w in WINDOWS}
    factors = engine.write_set("rolling40", rolling)
    accounts = [engine.compute("gaps", factors) for _ in range(rounds)]
    theirs = peers.run("a_polars.py", "2")["polars_40roll_1t"]
    accounts.append(engine.compute("gaps", factors))
    full = slice(max(WINDOWS), None)  # short windows have other rules
    ours = engine.values("filled", factors, "float64")[:, full]
    expected = polars_values(filled)[:, full]
    values = agree("polars", ours, expected, 1e-6)
    return {"orrery": least(accounts), "peer": theirs, "values": values}


def talib_values(panel: dict) -> np.ndarray:
    import talib

    columns = []
    for i in range(0, panel["close"].shape[1], EVERY):
        high, low, close = (np.ascontiguousarray(panel[name][:, i], np.float64) for name in ("high", "low", "close"))
        lines = [talib.RSI(close, 14), *talib.MACD(close, 12, 26, 9), *talib.BBANDS(close, 20)]
        lines += [talib.ATR(high, low, close, 14), talib.ADX(high, low, close, 14)]
        lines += talib.STOCH(high, low, close, 5, 3, 0, 3, 0)
        columns.append(np.stack(lines))
    return np.stack(columns, axis=-1)


def against_talib(engine: Engine, peers: Peers, panels: dict, rounds: int) -> dict:
    """Six indicators, eleven lines, without gaps, which TA-Lib cannot take."""
    factors = engine.write_set("technical6", TECHNICAL)
    accounts, doubles = [], []
    for _ in range(rounds):
        accounts.append(engine.compute("filled", factors, repeats=7))
        doubles.append(engine.compute("filled", factors, repeats=7, precision="float64"))
        theirs = peers.run("b_talib.py", data="filled")["talib_all6"]
    # Long after a price has stopped versions of TA-Lib disagree on when the index is 0 / 0.
    lives = np.isfinite(panels["gaps"]["close"][-1, ::EVERY])
    ours = engine.values("filled", factors, "float64")[..., lives]
    values = agree("talib", ours, talib_values(panels["filled"])[..., lives], 1e-9)
    return {"orrery": least(accounts), "orrery_double": least(doubles), "peer": theirs, "values": values}


def two_threads(engine: Engine, rounds: int) -> dict:
    one, two = [], []
    for _ in range(rounds):
        one.append(engine.compute("gaps", "alpha158", threads=1, repeats=5))
        two.append(engine.compute("gaps", "alpha158", threads=2, repeats=5))
    return {"one": least(one, "seconds"), "two": least(two, "seconds")}


def bars_of(result: dict) -> list[dict]:
    """Returns what is asked for and what was found."""
    kunquant, stream = result["kunquant"], result["stream"]

    def ratio(part: dict) -> float:
        return part["peer"] / part["orrery"]

    found = [
        ("Alpha158, times faster than KunQuant", ratio(kunquant["158"]), ">=", 10),
        ("Alpha158, times faster than qlib", ratio(result["qlib"]), ">=", 120),
        ("143 without quantile and rank, times faster than KunQuant", ratio(kunquant["143"]), ">=", 2),
        ("40 rolling expressions, times faster than Polars", ratio(result["polars"]), ">=", 15),
        ("6 indicators, times faster than TA-Lib", ratio(result["talib"]), ">=", 1),
        ("two threads, times faster than one", result["threads"]["one"] / result["threads"]["two"], ">=", 1.8),
        ("row of 500 through Alpha158, median µs", stream["row_us_median"], "<=", 400),
        ("row of 500 through Alpha158, p99 µs", stream["row_us_p99"], "<=", 1000),
        ("from text to the first value, ms", stream["start_ms"], "<=", 50),
        ("peak memory over the result's", kunquant["memory"], "<=", 1.5),
    ]
    return [
        {"what": what, "found": value, "bar": f"{sign} {bar}", "met": value >= bar if sign == ">=" else value <= bar}
        for what, value, sign, bar in found
    ]


def open_bench(arguments: list[str]) -> tuple[Engine, Peers, dict, Path, int]:
    """From ORRERY SHARED OUT [ROUNDS]: the engine, built as it is now, the peers, the panels, OUT and the rounds."""
    orrery, shared, out = (Path(argument).resolve() for argument in arguments[:3])
    folder = out / "factor_engine"
    folder.mkdir(parents=True, exist_ok=True)
    engine, peers = Engine(orrery, folder), Peers(shared / "peers", folder)
    build = ["cmake", "--build", orrery.parent.parent, "--target", engine.program.name]
    subprocess.run(build, check=True, capture_output=True)
    return engine, peers, prepare(shared, folder), out, int(arguments[3]) if len(arguments) > 3 else 3


def main() -> None:
    engine, peers, panels, out, rounds = open_bench(sys.argv[1:])
    result = {
        "talib": against_talib(engine, peers, panels, rounds),
        "kunquant": against_kunquant(engine, peers, rounds),
        "polars": against_polars(engine, peers, panels["filled"], rounds),
        "threads": two_threads(engine, rounds),
        "stream": engine.stream("gaps", "alpha158", 5000),
        "qlib": against_qlib(engine, peers, panels["gaps"]),
    }
    result["bars"] = bars_of(result)
    (out / "factor_engine.json").write_text(json.dumps(result, indent=1) + "\n")
    for name in ("kunquant", "qlib", "polars", "talib"):
        print(name, json.dumps(result[name]))
    for bar in result["bars"]:
        print(f"{bar['what']:60}{bar['found']:10.2f}  bar {bar['bar']:8} {'met' if bar['met'] else 'NOT MET'}")


if __name__ == "__main__":
    main()
