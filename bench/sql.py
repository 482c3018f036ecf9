"""SQL over the lake: `orrery sql` beside the package duckdb on the same files of 470,241 daily bars, one thread.

usage: sql.py ORRERY_BINARY SHARED OUT [ROUNDS]

Both are whole processes, from their start to the answer's last byte; in turns, the least of the rounds counts. The answers
are held against each other. Writes OUT/sql.json and prints a table.
"""

import csv
import io
import json
import math
import subprocess
import sys
import tempfile
import time
from pathlib import Path

QUERIES = {
    "count": "SELECT count(*) AS n FROM {bars}",
    "group by symbol": "SELECT symbol, count(*) AS n, avg(close) AS mean, sum(volume) AS volume FROM {bars} "
    "GROUP BY symbol ORDER BY symbol",
    "one symbol": "SELECT date, close FROM {bars} WHERE symbol = 'AAPL' ORDER BY date",
    "returns by day": "SELECT date, avg(r) AS mean FROM (SELECT date, close / lag(close) OVER (PARTITION BY symbol ORDER BY date)"
    " - 1 AS r FROM {bars}) GROUP BY date ORDER BY date",
}
PEER = """
import csv, sys, duckdb
connection = duckdb.connect(config={"threads": 1})
answer = connection.execute(sys.argv[1])
writer = csv.writer(sys.stdout, lineterminator="\\n")
writer.writerow([column[0] for column in answer.description])
writer.writerows(answer.fetchall())
"""


def run(command: list) -> tuple[float, str]:
    start = time.perf_counter()
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return 1e3 * (time.perf_counter() - start), text


def equal(ours: str, theirs: str) -> bool:
    """Whether both tables say the same; sums in another order may differ in the last digits."""

    def alike(a: str, b: str) -> bool:
        try:
            return math.isclose(float(a), float(b), rel_tol=1e-12)
        except ValueError:
            return a == b

    tables = [list(csv.reader(io.StringIO(text))) for text in (ours, theirs)]
    return len(tables[0]) == len(tables[1]) and all(
        len(a) == len(b) and all(map(alike, a, b)) for a, b in zip(*tables, strict=True)
    )


def compare(binary: str, lake: Path, query: str, rounds: int) -> dict:
    files = [str(file) for file in sorted((lake / "bars_1d").glob("*.parquet"))]
    ours, theirs = [], []
    for _ in range(rounds):
        command = [binary, "sql", query.format(bars="bars_1d"), "--lake", lake, "--threads", "1", "--format", "csv"]
        milliseconds, answer = run(command)
        ours.append(milliseconds)
        milliseconds, expected = run([sys.executable, "-c", PEER, query.format(bars=f"read_parquet({files})")])
        theirs.append(milliseconds)
        if not equal(answer, expected):
            raise SystemExit(f"the answers differ: {query}")
    return {"orrery_ms": min(ours), "duckdb_ms": min(theirs), "ratio": min(ours) / min(theirs)}


def main() -> None:
    binary, shared, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    rounds = int(sys.argv[4]) if len(sys.argv) > 4 else 7
    with tempfile.TemporaryDirectory() as scratch:
        lake = Path(scratch) / "lake"
        run([binary, "import", "prices", shared / "data/daily_sp500_2015_2018/ohlcv.csv.gz", "--lake", lake])
        result = {name: compare(binary, lake, query, rounds) for name, query in QUERIES.items()}
    (out / "sql.json").write_text(json.dumps(result, indent=1) + "\n")
    for name, row in result.items():
        print(f"{name}: orrery {row['orrery_ms']:.0f} ms, duckdb {row['duckdb_ms']:.0f} ms, ratio {row['ratio']:.2f}")


if __name__ == "__main__":
    main()
