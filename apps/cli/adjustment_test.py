"""Adjusted prices against LEAN's factor files, which were made by others with other code."""

import csv
import json
import os
import subprocess
import zipfile
from itertools import pairwise
from pathlib import Path

import pyarrow.parquet as pq
import pytest

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("ORRERY_BINARY", ROOT / "build/release/bin/orrery"))
SHARED = Path(os.environ.get("ORRERY_SHARED", ROOT.parent / "shared"))
LEAN = SHARED / "data/lean_equity/equity/usa"
# Factors have seven decimals: 5e-8 of about 0.65, and each dividend of ours is derived from two of them.
TOLERANCE = 2e-6


def orrery(*arguments: str, cwd: Path) -> dict:
    answer = subprocess.run([str(BINARY), *arguments, "--json"], capture_output=True, text=True, cwd=cwd, check=False)
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


def factors_of(symbol: str) -> list[tuple[str, float, float, float]]:
    """Last day that the row holds for, price factor, split factor, that day's close."""
    with (LEAN / f"factor_files/{symbol}.csv").open() as file:
        return [(row[0], float(row[1]), float(row[2]), float(row[3])) for row in csv.reader(file)]


def last_day_of_another(symbol: str) -> str:
    """The last day on which the instrument had another symbol, and this symbol maybe another instrument: the bars of
    `bac` before October 1998 are BankAmerica's, its factors NationsBank's, which took the symbol over."""
    with (LEAN / f"map_files/{symbol}.csv").open() as file:
        return max((row[0] for row in csv.reader(file) if row[1] != symbol), default="")


def bars_of(symbol: str) -> list[list[str]]:
    """Raw bars of the days that the factor file covers, prices in dollars."""
    before = last_day_of_another(symbol)
    first = factors_of(symbol)[0][0]
    with zipfile.ZipFile(LEAN / f"daily/{symbol}.zip") as archive:
        text = archive.read(archive.namelist()[0]).decode()
    rows = [line.split(",") for line in text.splitlines()]
    days = [row for row in rows if first <= row[0][:8] and row[0][:8] > before]
    return [[row[0][:8], *(repr(int(price) / 1e4) for price in row[1:5]), row[5]] for row in days]


def actions_of(symbol: str, days: list[str]) -> dict[str, tuple[float, float]]:
    """By first day without it: dividend per share, new shares for an old one."""
    actions = {}
    for (last, price, split, close), (_, price_after, split_after, _) in pairwise(factors_of(symbol)):
        later = [day for day in days if day > last]
        if later and days[0] <= last:
            actions[later[0]] = (close * (1.0 - price / price_after), split_after / split)
    return actions


def write_prices(symbol: str, path: Path) -> list[list[str]]:
    bars = bars_of(symbol)
    actions = actions_of(symbol, [bar[0] for bar in bars])
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["date", "symbol", "open", "high", "low", "close", "volume", "dividend", "split_ratio"])
        for bar in bars:
            dividend, split = actions.get(bar[0], (0.0, 1.0))
            writer.writerow([bar[0], symbol, *bar[1:], repr(dividend if dividend > 1e-4 else 0.0), repr(split)])
    return bars


def closes(folder: Path, adjustment: str) -> dict[str, float]:
    orrery(
        *("factors", "compute", "--in", "prices.csv", "--expr", "c=$close", "--precision", "float64"),
        *("--adjustment", adjustment, "--out", "closes.parquet"),
        cwd=folder,
    )
    rows = pq.read_table(folder / "closes.parquet").to_pylist()
    return {row["date"].strftime("%Y%m%d"): row["c"] for row in rows}


def lean_factor(symbol: str, day: str) -> tuple[float, float]:
    return next((price, split) for last, price, split, _ in factors_of(symbol) if day <= last)


@pytest.mark.skipif(not LEAN.exists(), reason="no shared data: lean_equity")
@pytest.mark.parametrize("symbol", ["aapl", "spy", "bac", "aig"])
def test_backward_and_split_prices_are_those_of_lean(symbol: str, tmp_path: Path) -> None:
    bars = write_prices(symbol, tmp_path / "prices.csv")
    backward, split = closes(tmp_path, "backward"), closes(tmp_path, "split")
    last = bars[-1][0]
    checked = 0
    for bar in bars:
        if bar[0] not in backward:
            continue  # a day on which the calendar is closed
        price_factor, split_factor = lean_factor(symbol, bar[0])
        expected = float(bar[4]) * price_factor * split_factor
        end_price, end_split = lean_factor(symbol, last)
        assert backward[bar[0]] == pytest.approx(expected / end_price / end_split, rel=TOLERANCE)
        by_split = float(bar[4]) * split_factor / lean_factor(symbol, bars[0][0])[1]
        assert split[bar[0]] == pytest.approx(by_split, rel=TOLERANCE)
        checked += 1
    assert checked > 2000


@pytest.mark.skipif(not LEAN.exists(), reason="no shared data: lean_equity")
def test_the_lake_keeps_the_actions_of_lean(tmp_path: Path) -> None:
    bars = write_prices("aapl", tmp_path / "prices.csv")
    orrery("import", "prices", "prices.csv", "--lake", "lake", cwd=tmp_path)
    rows = orrery("data", "read", "corporate_actions", "--lake", "lake", "--rows", "1000", cwd=tmp_path)
    expected = actions_of("aapl", [bar[0] for bar in bars])
    splits = {row["event_time"][:10].replace("-", ""): row["value"] for row in rows if row["kind"] == "split"}
    assert splits == {
        day: pytest.approx(split, rel=1e-5) for day, (_, split) in expected.items() if abs(split - 1) > 0.01
    }
    assert len(splits) == 4  # 2000, 2005, 2014 and 2020
