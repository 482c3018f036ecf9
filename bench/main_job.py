"""The main job, Orrery beside qlib, in one run on the same file: times, memory, and whether the scores agree.

usage: main_job.py ORRERY_BINARY SHARED OUT [REPEATS]

The peer is SHARED/peers/main_job_qlib.py, run by this interpreter (which must have pyqlib); Orrery runs
examples/sp500_qlib.yaml. Writes OUT/main_job.json and prints a table. Fails when the scores do not agree.
"""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pandas as pd

MINIMUM_SPEARMAN = 0.95


def run_peer(shared: Path, out: Path) -> dict:
    """Runs qlib's main job once."""
    command = [
        sys.executable,
        str(shared.resolve() / "peers/main_job_qlib.py"),
        str(shared.resolve() / "data/daily_sp500_2015_2018/ohlcv.parquet"),
        str(out.resolve() / "qlib"),
    ]
    with (out / "qlib.log").open("w") as log:
        subprocess.run(command, check=True, stdout=log, stderr=log, cwd=out)  # it leaves its records where it runs
    return json.loads((out / "qlib/result.json").read_text())


def run_orrery(binary: str, out: Path, repeats: int) -> list[dict]:
    """Runs our job several times; returns the manifests' runtime blocks."""
    runtimes = []
    for _ in range(repeats):
        command = [binary, "run", "examples/sp500_qlib.yaml", "--out", str(out / "orrery"), "--json"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        runtimes.append(json.loads((out / "orrery/manifest.json").read_text())["runtime"])
    return runtimes


def daily_spearman(ours: pd.DataFrame, theirs: pd.DataFrame) -> pd.Series:
    """Rank correlation of both scores, day by day."""
    joined = ours.merge(theirs, on=["date", "symbol"], suffixes=("_ours", "_theirs"))
    by_day = joined.groupby("date")[["score_ours", "score_theirs"]]
    return by_day.apply(lambda day: day["score_ours"].corr(day["score_theirs"], method="spearman"))


def agreement(out: Path) -> dict:
    """Compares the scores of the two runs."""
    ours = pd.read_parquet(out / "orrery/predictions.parquet")
    ours["date"] = pd.to_datetime(ours["date"])
    theirs = pd.read_parquet(out / "qlib/predictions.parquet").rename(
        columns={"datetime": "date", "instrument": "symbol"}
    )
    theirs["symbol"] = theirs["symbol"].str.upper()
    correlations = daily_spearman(ours[["date", "symbol", "score"]], theirs[["date", "symbol", "score"]])
    return {
        "days": int(correlations.size),
        "median": float(correlations.median()),
        "lowest": float(correlations.min()),
        "rows_ours": len(ours),
        "rows_theirs": len(theirs),
    }


def main() -> int:
    binary, shared, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    repeats = int(sys.argv[4]) if len(sys.argv) > 4 else 3
    os.environ["ORRERY_SHARED"] = str(shared.resolve())
    out.mkdir(parents=True, exist_ok=True)
    runtimes = run_orrery(binary, out, repeats)
    peer = run_peer(shared, out)
    best = min(runtimes, key=lambda runtime: runtime["seconds_outside_model_library"])
    peer_library = peer["seconds"]["train"] + peer["seconds"]["predict"]
    result = {
        "peer_seconds": peer["total_seconds"],
        "peer_seconds_outside_model": peer["total_seconds"] - peer_library,
        "peer_peak_mb": peer["peak_rss_mb"],
        "orrery_seconds": best["seconds_total"],
        "orrery_seconds_outside_model": best["seconds_outside_model_library"],
        "orrery_stages": best["seconds"],
        "orrery_model_library": best["model_library_seconds"],
        "orrery_peak_mb": best["peak_memory_bytes"] / 2**20,
        "orrery_process_peak_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
        "spearman": agreement(out),
        "folds": json.loads((out / "orrery/manifest.json").read_text())["folds"],
    }
    result["ratio_outside_model"] = result["peer_seconds_outside_model"] / result["orrery_seconds_outside_model"]
    result["ratio_whole"] = result["peer_seconds"] / result["orrery_seconds"]
    result["ratio_memory"] = result["peer_peak_mb"] / result["orrery_peak_mb"]
    (out / "main_job.json").write_text(json.dumps(result, indent=1))
    print(f"{'':34}{'qlib':>12}{'Orrery':>12}{'ratio':>9}")
    for label, key, ratio in [
        ("whole job, s", "seconds", "ratio_whole"),
        ("outside the model's library, s", "seconds_outside_model", "ratio_outside_model"),
        ("peak memory, MiB", "peak_mb", "ratio_memory"),
    ]:
        print(f"{label:34}{result['peer_' + key]:12.2f}{result['orrery_' + key]:12.2f}{result[ratio]:9.1f}")
    spearman = result["spearman"]
    print(f"daily Spearman of the scores: median {spearman['median']:.4f}, lowest {spearman['lowest']:.4f}")
    return 0 if result["spearman"]["median"] >= MINIMUM_SPEARMAN else 1


if __name__ == "__main__":
    sys.exit(main())
