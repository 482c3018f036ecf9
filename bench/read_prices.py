"""Reading the price file into panels, Orrery beside pyarrow's and pandas' plain read of the same bytes.

usage: read_prices.py ORRERY_BINARY SHARED OUT [REPEATS]

Orrery's time covers all of load_prices: decoding, checks, calendar, corporate actions, 13 panels, fingerprint. The peers
only read a table. Both are measured warm, alternating, with one thread and with two; the least of the repeats counts.
Writes OUT/read_prices.json and prints a table.
"""

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq


def least_ms(work, repeats: int) -> float:
    """Returns the shortest of several runs, after one to warm up."""
    work()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(1e3 * (time.perf_counter() - start))
    return min(times)


def orrery_ms(bench: Path, file: Path, threads: int, repeats: int) -> tuple[float, float]:
    """Returns the least milliseconds and the peak megabytes of our reader."""
    line = subprocess.run([bench, file, str(threads), str(repeats)], check=True, capture_output=True, text=True).stdout
    found = re.search(r"least_ms=([\d.]+) peak_mb=(\d+)", line)
    return float(found[1]), float(found[2])


def pyarrow_ms(file: Path, threads: int, repeats: int) -> float:
    pa.set_cpu_count(threads)
    return least_ms(lambda: pq.read_table(file, use_threads=threads > 1), repeats)


def compare(bench: Path, folder: Path, threads: int, rounds: int) -> dict:
    """Alternates between the readers, so that both meet the same load."""
    ours, theirs, memory = [], [], 0.0
    for _ in range(rounds):
        theirs.append(pyarrow_ms(folder / "ohlcv.parquet", threads, 7))
        milliseconds, memory = orrery_ms(bench, folder / "ohlcv.parquet", threads, 7)
        ours.append(milliseconds)
    return {
        "threads": threads,
        "orrery_ms": min(ours),
        "pyarrow_ms": min(theirs),
        "ratio": min(ours) / min(theirs),
        "orrery_peak_mb": memory,
    }


def compare_text(bench: Path, folder: Path) -> dict:
    milliseconds, memory = orrery_ms(bench, folder / "ohlcv.csv.gz", 2, 3)
    theirs = least_ms(lambda: pd.read_csv(folder / "ohlcv.csv.gz"), 2)
    return {"orrery_ms": milliseconds, "pandas_ms": theirs, "ratio": milliseconds / theirs, "orrery_peak_mb": memory}


def main() -> None:
    binary, shared, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    rounds = int(sys.argv[4]) if len(sys.argv) > 4 else 3
    bench = Path(binary).parent / "orrery_read_prices_bench"
    subprocess.run(["cmake", "--build", bench.parent.parent, "--target", bench.name], check=True, capture_output=True)
    folder = shared / "data/daily_sp500_2015_2018"
    result = {"parquet": [compare(bench, folder, threads, rounds) for threads in (1, 2)]}
    result["csv_gz"] = compare_text(bench, folder)
    (out / "read_prices.json").write_text(json.dumps(result, indent=1) + "\n")
    for row in result["parquet"]:
        print(
            f"parquet, {row['threads']} threads: orrery {row['orrery_ms']:.1f} ms, pyarrow {row['pyarrow_ms']:.1f} ms, "
            f"ratio {row['ratio']:.2f} (bar 1.5), peak {row['orrery_peak_mb']:.0f} MB"
        )
    row = result["csv_gz"]
    print(
        f"csv.gz, 2 threads: orrery {row['orrery_ms']:.0f} ms, pandas {row['pandas_ms']:.0f} ms, "
        f"ratio {row['ratio']:.2f}, peak {row['orrery_peak_mb']:.0f} MB"
    )


if __name__ == "__main__":
    main()
