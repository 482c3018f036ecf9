"""The lake as a person uses it, and side by side with the package `deltalake`, which is the oracle for the log."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable, write_deltalake
from program import check_help, orrery

COMMANDS = [
    ["import", "parquet"],
    ["import", "prices"],
    ["import", "membership"],
    ["data", "tables"],
    ["data", "read"],
    ["data", "history"],
    ["data", "compact"],
    ["data", "check"],
    ["backup"],
    ["restore"],
]


def said(*arguments: str, cwd: Path) -> object:
    """Runs a command with --json and returns what it said."""
    answer = orrery(*arguments, "--json", cwd=cwd)
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


def moment(day: int, micro: int = 0) -> datetime:
    return datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=day, microseconds=micro)


def facts(series: str, *values: tuple[int, int, float | None]) -> pa.Table:
    """Rows of the table macro: day of the event, day on which it was known, value."""
    times = pa.timestamp("us", "UTC")
    return pa.table(
        {
            "series": pa.array([series] * len(values), pa.string()),
            "value": pa.array([value for _, _, value in values], pa.float64()),
            "unit": pa.array([None] * len(values), pa.string()),
            "event_time": pa.array([moment(event) for event, _, _ in values], times),
            "known_time": pa.array([moment(known, 7) for _, known, _ in values], times),
            "retrieved_time": pa.array([moment(900)] * len(values), times),
            "source": pa.array(["hand"] * len(values), pa.string()),
        }
    )


def import_facts(folder: Path, table: pa.Table, name: str = "macro") -> None:
    pq.write_table(table, folder / "facts.parquet")
    said("import", "parquet", "facts.parquet", "--table", name, cwd=folder)


def rows_of(table: pa.Table) -> list[dict]:
    """Rows in an order of their own, without the columns that only an import knows."""
    rows = [{key: row[key] for key in ("series", "value", "event_time", "known_time")} for row in table.to_pylist()]
    return sorted(rows, key=lambda row: (row["series"], row["event_time"], row["known_time"]))


def read_with_orrery(folder: Path, *options: str, name: str = "macro") -> pa.Table:
    said("data", "read", name, "--out", "read.parquet", *options, cwd=folder)
    return pq.read_table(folder / "read.parquet")


def read_with_deltalake(folder: Path, version: int | None = None) -> pa.Table:
    return pa.table(DeltaTable(folder / "lake/macro", version=version).to_pyarrow_table())


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_help_with_an_example(command: list[str]) -> None:
    assert "--json" in check_help(command)


def test_both_write_one_table_side_by_side(tmp_path: Path) -> None:
    """Every version is the same for both, whoever committed it, and so it stays with each one's checkpoints."""
    expected = []
    for step in range(6):
        new = facts(f"S{step}", (step, step + 1, 1.5), (step, step + 2, None))
        expected += rows_of(new)
        if step % 2 == 0:
            import_facts(tmp_path, new)
        else:
            write_deltalake(tmp_path / "lake/macro", new, mode="append")
        version = step + 1  # 0 made the table
        assert rows_of(read_with_deltalake(tmp_path, version)) == expected
        assert rows_of(read_with_orrery(tmp_path, "--version", str(version))) == expected
    table = DeltaTable(tmp_path / "lake/macro")
    table.create_checkpoint()
    assert rows_of(read_with_orrery(tmp_path)) == expected
    for commit in (tmp_path / "lake/macro/_delta_log").glob("*.json"):
        commit.unlink()  # from here on the checkpoint alone tells
    assert rows_of(read_with_orrery(tmp_path)) == expected
    said("data", "compact", "macro", cwd=tmp_path)  # writes a checkpoint of our own
    (tmp_path / "lake/macro/_delta_log/00000000000000000006.checkpoint.parquet").unlink()
    for commit in (tmp_path / "lake/macro/_delta_log").glob("*.json"):
        commit.unlink()
    assert rows_of(read_with_deltalake(tmp_path)) == expected
    assert said("data", "tables", cwd=tmp_path)[0]["files"] == 1


def test_statistics_are_the_same_for_both(tmp_path: Path) -> None:
    new = facts("S", (1, 2, 1.5), (3, 4, None), (2, 5, -0.25))
    import_facts(tmp_path, new)
    write_deltalake(tmp_path / "lake/macro", new, mode="append")
    ours, theirs = sorted(
        DeltaTable(tmp_path / "lake/macro").get_add_actions(flatten=True).to_struct_array().to_pylist(),
        key=lambda row: row["modification_time"],
    )
    for name in ("num_records", "null_count.value", "min.value", "max.value", "min.series", "max.series"):
        assert ours[name] == theirs[name], name
    for name in ("event_time", "known_time"):
        assert ours[f"null_count.{name}"] == 0
        assert ours[f"min.{name}"] <= min(new[name].to_pylist())
        assert ours[f"max.{name}"] >= max(new[name].to_pylist())


def test_a_filter_finds_rows_of_either_writer(tmp_path: Path) -> None:
    import_facts(tmp_path, facts("A", (1, 2, 1.0)))
    write_deltalake(tmp_path / "lake/macro", facts("B", (5, 6, 2.0), (9, 9, 3.0)), mode="append")
    found = read_with_orrery(tmp_path, "--from", "2020-01-06", "--to", "2020-01-10")
    assert found["value"].to_pylist() == [2.0]
    # The other writer cuts the largest known time off at milliseconds; it is 7 microseconds later.
    assert read_with_orrery(tmp_path, "--as-of", "2020-01-10T00:00:00.000007Z").num_rows == 3
    assert read_with_orrery(tmp_path, "--as-of", "2020-01-10T00:00:00.000006Z").num_rows == 2


def test_columns_and_rows_that_the_other_changed(tmp_path: Path) -> None:
    import_facts(tmp_path, facts("A", (1, 2, 1.0), (2, 3, 2.0)))
    table = DeltaTable(tmp_path / "lake/macro")
    table.delete("value = 1.0")
    wide = facts("B", (3, 4, 3.0)).append_column("note", pa.array(["late"]))
    write_deltalake(tmp_path / "lake/macro", wide, mode="append", schema_mode="merge")
    read = read_with_orrery(tmp_path).sort_by("value")
    assert read["value"].to_pylist() == [2.0, 3.0]
    assert read["note"].to_pylist() == [None, "late"]
    table = DeltaTable(tmp_path / "lake/macro")
    table.optimize.compact()
    assert rows_of(read_with_orrery(tmp_path)) == rows_of(read_with_deltalake(tmp_path))


def test_types_survive_the_way_there_and_back(tmp_path: Path) -> None:
    times = pa.timestamp("us", "UTC")
    table = pa.table(
        {
            "text": pa.array(["a", None, "ü"]),
            "long": pa.array([2**62, None, -(2**53) - 1], pa.int64()),
            "small": pa.array([-7, None, 7], pa.int16()),
            "real": pa.array([0.1, None, -0.0], pa.float32()),
            "truth": pa.array([True, None, False]),
            "day": pa.array([date(1950, 1, 1), None, date(2020, 2, 29)]),
            "time": pa.array([moment(-40_000, 1), None, moment(1, 999_999)], times),
            "plain": pa.array([moment(1), None, moment(2)], times).cast(pa.timestamp("us")),
        }
    )
    write_deltalake(tmp_path / "lake/own", table)
    read = read_with_orrery(tmp_path, name="own")
    for name in table.column_names:
        assert read[name].to_pylist() == [
            value.replace(tzinfo=UTC) if name == "plain" and value else value for value in table[name].to_pylist()
        ], name


def test_racing_processes_lose_nothing(tmp_path: Path) -> None:
    import_facts(tmp_path, facts("first", (0, 0, 0.0)))

    def write(writer: int) -> None:
        folder = tmp_path / f"writer{writer}"
        folder.mkdir()
        for step in range(12):
            new = facts(f"W{writer}", (step, step, float(step)))
            if writer == 0:
                write_deltalake(tmp_path / "lake/macro", new, mode="append")
                continue
            pq.write_table(new, folder / "facts.parquet")
            answer = orrery("import", "parquet", "facts.parquet", "--table", "macro", "--lake", "../lake", cwd=folder)
            assert answer.returncode == 0, answer.stderr

    with ThreadPoolExecutor(4) as writers:
        list(writers.map(write, range(4)))
    rows = rows_of(read_with_orrery(tmp_path))
    assert len(rows) == 1 + 4 * 12
    assert rows == rows_of(read_with_deltalake(tmp_path))
    assert DeltaTable(tmp_path / "lake/macro").version() == 1 + 4 * 12


def test_daily_bars_are_known_when_their_day_has_ended(tmp_path: Path) -> None:
    bars = pa.table({"Date": [date(2020, 1, 2)], "Symbol": ["AAPL"], "Close": [75.0], "beta": [1.2]})
    pq.write_table(bars, tmp_path / "bars.parquet")
    said("import", "parquet", "bars.parquet", "--table", "bars_1d", cwd=tmp_path)
    (row,) = said("data", "read", "bars_1d", cwd=tmp_path)
    assert (row["date"], row["close"], row["beta"]) == ("2020-01-02", 75.0, 1.2)
    assert row["event_time"] == row["known_time"] == "2020-01-03T00:00:00Z"
    assert row["source"] == "bars.parquet"
    assert said("data", "read", "bars_1d", "--as-of", "2020-01-02T23:59:59Z", cwd=tmp_path) == []
    assert len(said("data", "read", "bars_1d", "--as-of", "2020-01-03", "--symbols", "AAPL,X", cwd=tmp_path)) == 1


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    import_facts(tmp_path, facts("A", (1, 2, 1.0)))
    assert said("data", "check", cwd=tmp_path) == []
    (file,) = (tmp_path / "lake/macro").glob("*.parquet")
    damaged = bytearray(file.read_bytes())
    damaged[40] ^= 1
    file.write_bytes(damaged)
    answer = orrery("data", "check", cwd=tmp_path)
    assert answer.returncode == 1
    assert f"{file.name}: its checksum differs" in answer.stdout


def test_errors_are_one_clear_line(tmp_path: Path) -> None:
    import_facts(tmp_path, facts("A", (1, 2, 1.0)))
    answers = {
        ("data", "read", "marco"): "lake has no table 'marco'; did you mean 'macro'?; it has: macro",
        ("data", "read", "macro", "--columns", "vlaue"): "the table has no column 'vlaue'; did you mean 'value'?",
        ("data", "read", "macro", "--as-of", "soon"): "--as-of: a moment is YYYY-MM-DD",
        ("data", "read", "macro", "--version", "7"): "has no version 7; the log holds commits 0 to 1",
    }
    for arguments, message in answers.items():
        answer = orrery(*arguments, cwd=tmp_path)
        assert answer.returncode == 1
        assert message in answer.stderr
        assert answer.stderr.count("\n") == 1


def test_a_backup_is_a_lake_and_brings_lost_files_back(tmp_path: Path) -> None:
    import_facts(tmp_path, facts("A", (1, 2, 1.0)))
    (full,) = said("backup", "--to", "backup", cwd=tmp_path)
    assert (full["version"], full["earlier_version"], full["files_copied"]) == (1, None, 1)
    import_facts(tmp_path, facts("B", (3, 4, 2.0)))
    (incremental,) = said("backup", "--to", "backup", cwd=tmp_path)
    assert (incremental["version"], incremental["earlier_version"], incremental["files_copied"]) == (2, 1, 1)
    expected = rows_of(read_with_orrery(tmp_path))
    assert rows_of(read_with_orrery(tmp_path, "--lake", "backup")) == expected
    assert rows_of(pa.table(DeltaTable(tmp_path / "backup/macro").to_pyarrow_table())) == expected
    for file in (tmp_path / "lake/macro").glob("*.parquet"):
        file.unlink()
    assert said("restore", "--from", "backup", cwd=tmp_path)[0]["files_copied"] == 2
    assert rows_of(read_with_orrery(tmp_path)) == expected


def test_a_restored_table_is_that_of_its_time(tmp_path: Path) -> None:
    import_facts(tmp_path, facts("A", (1, 2, 1.0)))
    time.sleep(1.1)
    between = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    time.sleep(1.1)
    import_facts(tmp_path, facts("B", (3, 4, 2.0)))
    said("backup", "--to", "backup", cwd=tmp_path)
    said("restore", "--from", "backup", "--lake", "then", "--as-of", between, cwd=tmp_path)
    assert [row["series"] for row in rows_of(read_with_orrery(tmp_path, "--lake", "then"))] == ["A"]
    then = DeltaTable(tmp_path / "then/macro")
    assert (then.version(), then.to_pyarrow_table().num_rows) == (1, 1)
    answer = orrery("restore", "--from", "backup", "--lake", "lake", "--as-of", between, cwd=tmp_path)
    assert answer.returncode == 1
    assert "it is at version 2, the other at 1; copy to another folder" in answer.stderr


def test_a_table_with_a_damaged_file_is_not_backed_up_but_the_others_are(tmp_path: Path) -> None:
    import_facts(tmp_path, facts("A", (1, 2, 1.0)))
    import_facts(tmp_path, facts("A", (1, 2, 1.0)), "own")
    (file,) = (tmp_path / "lake/macro").glob("*.parquet")
    file.write_bytes(b"")
    answer = orrery("backup", "--to", "backup", cwd=tmp_path)
    assert answer.returncode == 1
    assert f"{file.name}: it has 0 bytes" in answer.stdout
    assert "1 of 2 tables have damaged files" in answer.stderr
    assert [table["table"] for table in said("data", "tables", "--lake", "backup", cwd=tmp_path)] == ["own"]
