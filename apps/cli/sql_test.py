"""SQL over a lake as a person uses it. pandas on what `deltalake` reads is the oracle for what was known when."""

import csv
import io
import json
import subprocess
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable, write_deltalake
from program import BINARY, ENVIRONMENT, check_help, orrery

FACTS = [  # series, event, known, value
    ("GDP", "2020-03-31", "2020-04-29", 2.0),
    ("GDP", "2020-03-31", "2020-05-28", 2.3),
    ("GDP", "2020-06-30", "2020-07-30", -9.1),
    ("CPI", "2020-03-31", "2020-04-10", 1.5),
    ("CPI", "2020-04-30", None, 0.3),
]


def facts(rows: list[tuple]) -> pa.Table:
    times = pa.timestamp("us", "UTC")

    def moments(values: list) -> pa.Array:
        return pa.array([None if value is None else pd.Timestamp(value, tz="UTC") for value in values], times)

    return pa.table(
        {
            "series": [row[0] for row in rows],
            "value": [row[3] for row in rows],
            "unit": pa.array([None] * len(rows), pa.string()),
            "event_time": moments([row[1] for row in rows]),
            "known_time": moments([row[2] for row in rows]),
            "retrieved_time": moments(["2021-01-01"] * len(rows)),
            "source": ['hand, "made"'] * len(rows),
        }
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake whose table macro was written by us and by deltalake."""
    folder = tmp_path_factory.mktemp("sql")
    pq.write_table(facts(FACTS[:2]), folder / "facts.parquet")
    assert orrery("import", "parquet", "facts.parquet", "--table", "macro", cwd=folder).returncode == 0
    write_deltalake(folder / "lake/macro", facts(FACTS[2:]), mode="append")
    return folder


def sql(folder: Path, query: str, *options: str) -> str:
    answer = orrery("sql", query, *options, cwd=folder)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def rows(folder: Path, query: str, *options: str) -> list[dict]:
    return json.loads(sql(folder, query, "--json", *options))


def complaint(folder: Path, *arguments: str) -> str:
    answer = orrery("sql", *arguments, cwd=folder)
    assert answer.returncode == 1, answer.stdout
    return answer.stderr


def known(folder: Path, moment: str | None) -> pd.DataFrame:
    """The latest version of each fact by then, by pandas."""
    frame = DeltaTable(folder / "lake/macro").to_pandas().dropna(subset="known_time")
    if moment is not None:
        frame = frame[frame["known_time"] <= pd.Timestamp(moment, tz="UTC")]
    return frame.sort_values("known_time").groupby(["series", "event_time"], as_index=False).last()


def test_help_has_an_example() -> None:
    assert "--as-of" in check_help(["sql"])


@pytest.mark.parametrize("moment", [None, "2020-04-09", "2020-04-10", "2020-05-27", "2020-05-28", "2020-12-31"])
def test_shows_what_was_known(folder: Path, moment: str | None) -> None:
    options = ["--as-of", moment] if moment else []
    expected = known(folder, moment)
    found = rows(folder, "SELECT series, event_time, value FROM macro ORDER BY series, event_time", *options)
    assert [(row["series"], pd.Timestamp(row["event_time"]), row["value"]) for row in found] == list(
        expected[["series", "event_time", "value"]].itertuples(index=False, name=None)
    )
    history = rows(folder, "SELECT count(*) AS n FROM macro_history", *options)[0]["n"]
    assert history == sum(not moment or (fact[2] or "9") <= moment for fact in FACTS)


def test_every_format_says_the_same(folder: Path, tmp_path: Path) -> None:
    query = "SELECT series, event_time, known_time, value, unit, source FROM macro_history ORDER BY ALL"
    expected = rows(folder, query)
    for name in ("a.csv", "a.json", "a.parquet", "a.arrow"):
        assert sql(folder, query, "--out", str(tmp_path / name)) == f"5 rows  {tmp_path / name}\n"
    assert json.loads((tmp_path / "a.json").read_text()) == expected
    texts = list(csv.DictReader(io.StringIO((tmp_path / "a.csv").read_text())))
    assert texts == [{key: "" if value is None else str(value) for key, value in row.items()} for row in expected]
    assert sql(folder, query, "--format", "csv") == (tmp_path / "a.csv").read_text()
    table = pq.read_table(tmp_path / "a.parquet")
    assert table.equals(feather.read_table(tmp_path / "a.arrow"))
    assert table["value"].to_pylist() == [row["value"] for row in expected]
    assert table["event_time"].to_pylist() == [pd.Timestamp(row["event_time"]) for row in expected]


def test_a_table_has_numbers_right_and_says_what_it_leaves_out(folder: Path) -> None:
    text = sql(folder, "SELECT range AS n, 't' || range AS t FROM range(1000)", "--rows", "4")
    assert text.splitlines() == [
        "    n  t",
        "int64  varchar",
        "─────  ───────",
        "    0  t0",
        "    1  t1",
        "    ·  ·",
        "  998  t998",
        "  999  t999",
        "1000 rows (4 shown), 2 columns",
    ]
    wide = sql(folder, "SELECT " + ", ".join(f"{i} AS column_{i}" for i in range(30)))
    assert "…" in wide and "30 columns (" in wide and max(map(len, wide.splitlines())) <= 100
    assert "column_0" in wide and "column_29" in wide
    assert sql(folder, "SELECT 'two\nlines' AS a").splitlines()[3] == "two lines"
    assert sql(folder, "FROM macro WHERE false").splitlines()[-1].startswith("0 rows, 7 columns")
    assert "READ_PARQUET" in sql(folder, "EXPLAIN SELECT value FROM macro_history")


def test_a_query_may_stand_in_a_file(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "ask.sql").write_text("-- how many\nSELECT count(*) AS n\nFROM macro;\n")
    answer = orrery("sql", "--file", str(tmp_path / "ask.sql"), "--json", cwd=folder)
    assert json.loads(answer.stdout) == [{"n": 3}]


def test_says_what_is_wrong(folder: Path) -> None:
    assert 'Did you mean "macro' in complaint(folder, "FROM macr")
    assert "value" in complaint(folder, "SELECT valu FROM macro")
    assert "syntax error" in complaint(folder, "SELEC 1")
    assert "there is no lake" in complaint(folder, "SELECT 1", "--lake", "nowhere")
    assert "needs --out" in complaint(folder, "SELECT 1", "--format", "arrow")
    assert ".parquet" in complaint(folder, "SELECT 1", "--out", "a.txt")
    assert "--as-of" in complaint(folder, "SELECT 1", "--as-of", "yesterday")
    assert "--file" in complaint(folder)
    assert "no other file" in complaint(folder, "FROM '/etc/hostname'")
    assert "only reading" in complaint(folder, "CREATE VIEW v AS SELECT 1")
    assert not (folder / "a.txt").exists()


def test_without_the_library_it_says_how_to_get_it(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "libduckdb.so").write_bytes(b"")
    environment = {**ENVIRONMENT, "LD_LIBRARY_PATH": str(tmp_path)}
    answer = subprocess.run(
        [str(BINARY), "sql", "SELECT 1"], cwd=folder, capture_output=True, text=True, check=False, env=environment
    )
    assert answer.returncode == 1 and "tools/setup.sh" in answer.stderr
