"""`orrery serve` under everything at once for minutes: whether its memory, descriptors and threads stay where they were.

usage: soak.py ORRERY_BINARY SHARED OUT [MINUTES]

Four clients ask for rows, decisions, online features and things that are not there, on connections that they keep, close and cut;
24 clients follow the three streams, leave and come back where they were; features are materialized again and again, and a run
appears and goes, so that what is recommended changes under them all. Every answer's status is one that was expected, and every message follows
the one before. After a fifth of the time, at least two minutes, the server is warm (what it keeps is full): from then on the median of its resident memory may not
grow by more than 5 % and 4 MB between the first quarter and the last, and descriptors by no more than 8. When all clients have left, no
more descriptors may be open than before they came. Writes OUT/soak.json and prints a line each. 5 minutes, unless told otherwise; at least 4.
"""

import contextlib
import http.client
import json
import os
import random
import re
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from server import run, start_server, write_run
from websockets.sync.client import connect

READERS, FOLLOWERS = 4, 24
SAMPLE_SECONDS = 1.0
WARM_SECONDS = 120.0
GROWTH_SHARE, GROWTH_MEGABYTES, GROWTH_DESCRIPTORS = 0.05, 4.0, 8
SETTINGS = """features: features.yaml
access: {requests: {per_second: 1000000, burst: 1000000}, refusals: {per_second: 1000000, burst: 1000000}}
"""
FEATURES = """data: {path: market/ohlcv.parquet}
views:
  technical: {set: alpha158}
  momentum: {features: {r5: "$close/Ref($close,5)-1", rank: "CSRank($close/Ref($close,20))"}}
"""


class Watched:
    """What the server's process has at a time."""

    def __init__(self, process: int) -> None:
        self.status, self.descriptors = Path(f"/proc/{process}/status"), Path(f"/proc/{process}/fd")
        self.samples: list[dict[str, float]] = []

    def look(self) -> dict[str, float]:
        text = self.status.read_text()
        kilobytes = int(re.search(r"VmRSS:\s+(\d+)", text).group(1))
        threads = int(re.search(r"Threads:\s+(\d+)", text).group(1))
        open_now = len(list(self.descriptors.iterdir()))
        return {"megabytes": kilobytes / 1024.0, "descriptors": open_now, "threads": threads}

    def watch(self, seconds: float) -> None:
        begin = time.monotonic()
        while time.monotonic() - begin < seconds:
            self.samples.append({"seconds": time.monotonic() - begin, **self.look()})
            time.sleep(SAMPLE_SECONDS)

    def quarter(self, number: int, warm: float, name: str) -> list[float]:
        """A figure's samples in one of the four quarters after the warm-up."""
        there = [sample[name] for sample in self.samples if sample["seconds"] >= warm]
        return there[len(there) * number // 4 : len(there) * (number + 1) // 4]


class Load:
    """Clients and writers of a server; what they did is counted, and what was wrong kept."""

    def __init__(self, binary: Path, folder: Path, port: int, token: str) -> None:
        self.binary, self.folder, self.port, self.token = binary, folder, port, token
        self.done: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.over = threading.Event()
        self.lock = threading.Lock()
        self.threads: list[threading.Thread] = []

    def count(self, what: str) -> None:
        with self.lock:
            self.done[what] += 1

    def start(self, work: Callable[[random.Random], None], seed: int) -> None:
        def guarded() -> None:
            source = random.Random(seed)
            while not self.over.is_set():
                try:
                    work(source)
                except Exception as error:  # whatever it is: the soak has failed, and says why
                    if not self.over.is_set():
                        self.wrong.append(f"{work.__name__}: {type(error).__name__}: {error}")
                        return

        self.threads.append(threading.Thread(target=guarded, daemon=True))
        self.threads[-1].start()

    def stop(self) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join(timeout=60)

    def request(self, source: random.Random) -> tuple[str, str, bytes | None, int]:
        """Method, path, body and the status that it has to get."""
        symbol = f"SIM{source.randrange(1, 100):05}"
        date = f"2019-{source.randrange(7, 13):02}-{source.randrange(1, 29):02}"
        of_run = "run=served"
        body = {"symbols": [symbol, "NOBODY"], "views": [source.choice(["technical", "momentum"])]}
        return source.choice(
            [
                ("GET", f"/api/v1/recommendations?limit={source.randrange(1, 200)}", None, 200),
                ("GET", f"/api/v1/recommendations?{of_run}&limit={source.randrange(1, 10_001)}", None, 200),
                ("GET", f"/api/v1/recommendations/{symbol}?{of_run}", None, 200),
                ("GET", f"/api/v1/bars/{symbol}?{of_run}&limit={source.randrange(1, 10_001)}", None, 200),
                ("GET", f"/api/v1/performance?{of_run}&from={date}", None, 200),
                ("GET", f"/api/v1/factors/{symbol}?{of_run}", None, 200),
                ("GET", f"/api/v1/runs/served/trades?limit={source.randrange(1, 10_001)}", None, 200),
                ("GET", f"/api/v1/decisions/{symbol}/2019-12-20?{of_run}", None, 200),
                ("GET", "/api/v1/openapi.json", None, 200),
                ("GET", "/metrics", None, 200),
                ("GET", "/", None, 200),
                ("GET", f"/api/v1/runs/nobody{source.random()}", None, 404),
                ("GET", f"/api/v1/recommendations?limit={'9' * source.randrange(20)}x", None, 400),
                ("POST", "/api/v1/features/online", json.dumps(body).encode(), 200),
                ("POST", "/api/v1/features/online", b"{", 400),
            ]
        )

    def read(self, source: random.Random) -> None:
        """One connection, for a while; in the end it is closed, or cut while it is answered."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        for _ in range(source.randrange(1, 60)):
            if self.over.wait(source.random() * 0.02):
                break
            method, path, body, expected = self.request(source)
            is_open = path == "/" or "openapi" in path
            if not is_open and source.random() < 0.02:
                headers["Authorization"], expected = "Bearer orrery_" + "x" * 43, 401
            if source.random() < 0.5:
                headers["Accept-Encoding"] = "gzip"
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status != expected:
                raise ValueError(f"{method} {path}: {answer.status}, expected {expected}")
            headers["Authorization"] = f"Bearer {self.token}"
            headers.pop("Accept-Encoding", None)
            self.count("answers")
        if source.random() < 0.2:
            with contextlib.suppress(OSError):
                connection.request("GET", "/api/v1/bars/SIM00001?run=served&limit=10000", headers=headers)
                self.count("cut")
        connection.close()

    def follow(self, source: random.Random) -> None:
        """One stream, left after some seconds and taken up where it was."""
        stream, after = source.choice(["signals", "factors", "performance"]), ""
        for _ in range(source.randrange(1, 4)):
            address = f"ws://127.0.0.1:{self.port}/stream/{stream}{after}"
            with connect(address, additional_headers={"Authorization": f"Bearer {self.token}"}) as client:
                sequence, epoch = None, ""
                end = time.monotonic() + source.uniform(2.0, 15.0)
                while time.monotonic() < end and not self.over.is_set():
                    try:
                        told = json.loads(client.recv(timeout=0.5))
                    except TimeoutError:
                        continue
                    epoch = told.get("epoch", epoch)
                    if told["type"] == "delta" and sequence is not None and told["after"] != sequence:
                        raise ValueError(f"{stream}: {told['after']} behind {sequence}")
                    sequence = told["sequence"]
                    self.count(told["type"])
                if sequence is not None and epoch:
                    after = f"?after={epoch}:{sequence}"
            if self.over.is_set():
                return

    def materialize(self, source: random.Random) -> None:
        day = f"2019-12-{source.randrange(2, 24):02}"
        run(self.binary, "feature", "materialize", self.folder / "features.yaml", "--until", day, "--back")
        self.count("materialized")
        self.over.wait(3.0)

    def change_runs(self, source: random.Random) -> None:
        """Another run, the newest, comes and goes, and with it what is recommended."""
        aside, shown = self.folder / "aside", self.folder / "data/other"
        os.rename(aside, shown)
        self.over.wait(source.uniform(2.0, 6.0))
        os.rename(shown, aside)
        self.count("changes of the run")
        self.over.wait(source.uniform(2.0, 6.0))


def prepare(binary: Path, folder: Path) -> None:
    write_run(binary, folder)
    (folder / "features.yaml").write_text(FEATURES)
    (folder / "server.yaml").write_text(SETTINGS)
    time.sleep(1.1)  # moments are kept to the second
    run(binary, "run", folder / "market/study.yaml", "--set", "portfolio.k=10", "--out", folder / "aside")
    run(binary, "feature", "materialize", folder / "features.yaml")


def judged(watched: Watched, seconds: float, before: dict[str, float], after: dict[str, float]) -> dict:
    """What was found, and in `faults` what is over its bound."""
    warm = max(WARM_SECONDS, seconds / 5.0)
    found: dict = {"warm_after_seconds": warm, "before": before, "after": after, "faults": []}
    for name in ("megabytes", "descriptors", "threads"):
        first, last = (watched.quarter(number, warm, name) for number in (0, 3))
        found[name] = {"first": statistics.median(first), "last": statistics.median(last), "most": max(first + last)}
    memory, descriptors = found["megabytes"], found["descriptors"]
    if memory["last"] > memory["first"] * (1.0 + GROWTH_SHARE) + GROWTH_MEGABYTES:
        found["faults"].append(f"memory grew from {memory['first']:.1f} to {memory['last']:.1f} MB")
    if descriptors["last"] > descriptors["first"] + GROWTH_DESCRIPTORS:
        found["faults"].append(f"descriptors grew from {descriptors['first']} to {descriptors['last']}")
    if after["descriptors"] > before["descriptors"]:
        found["faults"].append(
            f"{after['descriptors']} descriptors are open without clients; {before['descriptors']} were"
        )
    return found


def main() -> None:
    binary, out = Path(sys.argv[1]).resolve(), Path(sys.argv[3])
    seconds = 60.0 * (float(sys.argv[4]) if len(sys.argv) > 4 else 5.0)
    if seconds < 2.0 * WARM_SECONDS:
        raise SystemExit(f"{seconds / 60.0} minutes are too few to tell growth from warming up; at least 4")
    folder = Path(tempfile.mkdtemp(prefix="orrery_soak_"))
    os.environ["ORRERY_HOME"] = str(folder / "home")
    server = None
    try:
        prepare(binary, folder)
        server, port, token = start_server(binary, folder / "server.yaml", folder / "data")
        load = Load(binary, folder, port, token)
        watched = Watched(server.pid)
        for _ in range(10):  # what is opened with the first requests stays open
            load.read(random.Random(0))
        time.sleep(1.0)
        before = watched.look()
        load.start(load.materialize, 1)
        load.start(load.change_runs, 2)
        for number in range(READERS):
            load.start(load.read, 100 + number)
        for number in range(FOLLOWERS):
            load.start(load.follow, 200 + number)
        watched.watch(seconds)
        load.stop()
        time.sleep(3.0)
        after = watched.look()
    finally:
        if server is not None:
            server.terminate()
            server.wait(timeout=60)
        shutil.rmtree(folder, ignore_errors=True)
    found = {
        "seconds": seconds,
        "done": dict(load.done),
        "wrong": load.wrong,
        **judged(watched, seconds, before, after),
    }
    found["samples"] = watched.samples
    out.mkdir(parents=True, exist_ok=True)
    (out / "soak.json").write_text(json.dumps(found, indent=1) + "\n")
    print(
        f"{seconds / 60.0:.0f} minutes: " + ", ".join(f"{count:,} {what}" for what, count in sorted(load.done.items()))
    )
    for name in ("megabytes", "descriptors", "threads"):
        print(f"{name}: {found[name]['first']:.1f} at first, {found[name]['last']:.1f} at last, {found[name]['most']:.1f} at most; "
              f"without clients {before[name]:.1f} before and {after[name]:.1f} after")  # fmt: skip
    if load.wrong or found["faults"]:
        raise SystemExit("\n".join([*load.wrong[:10], *found["faults"]]))


if __name__ == "__main__":
    main()
