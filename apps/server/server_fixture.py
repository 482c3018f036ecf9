"""A server of the program, with small simulated runs, as the tests of the API call it."""

import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
from program import BINARY, ENVIRONMENT, done, orrery, study_of

ROUND = "2019-12-20"
"""The session of a round of two steps, of which one fails."""
ROLES = ("viewer", "researcher", "trader", "risk_officer", "admin")


class Server:
    """A running server; `token` is its first administrator's. Port 0 is one that is free."""

    def __init__(
        self,
        data: Path,
        *options: str,
        environment: dict[str, str] | None = None,
        binary: Path = BINARY,
        port: int = 0,
    ) -> None:
        self.data = data
        self.environment = {**ENVIRONMENT, **(environment or {})}
        self.process = subprocess.Popen(
            [str(binary), "serve", "--data", str(data), "--port", str(port), *options],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=self.environment,
        )  # fmt: skip
        said = ""
        for line in self.process.stdout:
            said += line
            if "Ctrl-C" in line:
                break
        found = re.search(r"serves at (\S+)", said)
        assert found, said
        self.url = found.group(1)
        token = re.search(r"orrery_[\w-]{43}", said)
        self.token = token.group(0) if token else ""

    def ask(self, method: str, path: str, token: str | None = None, **options) -> requests.Response:
        headers = dict(options.pop("headers", {}))
        bearer = self.token if token is None else token
        if bearer:
            headers["Authorization"] = f"Bearer {bearer}"
        return requests.request(method, self.url + path, headers=headers, timeout=60, **options)

    def get(self, path: str, **parameters) -> dict:
        answer = self.ask("GET", "/api/v1" + path, params=parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def new_token(self, role: str, days: int = 1) -> str:
        body = {"name": f"a {role}", "role": role, "days": days}
        answer = self.ask("POST", "/api/v1/tokens", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()["secret"]

    def stop(self, by: signal.Signals = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(by)
        return self.process.wait(timeout=30)


@contextmanager
def serving(data: Path, *options: str, environment: dict[str, str] | None = None) -> Iterator[Server]:
    server = Server(data, *options, environment=environment)
    try:
        yield server
    finally:
        server.stop()


def write_runs(folder: Path) -> Path:
    """Simulates a market, runs a study on it twice, trades an account, does a daily round; returns the folder to serve."""
    size = ("--instruments", "40", "--years", "2.5", "--seed", "5", "--signal", "0.05")
    done("simulate", *size, "--out", str(folder / "market"))
    study = folder / "market/study.yaml"
    study.write_text(study_of("first", "risk: {ladder: {levels: [0.01, 0.02, 0.03, 0.06]}}\n"))
    done("run", str(study), "--out", str(folder / "data/first"))
    time.sleep(1.1)  # the last finished is the one that is recommended from; moments are kept to the second
    done("run", str(study), "--set", "name=second", "--set", "portfolio.k=8", "--out", str(folder / "data/second"))
    done("trade", str(study), "--account", str(folder / "data/paper"))
    daily = folder / "daily.yaml"
    daily.write_text(
        "name: daily\nstate: data/.operate\nsteps:\n  look: {kind: command, arguments: [--version]}\n"
        "  fall: {kind: command, arguments: [runs, delete, nobody], retries: 0, needs: []}\n"
    )
    assert orrery("operate", str(daily), "--backfill", ROUND).returncode == 1
    return folder / "data"


def starter_of(process: int) -> int | None:
    """Number of the process that started one that still lives; None where that one has ended."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return None
    return int(fields[1]) if fields[0] != "Z" else None


def lives(process: int) -> bool:
    return starter_of(process) is not None


def children_of(process: int) -> list[int]:
    """Numbers of the processes that a process has started and that still live."""
    numbers = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [number for number in numbers if starter_of(number) == process]


def wait_until(true, seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)
