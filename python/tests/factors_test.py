"""Factors in process: the program's own values are the oracle; frames of every library give the same."""

from __future__ import annotations

import datetime as dt
import threading
import time
from pathlib import Path

import numpy as np
import pandas as pd
import polars
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import orrery
from orrery import _program

COLUMNS = ["date", "symbol", "open", "high", "low", "close", "volume"]


@pytest.fixture(scope="module")
def prices(market: Path) -> pa.Table:
    return pq.read_table(market / "ohlcv.parquet").select(COLUMNS)


def sorted_columns(table: pa.Table) -> dict[str, list]:
    table = table.set_column(1, "symbol", table["symbol"].cast(pa.string()))
    return table.sort_by([("symbol", "ascending"), ("date", "ascending")]).to_pydict()


def test_values_are_those_of_the_program_to_the_bit(market: Path, prices: pa.Table, tmp_path: Path) -> None:
    own = {"R5": "Ref($close,5)/$close-1", "C": "Corr($close,$volume,10)"}
    expressions = [word for name, text in own.items() for word in ("--expr", f"{name}={text}")]
    _program.call(
        ["factors", "compute", "--set", "alpha158", *expressions, "--in", str(market / "ohlcv.parquet"),
         "--adjustment", "none", "--calendar", "file", "--out", str(tmp_path / "f.parquet")]
    )  # fmt: skip
    theirs = pq.read_table(tmp_path / "f.parquet")
    ours = orrery.factors.compute(prices, ["alpha158", own]).to_arrow()
    assert ours.column_names == theirs.column_names
    assert len(ours) == len(prices)
    # The program also lists a symbol's sessions without a bar; the frame has no such row.
    left, right = ours.to_pandas(), theirs.to_pandas()
    for frame in (left, right):
        frame["symbol"] = frame["symbol"].astype(str)
    joined = left[["date", "symbol"]].merge(right, on=["date", "symbol"], how="left", validate="one_to_one")
    for name in ours.column_names[2:]:
        np.testing.assert_array_equal(left[name].to_numpy(), joined[name].to_numpy(), err_msg=name)


def test_rows_come_in_the_order_of_the_frame(prices: pa.Table) -> None:
    order = np.random.default_rng(1).permutation(len(prices))
    shuffled = prices.take(order)
    straight = orrery.factors.compute(prices, {"m": "Mean($close,3)"}).to_arrow()
    mixed = orrery.factors.compute(shuffled, {"m": "Mean($close,3)"}).to_arrow()
    assert mixed["date"].to_pylist() == shuffled["date"].cast(pa.date32()).to_pylist()
    assert mixed.take(np.argsort(order)).equals(straight)


def frames_of(table: pa.Table) -> dict[str, object]:
    """The same prices as different libraries, layouts and types have them."""
    frame = table.to_pandas()
    frame["symbol"] = frame["symbol"].astype(str)
    frame["date"] = pd.to_datetime(frame["date"])
    symbol = table["symbol"].cast(pa.string())

    def with_symbols(values: pa.ChunkedArray) -> pa.Table:
        return table.set_column(1, "symbol", values)

    def with_dates(values: pa.ChunkedArray) -> pa.Table:
        return with_symbols(symbol).set_column(0, "date", values)

    dates = table["date"].cast(pa.date32())
    half = len(table) // 2
    return {
        "pandas": frame,
        "pandas, indexed": frame.set_index(["date", "symbol"]),
        "pandas, qlib's names": frame.rename(columns={"close": "$close"})
        .set_index(["date", "symbol"])
        .rename_axis(["datetime", "instrument"]),
        "pandas, categories": frame.astype({"symbol": "category"}),
        "pyarrow, strings": with_symbols(symbol),
        "pyarrow, large strings": with_symbols(symbol.cast(pa.large_string())),
        "pyarrow, string views": with_symbols(symbol.cast(pa.string_view())),
        "pyarrow, dictionary": with_symbols(symbol.dictionary_encode()),
        "pyarrow, chunks with offsets": pa.concat_tables([table.slice(half), table.slice(0, 7), table.slice(7, half - 7)]),
        "pyarrow, one batch": table.combine_chunks().to_batches()[0],
        "date32": with_dates(dates),
        "date64": with_dates(dates.cast(pa.date64())),
        "nanoseconds": with_dates(dates.cast(pa.timestamp("ns"))),
        "seconds": with_dates(dates.cast(pa.timestamp("s"))),
        "texts": with_dates(dates.cast(pa.string())),
        "dictionary of numpy arrays": {"date": frame["date"].to_numpy(), "symbol": frame["symbol"].tolist(), "close": frame["close"].to_numpy()},
    }  # fmt: skip


def test_frames_of_every_kind_give_the_same(prices: pa.Table) -> None:
    expected = sorted_columns(orrery.factors.compute(prices, {"m": "Mean($close,3)"}).to_arrow())
    for kind, frame in frames_of(prices).items():
        assert sorted_columns(orrery.factors.compute(frame, {"m": "Mean($close,3)"}).to_arrow()) == expected, kind


def test_long_symbols_of_string_views_are_read() -> None:
    names = ["a symbol of more than twelve bytes", "short", "another symbol of more than twelve bytes"]
    table = pa.table(
        {
            "date": pa.array([dt.date(2024, 1, 2)] * 3),
            "symbol": pa.array(names, pa.string_view()),
            "close": [1.0, 2.0, 3.0],
        }
    )
    result = orrery.factors.compute(table, {"c": "$close"}).to_arrow()
    assert result["symbol"].to_pylist() == names and result["c"].to_pylist() == [1.0, 2.0, 3.0]


def test_polars_reads_and_is_read(prices: pa.Table) -> None:
    frame = polars.from_arrow(prices)
    expected = orrery.factors.compute(prices, {"m": "Mean($close,3)"}).to_polars()
    for kind in (frame, frame.with_columns(polars.col("symbol").cast(polars.Categorical))):
        assert orrery.factors.compute(kind, {"m": "Mean($close,3)"}).to_polars().equals(expected)


def test_missing_values_and_whole_numbers() -> None:
    day = dt.date(2024, 1, 2)
    table = pa.table(
        {"date": [day + dt.timedelta(days=i) for i in range(4)], "symbol": ["A"] * 4,
         "close": pa.array([1, None, 3, 4], pa.int32()), "halted": [False, True, False, True]}
    )  # fmt: skip
    result = orrery.factors.compute(table, {"c": "$close", "h": "$halted", "s": "Sum($close,2)"}).to_pandas()
    np.testing.assert_array_equal(result["c"], [1, np.nan, 3, 4])
    np.testing.assert_array_equal(result["h"], [0, 1, 0, 1])
    assert result["s"].iloc[3] == 7


def test_sectors_of_the_frame_make_groups() -> None:
    table = pa.table(
        {"date": [dt.date(2024, 1, 2)] * 4, "symbol": ["A", "B", "C", "D"], "close": [1.0, 2.0, 3.0, 5.0],
         "sector": ["x", "y", "x", "y"]}
    )  # fmt: skip
    result = orrery.factors.compute(table, {"d": "CSNeutralize($close,$sector)"}).to_arrow()
    assert result["d"].to_pylist() == pytest.approx([-1.0, -1.5, 1.0, 1.5])
    with pytest.raises(orrery.errors.NotFoundError, match="sector"):
        orrery.factors.compute(table.drop_columns(["sector"]), {"d": "CSNeutralize($close,$sector)"})


def test_reading_copies_nothing_out(prices: pa.Table) -> None:
    """Two readers of one table see the same memory, which lives on when the table is gone."""
    table = orrery.factors.compute(prices, {"m": "Mean($close,3)"})
    first, second = pa.table(table), pa.table(table)
    address = first["m"].chunk(0).buffers()[1].address
    assert second["m"].chunk(0).buffers()[1].address == address
    expected = pc.sum(pc.if_else(pc.is_nan(first["m"]), 0, first["m"])).as_py()
    del table, first
    assert pc.sum(pc.if_else(pc.is_nan(second["m"]), 0, second["m"])).as_py() == expected
    assert second.schema.field("m").type == pa.float32() and second.schema.field("date").type == pa.date32()


@pytest.mark.parametrize(
    ("factors", "message"),
    [
        ({"x": "Ref($close,-1)"}, "future"),
        ({"x": "Mean($close"}, r"\^"),
        ({"x": "Maen($close,3)"}, "Mean"),
        ({"x": "$closs"}, "close"),
        ({}, "nothing to compute"),
    ],
)
def test_wrong_factors_are_refused(prices: pa.Table, factors: dict[str, str], message: str) -> None:
    with pytest.raises(orrery.errors.InvalidArgumentError, match=message) as caught:
        orrery.factors.compute(prices, factors)
    assert caught.value.code == "invalid_argument" and isinstance(caught.value, ValueError)


def test_wrong_frames_are_refused(prices: pa.Table) -> None:
    twice = pa.concat_tables([prices, prices.slice(3, 1)])
    with pytest.raises(orrery.errors.InvalidArgumentError, match="two rows for"):
        orrery.factors.compute(twice, {"c": "$close"})
    with pytest.raises(orrery.errors.NotFoundError, match="column 'symbol'"):
        orrery.factors.compute(prices.drop_columns(["symbol"]), {"c": "$close"})
    with pytest.raises(orrery.errors.InvalidArgumentError, match="no rows"):
        orrery.factors.compute(prices.slice(0, 0), {"c": "$close"})
    with pytest.raises(orrery.errors.InvalidArgumentError, match="a table is wanted"):
        orrery.factors.compute(42, {"c": "$close"})
    with pytest.raises(orrery.errors.NotFoundError, match="alpha158"):
        orrery.factors.compute(prices, "alpha159")
    with pytest.raises(orrery.errors.InvalidArgumentError, match="float32 or float64"):
        orrery.factors.compute(prices, {"c": "$close"}, precision="double")


def test_other_threads_run_while_factors_are_computed() -> None:
    sessions, names = 1200, 100
    rng = np.random.default_rng(5)
    days = np.repeat(np.arange(sessions), names).astype("datetime64[D]")
    table = pa.table(
        {"date": days, "symbol": np.tile([f"S{i:03}" for i in range(names)], sessions).tolist(),
         **{name: rng.uniform(10, 20, sessions * names) for name in COLUMNS[2:]}}
    )  # fmt: skip
    gaps, stop = [], threading.Event()

    def tick() -> None:
        last = time.perf_counter()
        while not stop.wait(0.001):
            now = time.perf_counter()
            gaps.append(now - last)
            last = now

    watcher = threading.Thread(target=tick)
    watcher.start()
    start = time.perf_counter()
    orrery.factors.compute(table, "alpha158", threads=1)
    seconds = time.perf_counter() - start
    stop.set()
    watcher.join()
    # Were the lock held, one gap would be about as long as the whole call.
    assert len(gaps) > 5 and max(gaps) < 0.8 * seconds, (max(gaps), seconds)


def test_lists_and_explains() -> None:
    assert "alpha158" in orrery.factors.sets()
    factors = orrery.factors.list("alpha158")
    assert len(factors) == 158 and next(iter(factors)) == "KMID"
    assert orrery.factors.explain("Ref($close,5)/$close-1")[1:] == (5, 0)
    assert orrery.factors.explain("Ref($close,-2)/Ref($close,-1)-1").look_ahead_rows == 2
    assert orrery.factors.explain("ROC20").expression == factors["ROC20"]


def test_factors_are_judged(market: Path, tmp_path: Path) -> None:
    found = orrery.factors.evaluate(
        market / "ohlcv.parquet",
        ["literature", {"r5": "Ref($close,5)/$close-1"}],
        out=tmp_path / "judged",
        sectors=market / "sectors.csv",
        horizons=[1, 5],
    )
    assert len(found.ranking) == len(orrery.factors.list("literature")) + 1
    assert 20 < found.counts["tested"] < len(found.ranking)  # some look back over more years than there are
    assert found.details["settings"]["horizons"] == [1, 5]
    assert found.daily.column_names == ["date", "factor", "horizon", "ic", "rank_ic", "long_short"]
    assert "would look significant" in found.report.html
    with pytest.raises(orrery.errors.InvalidArgumentError, match="quantiles must be 2 to 100"):
        orrery.factors.evaluate(market / "ohlcv.parquet", {"c": "$close"}, out=tmp_path / "none", quantiles=1)
