"""The lake beside pandas, pyarrow and DuckDB: filling it, reading it, and the state of a long log.

usage: lake.py ORRERY_BINARY SHARED OUT [ROUNDS]

- import: the CSV.gz of prices into a lake, the whole command, beside pandas reading it and pyarrow writing Parquet (zstd) in
  a process that has loaded both already.
- panels: all bars of a lake as panels (calendar, actions, fingerprint) beside pyarrow reading the same files into a table.
- as of: 2.3 M bars as known at a time beside all of them, and one symbol of them beside DuckDB on the same file.
- log: the state of a table of 100,000 commits.

In turns, the least of the rounds counts; rows are held against each other. Writes OUT/lake.json and prints a table.
"""

import json
import os
import re
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

COMMITS = 100_000
SYMBOLS = 500


def timed_ms(work) -> tuple[float, object]:
    start = time.perf_counter()
    result = work()
    return 1e3 * (time.perf_counter() - start), result


def numbers(command: list) -> dict[str, float]:
    line = subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True).stdout
    return {name: float(value) for name, value in re.findall(r"(\w+)=([\d.]+)", line)}


def data_files(table: Path) -> list[str]:
    return sorted(str(file) for file in table.rglob("*.parquet") if "_delta_log" not in file.parts)


def import_both(binary: Path, file: Path, scratch: Path, rounds: int) -> dict:
    ours, ours_cpu, theirs = [], [], []
    for turn in range(rounds):
        lake = scratch / f"lake{turn}"

        def write_parquet() -> int:
            frame = pd.read_csv(file, parse_dates=["date"])
            pq.write_table(pa.Table.from_pandas(frame), scratch / "pandas.parquet", compression="zstd")
            return len(frame)

        milliseconds, rows = timed_ms(write_parquet)
        theirs.append(milliseconds)
        before = os.times()
        command = [binary, "import", "prices", file, "--lake", lake, "--json"]
        milliseconds, answer = timed_ms(partial(subprocess.run, command, check=True, capture_output=True, text=True))
        after = os.times()
        ours.append(milliseconds)
        ours_cpu.append(
            1e3 * (after.children_user + after.children_system - before.children_user - before.children_system)
        )
        taken = sum(pq.ParquetFile(part).metadata.num_rows for part in data_files(lake / "bars_1d"))
        told = json.loads(answer.stdout)
        if taken > rows or taken < 0.999 * rows:
            raise SystemExit(f"the lake holds {taken} of {rows} rows: {told}")
    return {
        "orrery_ms": min(ours),
        "orrery_cpu_ms": min(ours_cpu),
        "pandas_ms": min(theirs),
        "ratio": min(theirs) / min(ours),
    }


def panels(bench: Path, lake: Path, threads: int, rounds: int) -> dict:
    pa.set_cpu_count(threads)
    files = data_files(lake / "bars_1d")
    ours, theirs = [], []
    for _ in range(rounds):
        for _ in range(4):
            milliseconds, table = timed_ms(lambda: pq.read_table(files, use_threads=threads > 1))
            theirs.append(milliseconds)
        result = numbers([bench, "panels", lake, threads])
        if result["rows"] != table.num_rows:
            raise SystemExit(f"{result['rows']} bars in panels, {table.num_rows} in the files")
        ours.append(result["panels_ms"])
    return {"threads": threads, "orrery_ms": min(ours), "pyarrow_ms": min(theirs), "ratio": min(ours) / min(theirs)}


def table(bench: Path, folder: Path, rounds: int) -> dict:
    results = [numbers([bench, "table", folder]) for _ in range(rounds)]
    result = {name: min(each[name] for each in results) for name in results[0]}
    if result["rows"] != result["rows_as_of"]:
        raise SystemExit("as of the end not all rows are there")
    files = data_files(folder / "bars_1d")
    connection = duckdb.connect()
    connection.execute("SET threads TO 1")

    def one_symbol(i: int) -> pa.Table:
        query = f"SELECT * FROM read_parquet({files!r}) WHERE symbol = ?"
        return connection.execute(query, [f"SYM{i * 37 % SYMBOLS:03}"]).fetch_arrow_table()

    result["duckdb_symbol_ms"] = min(timed_ms(partial(one_symbol, i))[0] for i in range(50))
    result["as_of_ratio"] = result["as_of_ms"] / result["plain_ms"]
    return result


def main() -> None:
    binary, shared, out = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])
    rounds = int(sys.argv[4]) if len(sys.argv) > 4 else 5
    bench = binary.parent / "orrery_lake_bench"
    scratch = out / "lake"
    subprocess.run(["rm", "-rf", scratch / "imports"], check=True)
    (scratch / "imports").mkdir(parents=True)
    prices = shared / "data/daily_sp500_2015_2018"
    result = {
        "import": import_both(binary, prices / "ohlcv.csv.gz", scratch / "imports", rounds),
        "panels": [panels(bench, scratch / "imports/lake0", threads, rounds) for threads in (1, 2)],
        "table": table(bench, scratch / "table", min(rounds, 3)),
        "log": numbers([bench, "log", scratch / "log", COMMITS]),
    }
    (out / "lake.json").write_text(json.dumps(result, indent=1))
    filled, held = result["import"], result["table"]
    print(
        f"CSV.gz into a lake: {filled['orrery_ms']:.0f} ms, pandas and pyarrow {filled['pandas_ms']:.0f} ms: {filled['ratio']:.2f} times as fast (bar 5)"
    )
    for each in result["panels"]:
        print(
            f"panels, {each['threads']} threads: {each['orrery_ms']:.0f} ms, pyarrow's table {each['pyarrow_ms']:.0f} ms: {each['ratio']:.2f} (bar 1.2)"
        )
    print(
        f"2.3 M rows: {held['plain_ms']:.0f} ms, as of their end {held['as_of_ms']:.0f} ms: {held['as_of_ratio']:.2f} (bar 1.3); as of their middle {held['half_ms']:.0f} ms"
    )
    print(f"one symbol of them: {held['symbol_ms']:.1f} ms (bar 5), DuckDB {held['duckdb_symbol_ms']:.1f} ms")
    print(f"state of {COMMITS} commits: {result['log']['state_ms']:.0f} ms (bar 50)")


if __name__ == "__main__":
    main()
