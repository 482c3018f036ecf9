"""Files of other programs on their way into a lake, held against what pandas and the standard library read in them."""

import csv
import json
import os
import zipfile
from pathlib import Path

import numpy
import pandas as pd
import pytest
from program import ROOT, check_help, orrery

SHARED = Path(os.environ.get("ORRERY_SHARED", ROOT.parent / "shared"))


def said(*arguments: str, cwd: Path) -> dict:
    """Runs a command with --json and returns what it said."""
    answer = orrery(*arguments, "--json", cwd=cwd)
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


def read(table: str, cwd: Path, *options: str) -> pd.DataFrame:
    said("data", "read", table, "--out", "read.parquet", *options, cwd=cwd)
    return pd.read_parquet(cwd / "read.parquet")


def bars() -> pd.DataFrame:
    days = pd.to_datetime(["2024-07-02", "2024-07-03", "2024-07-05"])
    return pd.DataFrame(
        {
            "date": list(days) * 2,
            "symbol": ["AAA"] * 3 + ["BBB"] * 3,
            "open": [10.0, 10.5, 10.2, 20.0, 21.0, 22.0],
            "high": [11.0, 10.9, 10.3, 21.0, 22.0, 23.0],
            "low": [9.5, 10.1, 10.0, 19.0, 20.0, 21.5],
            "close": [10.4, 10.2, 10.1, 20.5, 21.5, -1.0],
            "volume": [1000, 1200, 900, 50, 60, 70],
        }
    )


@pytest.mark.parametrize("command", ["csv", "feather", "hdf5", "lean", "parquet", "prices", "membership", "qlib"])
def test_every_format_has_help_with_an_example(command: str) -> None:
    assert "--json" in check_help(["import", command])


def test_prices_of_every_format_are_the_same_bars(tmp_path: Path) -> None:
    bars().to_csv(tmp_path / "bars.csv", index=False)
    bars().to_parquet(tmp_path / "bars.parquet")
    bars().to_feather(tmp_path / "bars.feather")
    tables = []
    for name in ("bars.csv", "bars.parquet", "bars.feather"):
        summary = said("import", "prices", name, "--lake", name + ".lake", "--source", "desk", cwd=tmp_path)
        assert summary["quarantined"] == {"zero or negative price": 1}
        assert summary["bars"]["added"] == 5
        tables.append(read("bars_1d", tmp_path, "--lake", name + ".lake").drop(columns="retrieved_time"))
    for other in tables[1:]:
        pd.testing.assert_frame_equal(other, tables[0])
    expected = bars().query("close > 0").sort_values(["symbol", "date"]).reset_index(drop=True)
    assert tables[0]["close"].tolist() == expected["close"].tolist()
    assert pd.to_datetime(tables[0]["date"]).tolist() == expected["date"].tolist()


def test_a_table_of_another_kind_comes_from_feather(tmp_path: Path) -> None:
    known = pd.to_datetime(["2024-07-11 12:30", "2024-08-14 12:30"]).tz_localize("UTC")
    rows = pd.DataFrame(
        {"series": "CPI", "value": [314.2, 314.5], "date": ["2024-06-30", "2024-07-31"], "known_time": known}
    )
    rows.to_feather(tmp_path / "macro.feather")
    assert said("import", "feather", "macro.feather", "--table", "macro", cwd=tmp_path)["rows"] == 2
    assert read("macro", tmp_path)["value"].tolist() == [314.2, 314.5]
    assert read("macro", tmp_path, "--as-of", "2024-07-12")["value"].tolist() == [314.2]
    assert (read("macro", tmp_path)["source"] == "macro.feather").all()


def test_a_table_of_any_kind_comes_from_csv(tmp_path: Path) -> None:
    """Names in any case, days and moments, codes with leading zeros, columns of one's own, bad rows apart."""
    (tmp_path / "bars.csv").write_text(
        "Symbol,Date,Open,High,Low,Close,Volume,beta,Code\n"
        "AAA,2024-07-02,10,11,9.5,10.4,1000,1.25,00700\nAAA,2024-07-03,10,9,9.5,10.4,1000,1.5,00700\n"
    )
    summary = said("import", "csv", "bars.csv", "--table", "bars_1d", cwd=tmp_path)
    assert summary["quarantined"] == {"high below another price": 1}
    (row,) = read("bars_1d", tmp_path).to_dict("records")
    assert (row["symbol"], row["close"], row["beta"], row["Code"]) == ("AAA", 10.4, 1.25, "00700")
    assert str(row["event_time"]) == str(row["known_time"]) == "2024-07-03 00:00:00+00:00"
    (tmp_path / "own.csv").write_text(
        "name,event_time,known_time,x\nA,2024-07-02T10:00Z,2024-07-05,1\nA,2024-07-02T10:00Z,2024-07-08,2\n"
    )
    refusal = orrery("import", "csv", "own.csv", "--table", "own", cwd=tmp_path)
    assert refusal.returncode != 0
    assert "--key" in refusal.stderr
    for added in (2, 0):
        again = said("import", "csv", "own.csv", "--table", "own", "--key", "name,event_time", cwd=tmp_path)
        assert again["facts"]["added"] == added
    assert read("own", tmp_path, "--as-of", "2024-07-06")["x"].tolist() == [1.0]
    assert read("own", tmp_path, "--as-of", "2024-07-09")["x"].tolist() == [2.0]


def qlib_store(folder: Path) -> None:
    """A store in qlib's form: one name with a split of 2 for 1 on the second day, a market that it joins then."""
    (folder / "calendars").mkdir(parents=True)
    (folder / "instruments").mkdir()
    (folder / "features/aaa").mkdir(parents=True)
    (folder / "calendars/day.txt").write_text("2024-07-02\n2024-07-03\n2024-07-05\n")
    (folder / "instruments/all.txt").write_text("AAA\t2024-07-02\t2024-07-05\n")
    (folder / "instruments/tops.txt").write_text("AAA\t2024-07-03\t2024-07-05\n")
    adjusted = {
        "open": [10, 10, 10],
        "high": [11, 11, 11],
        "low": [9, 9, 9],
        "close": [10, 10.5, 10.25],
        "volume": [100, 200, 300],
    }
    for field, values in {**adjusted, "factor": [1, 2, 2]}.items():
        numpy.array([0, *values], "<f4").tofile(folder / f"features/aaa/{field}.day.bin")


def test_a_qlib_store_goes_into_a_lake(tmp_path: Path) -> None:
    qlib_store(tmp_path / "store")
    summary = said("import", "qlib", "store", "--market", "tops", "--lake", "lake", cwd=tmp_path)
    assert summary["bars"]["added"] == 3
    assert read("bars_1d", tmp_path)["close"].tolist() == [10.0, 5.25, 5.125]
    actions = read("corporate_actions", tmp_path)
    assert actions[["kind", "value"]].to_numpy().tolist() == [["split", 2.0]]
    assert set(read("membership", tmp_path)["universe"]) == {"tops"}
    assert said("import", "qlib", "store", "--market", "tops", "--lake", "lake", cwd=tmp_path)["bars"]["added"] == 0
    refusal = orrery("import", "qlib", "store", cwd=tmp_path)
    assert "--out FILE.parquet" in refusal.stderr
    assert "--lake DIR" in refusal.stderr


def lean_zip(path: Path, *lines: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(path.stem + ".csv", "\n".join(lines) + "\n")


def lean_folder(folder: Path) -> Path:
    """A folder of LEAN's form with made-up data: a rename, a split, dividends, the end of an instrument."""
    usa = folder / "data/equity/usa"
    lean_zip(usa / "daily/aaa.zip", "20240702 00:00,100000,110000,95000,104000,1000", "20240703 00:00,1,2,3,x,5")
    lean_zip(usa / "daily/bbb.zip", "20240705 00:00,101000,101050,100000,100001,70")
    lean_zip(usa / "minute/aaa/20240702_trade.zip", "34200000,100000,100100,99900,100000,10", "bad,1,1,1,1,1")
    lean_zip(usa / "minute/aaa/20240115_trade.zip", "34200000,100000,100100,99900,100000,10")
    lean_zip(usa / "minute/aaa/20240702_quote.zip", "34200000,1,1,1,1,1,1,1,1,1,1")
    lean_zip(usa / "tick/aaa/20240702_trade.zip", "34200000,100000,10,N,0,0")
    crypto = folder / "data/crypto/coinbase"
    lean_zip(crypto / "daily/btcusd_trade.zip", "20240702 00:00,300,370.5,299,370,0.05655554")
    lean_zip(crypto / "minute/btcusd/20240702_trade.zip", "60000,300,301,299,300.25,1.5")
    (usa / "map_files").mkdir()
    (usa / "factor_files").mkdir()
    (usa / "map_files/bbb.csv").write_text("20240102,aaa,Q\r\n20240703,aaa,Q\r\n20501231,bbb,Q\r\n")
    (usa / "map_files/ccc.1.csv").write_text("20200102,ccc\n20240628,ccc\n")
    # A dividend of 0.25 at a close of 10, a split of 2 for 1, a dividend of 0.1 at 20: factors chained backwards.
    (usa / "factor_files/bbb.csv").write_text(
        "20240102,0.9701250,0.5,1\n20240304,0.9701250,0.5,10\n20240401,0.995,0.5,20\n20240501,0.995,1,20\n20501231,1,1,0\n"
    )
    return folder / "data"


def test_lean_folder_becomes_bars_and_actions(tmp_path: Path) -> None:
    lean_folder(tmp_path)
    summary = said("import", "lean", "data", cwd=tmp_path)
    assert summary["files_not_taken"] == {"bars of quotes": 1, "ticks": 1}
    assert summary["quarantined"] == {"non-numeric field": 1, "unreadable time": 1}
    days = read("bars_1d", tmp_path).set_index("symbol")
    assert days["close"].to_dict() == {"AAA": 10.4, "BBB": 10.0001, "BTCUSD": 370.0}
    assert str(days.loc["AAA", "event_time"]) == "2024-07-02 20:00:00+00:00"  # 16:00 in New York, summer
    assert str(days.loc["BTCUSD", "event_time"]) == "2024-07-03 00:00:00+00:00"
    minutes = read("bars_1m", tmp_path).sort_values(["symbol", "event_time"])
    assert [str(moment) for moment in minutes["open_time"]] == [
        "2024-01-15 14:30:00+00:00",  # winter
        "2024-07-02 13:30:00+00:00",
        "2024-07-02 00:01:00+00:00",
    ]
    actions = read("corporate_actions", tmp_path).sort_values(["event_time", "kind"])
    found = [
        (row.symbol, row.kind, row.value, row.note, str(row.event_time.date()))
        for row in actions.fillna("").itertuples()
    ]
    assert found == [
        ("AAA", "dividend", 0.25, "", "2024-03-05"),
        ("AAA", "split", 2.0, "", "2024-04-02"),
        ("AAA", "dividend", 0.1, "", "2024-05-02"),
        ("CCC", "delisting", "", "unknown", "2024-07-01"),
        ("AAA", "rename", "", "BBB", "2024-07-05"),
    ]
    quarantine = read("quarantine", tmp_path)
    assert sorted(quarantine["url"]) == [
        "equity/usa/daily/aaa.zip, line 2",
        "equity/usa/minute/aaa/20240702_trade.zip, line 2",
    ]
    again = said("import", "lean", "data", cwd=tmp_path)
    assert all(count["added"] == 0 and count["corrected"] == 0 for count in again["tables"].values())
    assert len(read("quarantine", tmp_path)) == 2


def test_lean_takes_what_is_asked_for(tmp_path: Path) -> None:
    lean_folder(tmp_path)
    summary = said("import", "lean", "data", "--symbols", "aaa", "--resolutions", "daily", cwd=tmp_path)
    assert summary["files"] == 1
    assert set(summary["tables"]) == {"bars_1d", "corporate_actions"}
    one = said("import", "lean", "data/crypto/coinbase/daily/btcusd_trade.zip", "--lake", "one", cwd=tmp_path)
    assert one["tables"]["bars_1d"]["added"] == 1


def test_lean_errors_name_the_file(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    answer = orrery("import", "lean", "empty", cwd=tmp_path)
    assert answer.returncode != 0
    assert "equity/usa/daily/aapl.zip" in answer.stderr
    broken = tmp_path / "equity/usa/daily/aaa.zip"
    broken.parent.mkdir(parents=True)
    broken.write_bytes(b"PK\x03\x04 cut off")
    answer = orrery("import", "lean", "equity", cwd=tmp_path)
    assert answer.returncode != 0
    assert "aaa.zip" in answer.stderr


def shared(relative: str) -> Path:
    path = SHARED / "data" / relative
    if not path.exists():
        if os.environ.get("ORRERY_REQUIRE_SHARED") == "1":
            pytest.fail(f"ORRERY_REQUIRE_SHARED=1, but there is no {path}")
        pytest.skip(f"no shared data at {path}")
    return path


def lean_rows(path: Path) -> list[list[str]]:
    with zipfile.ZipFile(path) as archive:
        return list(csv.reader(archive.read(archive.namelist()[0]).decode().splitlines()))


def lean_bars(folder: Path, resolution: str, scale: float, zone: str) -> pd.DataFrame:
    """Oracle: every bar of trades of a market, read by zipfile, csv and the system's table of time zones."""
    rows = []
    for path in sorted(folder.glob(f"{resolution}/*.zip")) + sorted(folder.glob(f"{resolution}/*/*_trade.zip")):
        if "_quote" in path.name:
            continue
        ticker = (path.parent.name if resolution not in ("daily", "hour") else path.stem.split("_")[0]).upper()
        for time, *numbers in lean_rows(path):
            if resolution in ("daily", "hour"):
                start = pd.Timestamp(time)
            else:
                start = pd.Timestamp(path.name[:8]) + pd.Timedelta(milliseconds=float(time))
            prices = [float(number) / scale for number in numbers[:4]]
            rows.append([ticker, start.tz_localize(zone).tz_convert("UTC"), start.date(), *prices, float(numbers[4])])
    return pd.DataFrame(rows, columns=["symbol", "start", "date", "open", "high", "low", "close", "volume"])


@pytest.mark.parametrize(
    ("market", "scale", "zone"),
    [("lean_equity/equity/usa", 1e4, "America/New_York"), ("lean_crypto/crypto/coinbase", 1.0, "UTC")],
    ids=["equity", "crypto"],
)
def test_lean_bars_are_those_of_the_archives(tmp_path: Path, market: str, scale: float, zone: str) -> None:
    folder = shared(market)
    summary = said("import", "lean", str(folder), cwd=tmp_path)
    assert summary["quarantined"] == {}
    tables = {"daily": "bars_1d", "hour": "bars_1h", "minute": "bars_1m", "second": "bars_1s"}
    for resolution, table in tables.items():
        expected = lean_bars(folder, resolution, scale, zone)
        if expected.empty:
            continue
        expected = expected.sort_values(["symbol", "start"]).reset_index(drop=True)
        found = read(table, tmp_path).sort_values(["symbol", "open_time"]).reset_index(drop=True)
        assert len(found) == len(expected) > 0
        for column in ("symbol", "open", "high", "low", "close", "volume"):
            assert found[column].tolist() == expected[column].tolist(), (table, column)
        assert pd.to_datetime(found["date"]).dt.date.tolist() == expected["date"].tolist()
        if resolution != "daily" or zone == "UTC":
            assert (found["open_time"].astype("int64") == expected["start"].astype("int64") // 1000).all()
        else:
            local = found["event_time"].dt.tz_convert(zone)
            assert (local.dt.date == expected["date"]).all()
            assert set(local.dt.strftime("%H:%M")) == {"16:00", "13:00"}
        assert (found["known_time"] >= found["event_time"]).all()


def test_lean_actions_are_those_that_happened(tmp_path: Path) -> None:
    """Oracle: Apple's dividends and splits as the company states them, Bank of America's and Google's change of symbol."""
    folder = shared("lean_equity/equity/usa")
    said("import", "lean", str(folder), "--resolutions", "daily", cwd=tmp_path)
    actions = read("corporate_actions", tmp_path)
    actions["day"] = actions["event_time"].dt.strftime("%Y-%m-%d")
    apple = actions[actions["symbol"] == "AAPL"].set_index(["day", "kind"])["value"].to_dict()
    splits = {day: value for (day, kind), value in apple.items() if kind == "split"}
    assert splits == {"2000-06-21": 2.0, "2005-02-28": 2.0, "2014-06-09": 7.0, "2020-08-31": 4.0}
    stated = {"2012-08-09": 2.65, "2012-11-07": 2.65, "2014-08-07": 0.47, "2018-11-08": 0.73, "2020-02-07": 0.77}
    assert {day: apple[day, "dividend"] for day in stated} == pytest.approx(stated, abs=2e-4)
    renames = actions[actions["kind"] == "rename"][["symbol", "note", "day"]].to_numpy().tolist()
    assert sorted(renames) == [
        ["GOOCV", "GOOG", "2014-04-03"],
        ["GOOG", "GOOGL", "2014-04-03"],
        ["NB", "BAC", "1998-10-01"],
        ["TAPA", "TAP.A", "2013-01-02"],
    ]
    ended = actions[actions["kind"] == "delisting"][["symbol", "day"]].to_numpy().tolist()
    assert sorted(ended) == [
        ["AAA", "2007-05-21"],
        ["FB", "2003-03-31"],
        ["GDVD", "2021-01-21"],
        ["GOOAV", "2014-04-03"],
    ]
