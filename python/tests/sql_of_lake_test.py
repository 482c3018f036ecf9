"""SQL over a lake from Python."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pyarrow as pa
import pytest

import orrery
from orrery import _program


@pytest.fixture(scope="module")
def lake(market: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lake") / "lake"
    _program.call(["import", "prices", market / "ohlcv.parquet", "--lake", folder])
    return folder


def test_an_answer_is_an_arrow_table(lake: Path) -> None:
    table = orrery.sql("SELECT symbol, count(*) AS n, max(date) AS last FROM bars_1d GROUP BY ALL", lake=lake)
    assert isinstance(table, pa.Table) and table.num_rows == 20
    assert table.schema.types == [pa.string(), pa.int64(), pa.date32()]
    assert orrery.sql("SELECT 1 AS one WHERE false", lake=lake).num_rows == 0


def test_as_of_takes_texts_dates_and_moments(lake: Path) -> None:
    last = orrery.sql("SELECT max(date) AS d FROM bars_1d", lake=lake)["d"][0].as_py()
    day = last - timedelta(days=200)
    new_york = timezone(timedelta(hours=-5))
    for moment in (
        day.isoformat(),
        day,
        datetime(day.year, day.month, day.day),
        datetime(day.year, day.month, day.day, tzinfo=UTC),
        datetime(day.year, day.month, day.day, tzinfo=UTC).astimezone(new_york),
    ):
        seen = orrery.sql("SELECT max(known_time) AS t FROM bars_1d", lake=lake, as_of=moment)["t"][0].as_py()
        assert seen <= datetime(day.year, day.month, day.day, tzinfo=UTC) < seen + timedelta(days=7)


def test_errors_are_those_of_the_package(lake: Path, tmp_path: Path) -> None:
    with pytest.raises(orrery.errors.NotFoundError, match="Did you mean"):
        orrery.sql("FROM bars_1w", lake=lake)
    with pytest.raises(orrery.errors.InvalidArgumentError, match="syntax error"):
        orrery.sql("SELEC", lake=lake)
    with pytest.raises(orrery.errors.NotFoundError, match="no lake"):
        orrery.sql("SELECT 1", lake=tmp_path / "none")
