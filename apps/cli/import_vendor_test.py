"""Exports of vendors on their way into a lake by a mapping, held against what pandas and the standard library read."""

import gzip
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy
import pandas as pd
import pytest
from import_files_test import read, said
from program import ROOT, check_help, orrery

EXAMPLES = ROOT / "examples/mappings"


def take(name: str, cwd: Path, *options: str) -> dict:
    export, mapping = EXAMPLES / f"{name}.csv", EXAMPLES / f"{name}.yaml"
    return said("import", "vendor", str(export), "--mapping", str(mapping), *options, cwd=cwd)


def refused(cwd: Path, export: str, mapping: str) -> str:
    (cwd / "export.csv").write_text(export)
    (cwd / "mapping.yaml").write_text(mapping)
    answer = orrery("import", "vendor", "export.csv", "--mapping", "mapping.yaml", cwd=cwd)
    assert answer.returncode != 0
    return answer.stderr


def test_help_has_an_example() -> None:
    assert "--json" in check_help(["import", "vendor"])


def test_bloomberg_bars(tmp_path: Path) -> None:
    summary = take("bloomberg_bars", tmp_path)
    assert summary["rows_read"] == 4
    assert summary["quarantined"] == {"high below another price": 1}
    assert summary["unused_columns"] == ["CRNCY"]
    bars = read("bars_1d", tmp_path).sort_values(["symbol", "date"])
    assert bars["symbol"].tolist() == ["AAA", "AAA", "BBB.B"]
    assert bars["volume"].tolist()[:2] == [1000.0, 800.0]
    assert numpy.isnan(bars["volume"].tolist()[2])
    assert [str(moment) for moment in bars["event_time"]] == [
        "2024-07-02 20:00:00+00:00",
        "2024-07-03 17:00:00+00:00",  # an early close
        "2024-07-02 20:00:00+00:00",
    ]
    assert ((bars["known_time"] - bars["event_time"]) == pd.Timedelta(hours=3)).all()
    (note,) = read("quarantine", tmp_path).to_dict("records")
    assert (note["url"], note["column"], note["found"], note["symbol"]) == (
        "bloomberg_bars.csv, line 8",
        "PX_OPEN",
        "20.10",
        "BBB.B",
    )
    again = take("bloomberg_bars", tmp_path)
    assert (again["facts"]["added"], again["facts"]["unchanged"]) == (0, 3)
    assert len(read("quarantine", tmp_path)) == 1


def test_ravenpack_news(tmp_path: Path) -> None:
    summary = take("ravenpack_news", tmp_path)
    assert summary["quarantined"] == {"not a moment": 1}
    news = read("news", tmp_path).sort_values(["event_time", "symbol"])
    assert news["symbol"].tolist() == ["AAA", "BBB.B", "AAA"]
    assert news["relevance"].tolist() == [1.0, 0.35000000000000003, 0.9]
    assert news["event_sentiment"].isna().tolist() == [False, True, False]
    assert (news["known_time"] == news["event_time"]).all()
    assert str(news["event_time"].iloc[0]) == "2024-07-02 13:05:00.123000+00:00"
    assert news["headline"].iloc[0] == "Aardvark Anvils raises its outlook, shares rise"
    assert len(read("news", tmp_path, "--as-of", "2024-07-02T13:05:00Z")) == 0
    assert len(read("news", tmp_path, "--as-of", "2024-07-02T13:06:00Z")) == 2


def test_refinitiv_fundamentals(tmp_path: Path) -> None:
    assert take("refinitiv_fundamentals", tmp_path)["quarantined"] == {}
    facts = read("fundamentals", tmp_path)
    found = {(row.symbol, str(row.event_time.date()), row.item): row.value for row in facts.itertuples()}
    assert found == {
        ("AAA", "2024-04-01", "revenue"): 1250.5e6,
        ("AAA", "2024-04-01", "net_income"): 210e6,
        ("AAA", "2024-04-01", "shares_outstanding"): 1e8,
        ("AAA", "2024-07-01", "revenue"): 1300e6,
        ("AAA", "2024-07-01", "net_income"): -15.25e6,
        ("AAA", "2024-07-01", "shares_outstanding"): 1e8,
        ("BBB.B", "2024-04-01", "revenue"): 88.1e6,
        ("BBB.B", "2024-04-01", "shares_outstanding"): 2e7,
    }
    announced = datetime(2024, 5, 2, 16, 30, tzinfo=ZoneInfo("America/New_York")).astimezone(UTC)
    first = facts[(facts["symbol"] == "AAA") & (facts["event_time"] < "2024-05")]
    assert set(first["known_time"]) == {pd.Timestamp(announced)}
    assert set(first["unit"]) == {"USD", "shares"}


MACRO = """
source: desk
table: macro
columns: {series: Name, value: Value}
event: {day: Period}
known: {day: Released}
"""


def test_restatements_of_one_file_are_known_from_their_own_day(tmp_path: Path) -> None:
    """The same fact three times, told in any order: each is known from its release, however late it was downloaded."""
    (tmp_path / "export.csv").write_text(
        "Name,Period,Released,Value\nCPI,2024-05-31,2024-08-14,3\nCPI,2024-05-31,2024-06-12,1\nCPI,2024-05-31,2024-07-11,2\n"
    )
    (tmp_path / "mapping.yaml").write_text(MACRO)
    for expected in ({"added": 3, "unchanged": 0}, {"added": 0, "unchanged": 3}):
        summary = said("import", "vendor", "export.csv", "--mapping", "mapping.yaml", cwd=tmp_path)["facts"]
        assert {key: summary[key] for key in expected} == expected
        assert summary["corrected"] == 0
    for day, value in (("2024-06-14", 1.0), ("2024-07-13", 2.0), ("2024-08-16", 3.0)):
        assert read("macro", tmp_path, "--as-of", day)["value"].tolist() == [value]
    assert len(read("macro", tmp_path, "--as-of", "2024-06-12")) == 0
    # What the vendor changes for a release that it told before is known from now on.
    export = (tmp_path / "export.csv").read_text().replace("2024-08-14,3", "2024-08-14,4")
    (tmp_path / "export.csv").write_text(export)
    assert said("import", "vendor", "export.csv", "--mapping", "mapping.yaml", cwd=tmp_path)["facts"]["corrected"] == 1
    assert read("macro", tmp_path, "--as-of", "2024-08-16")["value"].tolist() == [3.0]


def test_every_form_of_a_file_gives_the_same_rows(tmp_path: Path) -> None:
    """Oracle: pandas writes random bars as text in several forms, Parquet and Feather; all give the frame back."""
    random = numpy.random.default_rng(7)
    count = 500
    low = numpy.round(random.uniform(1, 100, count), 4)
    start = pd.Timestamp("2024-01-02 14:30", tz="UTC") + pd.to_timedelta(numpy.arange(count), unit="min")
    frame = pd.DataFrame(
        {
            "Ric": random.choice(["AAA.O", "BBB.B.N", "Zürich.S"], count),
            "Start": start,
            "O": low + 1,
            "H": low + 2.5,
            "L": low,
            "C": low + 1.25,
            "V": random.integers(0, 10**6, count).astype(float),
        }
    )
    columns = "{symbol: {from: Ric, before_last: .}, open: O, high: H, low: L, close: C, volume: V}"
    local = frame.assign(Start=frame["Start"].dt.tz_convert("America/New_York").dt.strftime("%d/%m/%Y %H:%M"))
    local.to_csv(tmp_path / "local.txt", sep="\t", index=False, encoding="latin-1")
    (tmp_path / "headless.csv.gz").write_bytes(
        gzip.compress(b"# a remark\n" + local.to_csv(index=False, header=False, decimal=".").encode())
    )
    frame.to_parquet(tmp_path / "bars.parquet")
    frame.to_feather(tmp_path / "bars.feather")
    form = 'format: "%d/%m/%Y %H:%M", plus: 1m}\ntime_zone: America/New_York\nfile: '
    mappings = {
        "local.txt": form + "{delimiter: tab, encoding: latin-1}",
        "headless.csv.gz": form + '{comment: "#", columns: [Ric, Start, O, H, L, C, V]}',
        "bars.parquet": "plus: 1m}",
        "bars.feather": "plus: 1m}",
    }
    for name, rest in mappings.items():
        (tmp_path / "m.yaml").write_text(
            f"source: desk\ntable: bars_1m\ncolumns: {columns}\nevent: {{from: Start, {rest}\n"
        )
        summary = said("import", "vendor", name, "--mapping", "m.yaml", "--lake", name + ".lake", cwd=tmp_path)
        assert summary["quarantined"] == {}
        found = read("bars_1m", tmp_path, "--lake", name + ".lake").sort_values("event_time")
        assert found["symbol"].tolist() == frame["Ric"].str.rsplit(".", n=1).str[0].tolist()
        assert ((found["event_time"] - pd.Timedelta(minutes=1)).to_numpy() == frame["Start"].to_numpy()).all()
        for ours, theirs in (("open", "O"), ("high", "H"), ("low", "L"), ("close", "C"), ("volume", "V")):
            assert found[ours].tolist() == frame[theirs].tolist(), (name, ours)


def test_bad_rows_go_to_the_quarantine_and_good_ones_are_kept(tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_text(
        "Name,Period,Released,Value\nA,2024-05-31,2024-06-12,1\nA,2024-05-31,2024-06-12\nA,2024-15-31,2024-06-12,1\n"
        ',2024-05-31,2024-06-12,1\nB,2024-05-31,soon,1\nB,2024-05-31,2024-06-12,one\nB,2024-05-31,"2024-06-12,1\nC,2024-05-31,2024-06-12,\n'
    )
    (tmp_path / "mapping.yaml").write_text(MACRO)
    summary = said("import", "vendor", "export.csv", "--mapping", "mapping.yaml", cwd=tmp_path)
    assert summary["facts"]["added"] == 2  # a missing value is a fact too
    assert summary["quarantined"] == {
        "empty field": 1,
        "not a day": 2,
        "not a number": 1,
        "quote not closed": 1,
        "wrong number of fields": 1,
    }
    lines = sorted(read("quarantine", tmp_path)["url"])
    assert lines == [f"export.csv, line {line}" for line in (3, 4, 5, 6, 7, 8)]


@pytest.mark.parametrize(
    ("mapping", "said_so"),
    [
        (
            MACRO.replace("Value}", "Valeu}"),
            ["mapping.yaml:4:", "no column 'Valeu'", "did you mean 'Value'", "it has: Name"],
        ),
        (MACRO.replace("series:", "sereis:"), ["mapping.yaml:4:", "sereis", "did you mean 'series'"]),
        (MACRO.replace("series: Name, ", ""), ["nothing is mapped to 'series'"]),
        (MACRO.replace("macro", "marco"), ["table: no table 'marco'", "did you mean 'macro'"]),
        (MACRO.replace("known: {day: Released}", "knwon: {day: Released}"), ["knwon", "did you mean 'known'"]),
        (MACRO.replace("Released}", "Released, format: dd/mm}"), ["mapping.yaml:6:", "'dd/mm'", "%d/%m/%Y"]),
        (MACRO.replace("{day: Released}", "now"), ["known: must be rule", "found"]),
        (MACRO + "time_zone: Amerika/New_York\n", ["time_zone", "did you mean 'America/New_York'"]),
        (
            MACRO.replace("macro", "news"),
            ["columns.series: table news has no such column", "it has: symbol, id", "type: number"],
        ),
        (MACRO.replace("Period}", "Period, at: noon}"), ["event.at", "16:30", "'noon'"]),
        (
            "source: desk\ntable: fundamentals\ncolumns: {symbol: Name, item: Name}\nevent: {day: Period}\n",
            ["known: is required for fundamentals"],
        ),
        (
            MACRO.replace("{day: Period}", '{day: Period, format: "%Y"}'),
            ["none of its 1 rows", "line 2", "not a day", "2024-05-31"],
        ),
    ],
)
def test_errors_name_the_place_and_what_is_meant(tmp_path: Path, mapping: str, said_so: list[str]) -> None:
    message = refused(tmp_path, "Name,Period,Released,Value\nCPI,2024-05-31,2024-06-12,1\n", mapping)
    for part in said_so:
        assert part in message, message
