"""A name that is called otherwise from a day on: `data.renames` of a study of files, and an account that holds it."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from program import at_home, done, orrery, study_of, write_market

DAY = "2019-10-01"
FORMER, NAME = "SIM00003OLD", "SIM00004"  # in the same place among the symbols
SAME = ("date", "kind", "quantity_micros", "price_micros", "value_micros", "order_id", "symbol")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A market in which a name was called otherwise until a day, as a whole and as it was on the evening before."""
    place = tmp_path_factory.mktemp("renamed")
    with at_home(place):
        study = write_market(place, study_of("renamed"), 12, 3, 3)
        bars = pd.read_parquet(study.parent / "ohlcv.parquet")
        bars["symbol"] = bars.symbol.astype(str)
        is_before = bars.date.astype(str) < DAY
        former = bars.assign(symbol=bars.symbol.where(~(is_before & (bars.symbol == NAME)), FORMER))
        former.to_parquet(study.parent / "former.parquet", index=False)
        former[is_before].to_parquet(study.parent / "growing.parquet", index=False)
        (study.parent / "renames.csv").write_text(f"date,from,to\n{DAY},{FORMER},{NAME}\n")
        done("run", str(study), "--out", str(place / "final"))
        yield place


def trades(run: Path) -> pd.DataFrame:
    return pd.read_parquet(run / "trades.parquet").assign(symbol=lambda table: table.symbol.astype(str))


def set_data(folder: Path, data: str) -> str:
    study = folder / "market/renamed.yaml"
    study.write_text(study_of("renamed").replace("{path: ohlcv.parquet}", data))
    return str(study)


def test_files_are_joined_into_one_instrument(folder: Path) -> None:
    study = set_data(folder, "{path: former.parquet, renames: renames.csv}")
    done("run", study, "--out", str(folder / "joined"))
    expected, found = trades(folder / "final"), trades(folder / "joined")
    assert (expected.symbol == NAME).sum() > 5
    pd.testing.assert_frame_equal(expected, found)
    study = set_data(folder, "{path: former.parquet}")
    done("run", study, "--out", str(folder / "apart"))
    assert len(trades(folder / "apart")) != len(expected)


def test_an_account_goes_on_under_the_new_symbol(folder: Path) -> None:
    account = str(folder / "account")
    growing = folder / "market/growing.parquet"
    study = set_data(folder, "{path: growing.parquet}")
    done("trade", study, "--account", account)
    growing.write_bytes((folder / "market/former.parquet").read_bytes())
    study = set_data(folder, "{path: growing.parquet, renames: renames.csv}")
    done("trade", study, "--account", account)
    assert "verified" in done("journal", "verify", account)
    with sqlite3.connect(folder / "account/books.sqlite") as books:
        entries = pd.read_sql("SELECT * FROM entries ORDER BY number", books)
    renames = entries[entries.kind == "rename"]
    assert list(renames.symbol) == [NAME]
    assert list(renames.reason) == [FORMER]
    assert list(renames.date) == [DAY]
    assert (entries[entries.date < DAY].symbol != NAME).all()
    expected = trades(folder / "final")
    found = entries[entries.kind != "rename"].replace({"symbol": {FORMER: NAME}}).reset_index(drop=True)
    assert len(found) == len(expected)
    for column in SAME:
        left = expected[column].astype(str).replace({"nan": "", "None": "", "<NA>": ""})
        assert (left.to_numpy() == found[column].astype(str).to_numpy()).all(), column


def test_what_is_wrong_with_renames_is_named(folder: Path) -> None:
    bad = folder / "market/bad.csv"
    bad.write_text(f"date,from,to\n{DAY},{FORMER},{NAME}\nsoon,A,B\n")
    answer = orrery("run", set_data(folder, "{path: former.parquet, renames: bad.csv}"), "--out", str(folder / "bad"))
    assert answer.returncode != 0
    assert "bad.csv, line 3, column 'date': YYYY-MM-DD is expected, found 'soon'" in answer.stderr
