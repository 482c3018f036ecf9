"""`orrery fetch` into a lake as a person uses it: failover, going on after kill -9, restatements. The package
`deltalake` reads what came."""

import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from deltalake import DeltaTable

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("ORRERY_BINARY", ROOT / "build/release/bin/orrery"))
SYMBOLS = [f"S{number:02}" for number in range(40)]
SESSIONS = [date(2024, 7, 8) + timedelta(days=day) for day in range(5)]


def chart(symbol: str) -> dict:
    """An answer of Yahoo's chart service, with prices that tell the symbol."""
    opens = [datetime(day.year, day.month, day.day, 13, 30, tzinfo=UTC).timestamp() for day in SESSIONS]
    closes = [100.0 + SYMBOLS.index(symbol) + day / 4 for day in range(len(SESSIONS))]
    quote = {
        "open": closes,
        "high": [close + 1 for close in closes],
        "low": [close - 1 for close in closes],
        "close": closes,
        "volume": [1000 + day for day in range(len(SESSIONS))],
    }
    meta = {"gmtoffset": -14400, "exchangeTimezoneName": "America/New_York", "dataGranularity": "1d"}
    indicators = {"quote": [quote], "adjclose": [{"adjclose": closes}]}
    result = {"meta": meta, "timestamp": [int(moment) for moment in opens], "indicators": indicators}
    return {"path": f"/v8/finance/chart/{symbol}", "body": {"chart": {"error": None, "result": [result]}}}


@pytest.fixture(scope="module")
def replay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a replay of forty symbols."""
    folder = tmp_path_factory.mktemp("replay")
    mutations = {"restated": [{"route": 3, "at": "/chart/result/0/indicators/quote/0/close/4", "value": 104.5}]}
    content = {"routes": [chart(symbol) for symbol in SYMBOLS], "mutations": mutations}
    (folder / "yahoo.json").write_text(json.dumps(content))
    (folder / "tiingo.json").write_text((ROOT / "testing/replay/tiingo.json").read_text())
    server = subprocess.Popen(
        ["python3", str(ROOT / "testing/replay_server.py"), str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    yield server.stdout.readline().strip()
    server.kill()
    server.wait()


def command(base: str, fault: str, *more: str) -> list[str]:
    url = f"yahoo.base_url={base}/cli/{fault}/yahoo"
    days = ["--from", str(SESSIONS[0]), "--to", str(SESSIONS[-1])]
    return [str(BINARY), "fetch", "yahoo", "--symbols", ",".join(SYMBOLS), *days, "--set", url, *more]


def fetch(base: str, folder: Path, *more: str, fault: str = "none") -> dict:
    """Fetches without a limit of requests and returns what the program said as JSON."""
    arguments = [*command(base, fault, "--set", "requests_per_minute=0", "--json"), *more]
    answer = subprocess.run(arguments, cwd=folder, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


def bars(folder: Path) -> list[tuple]:
    """All rows of the table, without the moment of their retrieval, as deltalake reads them."""
    rows = DeltaTable(folder / "lake/bars_1d").to_pyarrow_table().to_pylist()
    return sorted((row["symbol"], row["event_time"], row["known_time"], row["close"], row["source"]) for row in rows)


def test_what_is_fetched_is_a_delta_table_known_after_the_close(replay: str, tmp_path: Path) -> None:
    said = fetch(replay, tmp_path)
    assert said["tables"]["bars_1d"] == {"new": 200, "restated": 0, "same": 0, "contradictions": 0}
    found = bars(tmp_path)
    assert len(found) == len(SYMBOLS) * len(SESSIONS)
    assert {known - event for _, event, known, _, _ in found} == {timedelta(minutes=30)}
    assert found[0] == (
        "S00",
        datetime(2024, 7, 8, 20, tzinfo=UTC),
        datetime(2024, 7, 8, 20, 30, tzinfo=UTC),
        100.0,
        "yahoo",
    )


def test_the_same_again_commits_nothing(replay: str, tmp_path: Path) -> None:
    fetch(replay, tmp_path)
    version = DeltaTable(tmp_path / "lake/bars_1d").version()
    said = fetch(replay, tmp_path, "--from-scratch", "--threads", "1")
    assert said["tables"]["bars_1d"] == {"new": 0, "restated": 0, "same": 200, "contradictions": 0}
    assert DeltaTable(tmp_path / "lake/bars_1d").version() == version


def test_a_restatement_stands_beside_what_was_said_before(replay: str, tmp_path: Path) -> None:
    fetch(replay, tmp_path)
    before = bars(tmp_path)
    started = datetime.now(UTC)
    said = fetch(replay, tmp_path, fault="restated")
    assert said["tables"]["bars_1d"]["restated"] == 1
    (row,) = set(bars(tmp_path)) - set(before)
    assert (row[0], row[3]) == ("S03", 104.5)
    assert row[2] >= started - timedelta(seconds=1)
    assert set(before) < set(bars(tmp_path))


@pytest.mark.parametrize("seed", range(6))
def test_killed_at_any_moment_it_goes_on_and_ends_the_same(replay: str, tmp_path: Path, seed: int) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    whole.mkdir()
    killed.mkdir()
    fetch(replay, whole)
    chance = random.Random(seed)
    for _ in range(3):
        # 3000 a minute: the whole would take most of a second.
        started = subprocess.Popen(
            command(replay, "none", "--set", "requests_per_minute=3000", "--threads", "1"),
            cwd=killed,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(chance.uniform(0.0, 0.7))
        started.send_signal(signal.SIGKILL)
        started.wait()
        # Killed between making the log's folder and the first commit, it leaves a table that isn't there yet.
        if any((killed / "lake/bars_1d/_delta_log").glob("*.json")):
            assert set(bars(killed)) <= set(bars(whole))
    fetch(replay, killed)
    assert bars(killed) == bars(whole)


def test_the_next_source_takes_over_symbol_by_symbol(
    replay: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIINGO_API_KEY", "s3cret")
    arguments = [
        *[str(BINARY), "fetch", "yahoo", "--chain", "tiingo", "--symbols", "AAA,S01", "--calendar", "none"],
        *["--from", "2024-07-02", "--to", "2024-07-05", "--set", "requests_per_minute=0", "--set", "attempts=1"],
        *["--set", f"yahoo.base_url={replay}/over/none/yahoo", "--set", f"tiingo.base_url={replay}/over/none/tiingo"],
    ]
    answer = subprocess.run(arguments, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert answer.returncode == 1, "nobody has S01 on those days"
    assert "AAA: yahoo: " in answer.stdout and "(tiingo took over)" in answer.stdout
    assert "S01: tiingo: " in answer.stdout and "(nobody else has it)" in answer.stdout
    assert {(symbol, source) for symbol, _, _, _, source in bars(tmp_path)} == {("AAA", "tiingo")}
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"s3cret" not in kept and "s3cret" not in answer.stdout + answer.stderr


def test_a_dry_run_says_where_it_would_begin_and_asks_nobody(replay: str, tmp_path: Path) -> None:
    plan = [*command(replay, "none", "--dry-run", "--json")]
    said = json.loads(subprocess.run(plan, cwd=tmp_path, capture_output=True, text=True, check=True).stdout)
    assert said["plan"][0] == {"symbol": "S00", "table": "bars_1d", "from": "2024-07-08"}
    assert not (tmp_path / "lake").exists()
    fetch(replay, tmp_path)
    later = [word if word != str(SESSIONS[-1]) else "2024-08-30" for word in plan]
    del later[later.index("--from") : later.index("--from") + 2]
    said = json.loads(subprocess.run(later, cwd=tmp_path, capture_output=True, text=True, check=True).stdout)
    assert said["plan"][0]["from"] == "2024-07-06", "seven days up to the last are asked for again"


def test_health_and_disagreements_are_told(replay: str, tmp_path: Path) -> None:
    def said(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(BINARY), "data", *arguments], cwd=tmp_path, capture_output=True, text=True, check=False
        )

    fetch(replay, tmp_path)
    health = json.loads(said("health", "--json").stdout)
    assert len(health) == len(SYMBOLS)
    assert {(one["rows"], one["missing"], one["calendar"]) for one in health} == {(5, 0, "XNYS")}
    shown = said("health", "bars_1d")
    assert "no symbol has a gap" in shown.stdout
    assert said("health", "--strict").returncode == 1, "the last session is of 2024"
    assert "no fact has two sources" in said("disagreements").stdout
    for name in ("health", "disagreements"):
        assert "Example:" in said(name, "--help").stdout
        assert "has no table 'bars'" in said(name, "bars").stderr
