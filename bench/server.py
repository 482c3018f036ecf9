"""`orrery serve` beside a bare server of Boost.Beast that sends the same bytes, and FastAPI on uvicorn; and its streams.

usage: server.py ORRERY_BINARY SHARED OUT [SECONDS]

wrk (one thread, 64 connections) asks for 50 recommendations with a token. The bytes are held against the run's tables
before and against each other after. The servers are asked in turn, three times each; the median counts.
"""

import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 3
CONNECTIONS = 64
PATH = "/api/v1/recommendations?limit=50"
SETTINGS = "access: {requests: {per_second: 10000000, burst: 10000000}}\n"
STUDY = """name: served
data: {path: ohlcv.parquet}
factors: {extra: {r5: "Ref($close,5)/$close-1", v20: "Std($close/Ref($close,1)-1,20)"}}
preprocess: {label: cs_rank_norm, features: [robust_zscore, {clip: 3}, {fill_na: 0}]}
model: {name: ridge}
validation: {train: 1y, valid: 3m, test: 6m}
portfolio: {strategy: topk_dropout, k: 20, drop: 2}
baselines: false
"""


def run(binary: Path, *arguments: object) -> str:
    answer = subprocess.run([str(binary), *map(str, arguments)], capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        raise SystemExit(f"{binary.name} {arguments[0]}: {answer.stderr}")
    return answer.stdout


def write_run(binary: Path, folder: Path) -> None:
    """A market of 100 names, its study beside it, and the study's run in data/served."""
    market = folder / "market"
    shape = ["--instruments", 100, "--years", 2.5, "--seed", 5, "--clean"]
    run(binary, "simulate", *shape, "--out", market)
    (market / "study.yaml").write_text(STUDY)
    run(binary, "run", market / "study.yaml", "--out", folder / "data/served")


def start_server(binary: Path, settings: Path, data: Path) -> tuple[subprocess.Popen, int, str]:
    """Returns the process of `orrery serve`, its port and the token of its first administrator."""
    command = [str(binary), "serve", "--config", str(settings), "--data", str(data), "--port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    said = ""
    for line in server.stdout:
        said += line
        if "Ctrl-C" in line:
            break
    port = re.search(r"serves at \S+:(\d+)", said).group(1)
    return server, int(port), re.search(r"orrery_[\w-]{43}", said).group(0)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port: int) -> None:
    end = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise SystemExit(f"nothing answers at port {port}") from None
            time.sleep(0.05)


def fetch(port: int, token: str) -> tuple[bytes, dict[str, str]]:
    address = f"http://127.0.0.1:{port}{PATH}"
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read(), dict(answer.headers.items())


def wrk(port: int, token: str, seconds: float, script: Path | None = None) -> dict[str, float]:
    """Returns answers a second, milliseconds at which 50 and 99 % of them were there, and bytes of one."""
    command = [
        "wrk",
        "-t1",
        f"-c{CONNECTIONS}",
        f"-d{int(seconds)}s",
        "--latency",
        "-H",
        f"Authorization: Bearer {token}",
    ]
    if script:
        command += ["-s", str(script)]
    said = subprocess.run(
        [*command, f"http://127.0.0.1:{port}{PATH}"], capture_output=True, text=True, check=True
    ).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        raise SystemExit(f"wrk saw faults:\n{said}")

    def milliseconds(share: str) -> float:
        value, unit = re.search(rf"^ +{share}% +([\d.]+)(us|ms|s)$", said, re.MULTILINE).groups()
        return float(value) * {"us": 1e-3, "ms": 1.0, "s": 1e3}[unit]

    return {
        "per_second": float(re.search(r"Requests/sec: +([\d.]+)", said).group(1)),
        "p50_ms": milliseconds("50"),
        "p99_ms": milliseconds("99"),
    }


def check_rows(body: bytes, run: Path) -> None:
    """The answer is what the run's own table says."""
    import pandas as pd

    scores = pd.read_parquet(run / "predictions.parquet").dropna(subset=["score"])
    day = scores[scores.date == scores.date.max()].sort_values(["score", "symbol"], ascending=[False, True])[:50]
    items = json.loads(body)["items"]
    if [(row["symbol"], row["score"]) for row in items] != list(zip(day.symbol, day.score, strict=True)):
        raise SystemExit("the answer is not what the run's table says")


def main() -> None:
    binary, out = Path(sys.argv[1]).resolve(), Path(sys.argv[3])
    seconds = float(sys.argv[4]) if len(sys.argv) > 4 else 6.0
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is not installed: apt-get install wrk")
    folder = Path(tempfile.mkdtemp(prefix="orrery_bench_"))
    processes: list[subprocess.Popen] = []

    def start(command: list[str], **options) -> subprocess.Popen:
        processes.append(subprocess.Popen(command, text=True, **options))
        return processes[-1]

    try:
        write_run(binary, folder)
        settings = folder / "server.yaml"
        settings.write_text(SETTINGS)
        own, port, token = start_server(binary, settings, folder / "data")
        processes.append(own)
        ports = {"orrery": port, "fastapi": free_port()}
        body, headers = fetch(ports["orrery"], token)
        check_rows(body, folder / "data/served")
        (folder / "body").write_bytes(body)
        kept = {name: value for name, value in headers.items() if name not in ("Content-Length", "Connection")}
        (folder / "headers").write_text("".join(f"{name}: {value}\n" for name, value in kept.items()))
        beast = start(
            [str(binary.parent / "orrery_bare_beast_bench"), "0", str(folder / "body"), str(folder / "headers")],
            stdout=subprocess.PIPE,
        )
        ports["beast"] = int(beast.stdout.readline().split()[-1])
        environment = {**os.environ, "ANSWER": str(folder / "body"), "TOKEN": token}
        start(
            [
                sys.executable,
                "-m",
                "uvicorn",
                "fastapi_answer:app",
                "--port",
                str(ports["fastapi"]),
                "--log-level",
                "error",
            ],
            cwd=ROOT / "bench/peers",
            env=environment,
        )
        for port in ports.values():
            wait_for(port)
        for name, port in ports.items():
            if fetch(port, token)[0] != body:
                raise SystemExit(f"{name} sends other bytes")
        rounds: dict[str, list[dict[str, float]]] = {name: [] for name in ports}
        for port in ports.values():
            wrk(port, token, 1)
        for _ in range(ROUNDS):
            for name, port in ports.items():
                rounds[name].append(wrk(port, token, seconds))
        peak = {name: statistics.median(one["per_second"] for one in all_rounds) for name, all_rounds in rounds.items()}
        # Each connection waits before it asks again, so that all together ask half as often as they could.
        script = folder / "half.lua"
        script.write_text(
            f"function delay() return math.random(0, {int(2 * 1000 * CONNECTIONS / (peak['orrery'] / 2))}) end\n"
        )
        half = wrk(ports["orrery"], token, seconds, script)
        if fetch(ports["orrery"], token)[0] != body:
            raise SystemExit("the answer has changed meanwhile")
    finally:
        for process in processes:
            process.terminate()
            process.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)
    clients = json.loads(
        subprocess.run(
            [binary.parent / "orrery_streams_bench", "1000", "10", "20", "15"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    )
    expected = clients["clients"] * clients["updates"]
    result = {
        "bytes": len(body),
        "rounds": rounds,
        "peak": peak,
        "half": half,
        "streams": clients,
        "ratio": peak["orrery"] / peak["beast"],
        "delivered": clients["messages"] / expected,
    }
    (out / "server.json").write_text(json.dumps(result, indent=1) + "\n")
    print(
        f"50 recommendations, {len(body):,} bytes, token shown: orrery {peak['orrery']:,.0f} answers/s, "
        f"bare Beast {peak['beast']:,.0f}, FastAPI {peak['fastapi']:,.0f}: {result['ratio']:.2f} x Beast (bar 0.7)"
    )
    print(f"at {half['per_second']:,.0f}/s: p50 {half['p50_ms']:.2f} ms, p99 {half['p99_ms']:.2f} ms (bar 5)")
    print(
        "streams: {clients} clients, {updates} updates: {messages:,} messages, {lost} lost, {skipped} skipped; p50 {p50_ms:.1f} ms, "
        "p99 {p99_ms:.1f} ms (bar 50), {server_megabytes:.0f} MB (bar 300); {slow_clients} slow clients, {passed_over} updates passed over for them".format(
            **clients
        )
    )


if __name__ == "__main__":
    main()
