"""How long 50 features of 100 symbols take to be had online: in the process, from Redis, over HTTP, beside Feast with Redis.

usage: online_features.py ORRERY_BINARY SHARED OUT [REQUESTS]

A simulated market of 1,000 names, 50 factors of alpha158. Every answer, ours and Feast's, is held against what the batch computed,
between two measurements; ours are written down for the audit meanwhile, which runs at the end. Over HTTP wrk asks for 200
choices of names on one connection, one request behind the other, after a client of Python's standard library, whose answers
are checked and whose own time counts. Needs redis-server and wrk; Feast in the environment that runs this.
Writes OUT/online_features.json and prints a line each.
"""

import gc
import http.client
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
from server import run, start_server

SYMBOLS, FEATURES = 100, 50
BARS_MS = {"process": 1.0, "http": 2.0}
REDIS_PORT = 16380


def write_market(binary: Path, folder: Path) -> list[str]:
    """Simulates prices and writes the files of features; returns the features' names."""
    run(binary, "simulate", "--instruments", "1000", "--years", "1", "--seed", "1", "--out", folder / "market")
    listing = json.loads(run(binary, "factors", "list", "--set", "alpha158", "--json"))
    names = [factor["name"] for factor in listing][:FEATURES]
    views = {"view": {"set": "alpha158", "only": names}}
    common = {"data": {"path": "market/ohlcv.parquet"}, "views": views}
    (folder / "embedded.yaml").write_text(json.dumps(common))
    redis = {"kind": "redis", "parameters": {"port": REDIS_PORT}}
    (folder / "redis.yaml").write_text(json.dumps({**common, "store": redis}))
    return names


def write_expected(binary: Path, folder: Path, names: list[str]) -> pd.DataFrame:
    """The newest values of the batch: of the names that have a bar on the last session."""
    prices = folder / "market/ohlcv.parquet"
    run(binary, "factors", "compute", "--set", "alpha158", "--in", prices, "--out", folder / "factors.parquet")
    frame = pd.read_parquet(folder / "factors.parquet", columns=["date", "symbol", *names])
    bars = pd.read_parquet(prices, columns=["date", "symbol"])
    there = set(bars[bars.date == bars.date.max()].symbol.astype(str))
    newest = frame[frame.date == frame.date.max()].assign(symbol=lambda rows: rows.symbol.astype(str))
    newest = newest[newest.symbol.isin(there)].drop(columns="date").reset_index(drop=True)
    newest.to_parquet(folder / "expected.parquet")
    return newest.set_index("symbol")


@contextmanager
def redis_server(folder: Path) -> Iterator[None]:
    command = ["redis-server", "--port", str(REDIS_PORT), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        time.sleep(1.0)
        yield
    finally:
        process.terminate()
        process.wait()


@contextmanager
def orrery_server(binary: Path, folder: Path) -> Iterator[tuple[str, str]]:
    """Serves the embedded store; gives address and token."""
    rates = "{per_second: 1000000, burst: 1000000}"
    settings = f"features: embedded.yaml\naccess: {{requests: {rates}}}\n"
    (folder / "server.yaml").write_text(settings)
    process, port, token = start_server(binary, folder / "server.yaml", folder / "data")
    try:
        yield f"127.0.0.1:{port}", token
    finally:
        process.terminate()
        process.wait()


def check_answer(answer: dict, expected: pd.DataFrame) -> None:
    wanted = expected.loc[answer["symbols"]]
    for feature in answer["features"]:
        mine = np.array([np.nan if value is None else value for value in feature["values"]], np.float32)
        theirs = wanted[feature["feature"].partition(":")[2]].to_numpy(np.float32)
        if not (mine.view(np.uint32) == theirs.view(np.uint32))[~np.isnan(theirs)].all() or not np.array_equal(
            np.isnan(mine), np.isnan(theirs)
        ):
            raise SystemExit(f"over HTTP {feature['feature']} is not what the batch computed")


def measure_http(address: str, token: str, expected: pd.DataFrame, requests: int) -> dict:
    connection = http.client.HTTPConnection(address)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    names = [f"view:{name}" for name in expected.columns]
    random = np.random.default_rng(1)
    times = []
    gc.freeze()  # pandas and the like are this program's, not the server's: nobody looks through them in mid-request
    for request in range(requests + 50):
        symbols = list(random.choice(expected.index, SYMBOLS, replace=False))
        body = json.dumps({"symbols": symbols, "features": names})
        begin = time.perf_counter()
        connection.request("POST", "/api/v1/features/online", body, headers)
        answer = connection.getresponse().read()
        if request >= 50:
            times.append(1e3 * (time.perf_counter() - begin))
        check_answer(json.loads(answer), expected)
    median, p99, p999 = np.percentile(times, [50, 99, 99.9])
    return {"requests": requests, "median": median, "p99": p99, "p999": p999, "bytes": len(answer)}


def measure_wrk(address: str, token: str, expected: pd.DataFrame, folder: Path, seconds: int = 10) -> dict:
    random = np.random.default_rng(2)
    names = [f"view:{name}" for name in expected.columns]
    choices = [list(random.choice(expected.index, SYMBOLS, replace=False)) for _ in range(200)]
    bodies = ",\n".join(f"[[{json.dumps({'symbols': symbols, 'features': names})}]]" for symbols in choices)
    script = folder / "requests.lua"
    script.write_text(
        f'local bodies = {{{bodies}}}\nlocal number = 0\nwrk.method = "POST"\n'
        f'wrk.headers["Authorization"] = "Bearer {token}"\nwrk.headers["Content-Type"] = "application/json"\n'
        "request = function()\n  number = number % #bodies + 1\n  return wrk.format(nil, nil, nil, bodies[number])\nend\n"
        "done = function(summary, latency)\n"
        "  local faults = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout\n"
        '  print(string.format("told %d %d %f %f %f", summary.requests, faults, latency:percentile(50), '
        "latency:percentile(99), latency:percentile(99.9)))\nend\n"
    )
    command = ["wrk", "-t1", "-c1", f"-d{seconds}s", "-s", str(script), f"http://{address}/api/v1/features/online"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    requests, faults, *times = re.search(r"^told (.*)$", said, re.MULTILINE).group(1).split()
    if int(faults):
        raise SystemExit(f"wrk saw {faults} faults:\n{said}")
    median, p99, p999 = (float(time) / 1e3 for time in times)
    return {"requests": int(requests), "median": median, "p99": p99, "p999": p999}


def measure_process(bench: Path, definitions: Path, expected: Path, requests: int) -> dict:
    told = json.loads(run(bench, definitions, expected, "view", SYMBOLS, requests))
    return {name: value / 1e3 if name in ("median", "p99", "p999") else value for name, value in told.items()}


def main() -> None:
    binary, shared_out = Path(sys.argv[1]).resolve(), Path(sys.argv[3])
    requests = int(sys.argv[4]) if len(sys.argv) > 4 else 5000
    for needed in ("redis-server", "wrk"):
        if shutil.which(needed) is None:
            raise SystemExit(f"{needed} is not installed; tools/setup.sh check installs it")
    bench = binary.with_name("orrery_online_features_bench")
    result: dict = {}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        expected = write_expected(binary, folder, write_market(binary, folder))
        with redis_server(folder):
            for store in ("embedded", "redis"):
                definitions = folder / f"{store}.yaml"
                run(binary, "feature", "materialize", definitions)
                result[store] = measure_process(bench, definitions, folder / "expected.parquet", requests)
            peer = [sys.executable, "-W", "ignore", Path(__file__).with_name("peers") / "feast_online.py"]
            arguments = [folder / "expected.parquet", REDIS_PORT, folder, SYMBOLS, max(300, requests // 10)]
            told = subprocess.run(list(map(str, [*peer, *arguments])), capture_output=True, text=True, check=False)
            if told.returncode != 0:
                raise SystemExit(f"Feast: {told.stderr[-2000:]}")
            result["feast_redis"] = json.loads(told.stdout.splitlines()[-1])
        with orrery_server(binary, folder) as (address, token):
            result["python"] = measure_http(address, token, expected, requests)
            result["http"] = measure_wrk(address, token, expected, folder)
        result["audit"] = json.loads(run(binary, "feature", "audit", folder / "embedded.yaml", "--json"))
    if result["audit"]["mismatches"]:
        raise SystemExit(f"the audit found {len(result['audit']['mismatches'])} mismatches")
    shared_out.mkdir(parents=True, exist_ok=True)
    (shared_out / "online_features.json").write_text(json.dumps(result, indent=1) + "\n")
    feast = result["feast_redis"]["get"]
    for name, what in (
        ("embedded", "in process"),
        ("redis", "from Redis"),
        ("http", "over HTTP"),
        ("python", "over HTTP, a client in Python"),
    ):
        times = result[name]
        bar = BARS_MS.get({"embedded": "process", "http": "http"}.get(name, ""))
        told = f" (bar {bar:g})" if bar else ""
        print(
            f"{what}: median {times['median']:.3f} ms, p99 {times['p99']:.3f} ms{told}, p99.9 {times['p999']:.3f} ms; "
            f"Feast's p99 / this {feast['p99'] / times['p99']:.0f}"
        )
    print(
        f"Feast {result['feast_redis']['version']} with Redis: median {feast['median']:.1f} ms, p99 {feast['p99']:.1f} ms"
    )
    print(f"audit: {result['audit']['values']} values recomputed, no mismatch")


if __name__ == "__main__":
    os.environ.setdefault("ORRERY_HOME", tempfile.mkdtemp())
    main()
