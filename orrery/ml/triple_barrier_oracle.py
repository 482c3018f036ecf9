"""Makes testdata/triple_barrier_oracle.json: triple-barrier labels of a made market, position by position with pandas.

After López de Prado (2018), snippets 3.2 to 3.5: the first touch of each barrier is looked for in the whole path by itself,
and the earliest of the dates found is taken. Where the snippets say nothing (sessions without a bar, delistings, a session
that touches both barriers), triple_barrier.h says what is expected.

    python orrery/ml/triple_barrier_oracle.py
"""

import itertools
import json
from pathlib import Path

import numpy as np
import pandas as pd

ROWS, NAMES = 70, 6
DELISTINGS = [(2, 40, -0.3), (3, 55, 0.0)]
# Sessions with bars from the record on: the last one, and those of another market, which count for nothing.
BARS_AFTER = {2: 1, 3: 6}


def make_market() -> dict[str, pd.DataFrame]:
    random = np.random.default_rng(5)
    steps = 0.025 * random.standard_normal((ROWS, NAMES))
    close = 80 * np.exp(np.cumsum(steps, axis=0))
    before = close / np.exp(steps)
    open_ = before * np.exp(0.01 * random.standard_normal(close.shape))
    high = np.maximum(open_, close) * (1 + 0.01 * random.random(close.shape))
    low = np.minimum(open_, close) * (1 - 0.01 * random.random(close.shape))
    gone = random.random(close.shape) < 0.06
    for name, row, _ in DELISTINGS:
        gone[row + BARS_AFTER.get(name, 0) :, name] = True
    gone[60:, 4] = True
    widths = 0.01 + 0.02 * random.random(close.shape)
    widths[:8, 5] = np.nan
    prices = {"open": open_, "high": high, "low": low, "close": close}
    frames = {name: pd.DataFrame(np.where(gone, np.nan, values).round(4)) for name, values in prices.items()}
    return frames | {"widths": pd.DataFrame(widths.round(6))}


def first(hits: pd.Series) -> float:
    return hits.index[hits.to_numpy()].min() if hits.any() else np.inf


def label(market: dict[str, pd.DataFrame], row: int, name: int, how: dict) -> tuple[float | None, int]:
    entry_row, last = row + how["delay"], row + how["delay"] + how["within"]
    unknown = (None, 0)
    if entry_row >= ROWS:
        return unknown
    entry, width = market[how["entry"]].at[entry_row, name], market["widths"].at[row, name]
    if not (entry > 0 and width > 0) or any(who == name and at <= entry_row for who, at, _ in DELISTINGS):
        return unknown
    upper = entry * (1 + how["profit"] * width) if how["profit"] else np.inf
    lower = entry * (1 - how["stop"] * width) if how["stop"] else -np.inf
    path = pd.DataFrame({key: market[key][name] for key in ("open", "high", "low", "close")}).loc[entry_row + 1 : last]
    path = path.dropna(subset=["close"])
    highs, lows = (path.high, path.low) if how["touch"] == "range" else (path.close, path.close)
    touch = min(first(highs >= upper), first(lows <= lower))
    delisted = min((at for who, at, _ in DELISTINGS if who == name and entry_row < at <= last), default=np.inf)
    if touch < delisted:
        return outcome_of(path.loc[touch], entry, upper, lower, how), int(touch)
    if delisted < np.inf:
        marks = market["close"][name].loc[entry_row:delisted].dropna()
        share = next(back for who, at, back in DELISTINGS if (who, at) == (name, delisted))
        return value_of(marks.iloc[-1] * (1 + share), entry, upper, lower, how), int(delisted)
    if last >= ROWS or path.empty:
        return unknown
    return value_of(path.close.iloc[-1], entry, upper, lower, how), last


def outcome_of(bar: pd.Series, entry: float, upper: float, lower: float, how: dict) -> float:
    if how["touch"] == "close" or bar.open >= upper or bar.open <= lower:
        price = bar.close if how["touch"] == "close" else bar.open
    else:
        price = lower if bar.low <= lower else upper
    return value_of(price, entry, upper, lower, how)


def value_of(price: float, entry: float, upper: float, lower: float, how: dict) -> float:
    touched = -1.0 if price <= lower else (1.0 if price >= upper else 0.0)
    change = price / entry - 1
    return {"return": change, "sign": float(np.sign(change)), "touch": touched, "profit": float(touched == 1)}[
        how["value"]
    ]


def cells(frame: pd.DataFrame) -> list:
    return [[None if np.isnan(value) else value for value in row] for row in frame.to_numpy()]


def main() -> None:
    market = make_market()
    result = {name: cells(frame) for name, frame in market.items()} | {"delistings": DELISTINGS, "labels": []}
    kinds = itertools.product(("close", "range"), ("return", "sign", "touch", "profit"))
    sides = itertools.cycle(
        [(2, 2, 8, 1, "close"), (1.5, 1, 5, 1, "open"), (3, None, 10, 2, "close"), (1, 4, 3, 1, "close")]
    )
    for (touch, value), (profit, stop, within, delay, entry) in zip(kinds, sides, strict=False):
        how = dict(touch=touch, value=value, profit=profit, stop=stop, within=within, delay=delay, entry=entry)
        found = [[label(market, row, name, how) for name in range(NAMES)] for row in range(ROWS)]
        values = [[value for value, _ in row] for row in found]
        result["labels"].append(how | {"values": values, "last_rows": [[last for _, last in row] for row in found]})
    folder = Path(__file__).parent / "testdata"
    folder.mkdir(exist_ok=True)
    (folder / "triple_barrier_oracle.json").write_text(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
