"""`orrery operate`: days of a market on local servers, from fetch to recommendations and alerts, whatever is killed."""

import json
import math
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from alert_server import AlertServer
from program import BINARY, ENVIRONMENT, ROOT, check_help, done, orrery, study_of, write_market
from server_fixture import Server, serving, wait_until

SYMBOLS = [f"S{number:02}" for number in range(12)]
FIRST = date(2022, 1, 3)
LAST = date(2023, 12, 15)
HOLIDAYS_2022 = ("01-17", "02-21", "04-15", "05-30", "06-20", "07-04", "09-05", "11-24", "12-26")
HOLIDAYS_2023 = ("01-02", "01-16", "02-20", "04-07", "05-29", "06-19", "07-04", "09-04", "11-23")
HOLIDAYS = {f"2022-{day}" for day in HOLIDAYS_2022} | {f"2023-{day}" for day in HOLIDAYS_2023}
YORK = ZoneInfo("America/New_York")

STUDY = """name: desk
data: {source: lake, path: lake}
factors: {extra: {r5: "Ref($close,5)/$close-1", v20: "Std($close/Ref($close,1)-1,20)"}}
preprocess: {label: cs_rank_norm, features: [robust_zscore, {clip: 3}, {fill_na: 0}]}
model: {name: ridge}
validation: {train: 1y, valid: 3m, test: 6m}
portfolio: {strategy: topk_dropout, k: 3, drop: 1}
baselines: false
"""

FEATURES = """data: {source: lake, path: lake}
views:
  momentum: {features: {r5: "$close/Ref($close,5)-1"}}
  prices: {features: {close: $close}}
"""


def chart(symbol: str, days: list[date]) -> dict:
    """An answer of Yahoo's chart service: prices that wander, by the symbol."""
    source = random.Random(symbol)
    close, closes = 50.0 + len(symbol), []
    for _ in days:
        close *= math.exp(0.015 * source.gauss(0, 1))
        closes.append(round(close, 4))
    opens = [int(datetime(day.year, day.month, day.day, 9, 30, tzinfo=YORK).timestamp()) for day in days]
    quote = {
        "open": closes,
        "high": [round(close * 1.01, 4) for close in closes],
        "low": [round(close * 0.99, 4) for close in closes],
        "close": closes,
        "volume": [100_000 + source.randrange(9_000) for _ in days],
    }
    meta = {"gmtoffset": -18000, "exchangeTimezoneName": "America/New_York", "dataGranularity": "1d"}
    indicators = {"quote": [quote], "adjclose": [{"adjclose": closes}]}
    result = {"meta": meta, "timestamp": opens, "indicators": indicators}
    return {"path": f"/v8/finance/chart/{symbol}", "body": {"chart": {"error": None, "result": [result]}}}


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a service that has the prices of two years."""
    folder = tmp_path_factory.mktemp("replay")
    weekdays = [FIRST + timedelta(days=day) for day in range((LAST - FIRST).days + 1)]
    days = [day for day in weekdays if day.weekday() < 5 and str(day) not in HOLIDAYS]
    routes = {"routes": [chart(symbol, days) for symbol in SYMBOLS], "mutations": {}}
    (folder / "yahoo.json").write_text(json.dumps(routes))
    command = [sys.executable, str(ROOT / "testing/replay_server.py"), str(folder)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    yield server.stdout.readline().strip()
    server.kill()


@pytest.fixture
def alerts() -> Iterator[AlertServer]:
    server = AlertServer()
    yield server
    server.close()


class Desk:
    """A folder with the file of an operation, and its program."""

    def __init__(self, folder: Path, alerts: AlertServer | None, steps: str) -> None:
        self.folder = folder
        self.file = folder / "daily.yaml"
        channels = "{}"
        if alerts is not None:
            mail = f"from: orrery@desk.example, to: none@desk.example, port: {alerts.mail_port}"
            channels = f"""
    desk: {{kind: webhook, level: info, settings: {{url: "http://127.0.0.1:{alerts.http_port}/none/desk"}}}}
    mail: {{kind: email, level: critical, settings: {{host: 127.0.0.1, security: none, {mail}}}}}"""
        head = "name: daily\nschedule: {after: close, minutes: 60}\nalerts:\n  channels: "
        self.file.write_text(f"{head}{channels}\n{steps}")

    def operate(self, *options: str) -> subprocess.CompletedProcess[str]:
        return orrery("operate", str(self.file), *options)

    def start(self, *options: str) -> subprocess.Popen:
        command = [str(BINARY), "operate", str(self.file), *options]
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENVIRONMENT)

    def status(self, rounds: int = 5) -> dict:
        return json.loads(done("operate", "status", str(self.file), "--json", "--rounds", str(rounds)))

    def states(self, place: int = 0) -> dict[str, str]:
        return {step["step"]: step["state"] for step in self.status()["rounds"][place]["steps"]}


def daily_steps(market: str, fault: str = "none", fetch: str = "", publish: str = "", study: str = "{session}") -> str:
    """A whole day; `fetch` and `publish` are further keys of those steps, `study` is the last day that it sees."""
    service = f'yahoo.base_url: "{market}/operate/{fault}/yahoo", requests_per_minute: 0'
    return f"""steps:
  fetch:
    {{provider: yahoo, symbols: [{", ".join(SYMBOLS)}], from: {FIRST}, set: {{{service}}}, retry_seconds: 0.1{fetch}}}
  validate: {{}}
  study: {{study: desk.yaml, run: work/desk, set: {{data.to: "{study}"}}}}
  publish: {{run: work/desk, to: out/desk, min_names: 12, deadline_minutes: 120{publish}}}
  monitor: {{run: work/desk, out: work/monitor, needs: [study]}}
  retrain: {{study: desk.yaml, run: work/fresh, when: monitor, needs: []}}
"""


def test_help_has_an_example() -> None:
    assert "--backfill" in check_help(["operate"])
    check_help(["operate", "status"])
    check_help(["publish"])
    for word in ("test", "send", "list", "ack"):
        check_help(["alert", word])


def test_days_go_from_fetch_to_recommendations_without_a_hand(tmp_path: Path, market: str, alerts: AlertServer) -> None:
    (tmp_path / "desk.yaml").write_text(STUDY)
    (tmp_path / "features.yaml").write_text(FEATURES)
    features = "  materialize: {features: features.yaml, needs: [validate]}\n"
    desk = Desk(tmp_path, alerts, daily_steps(market) + features)
    answer = desk.operate("--replay", "2023-12-12..2023-12-13")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "2023-12-13  publish  done" in answer.stdout
    for place in (0, 1):
        states = desk.states(place)
        for step in ("fetch", "validate", "study", "publish", "materialize"):
            assert states[step] == "done", states
        assert states["retrain"] == ("done" if states["monitor"] == "action" else "skipped")
    rounds = desk.status()["rounds"]
    assert [one["session"] for one in rounds] == ["2023-12-13", "2023-12-12"]
    assert rounds[0]["due"] == "2023-12-13T22:00:00Z"
    assert rounds[0]["mode"] == "replay"
    said = [seen["body"] for seen in alerts.received if seen["kind"] == "http"]
    published = [body for body in said if body["key"].endswith("/publish/done")]
    assert [body["title"] for body in published] == ["publish done (2023-12-12)", "publish done (2023-12-13)"]
    assert published[1]["raised"].startswith("2023-12-13T22:00")
    assert "desk, after the close of 2023-12-13: " in published[1]["text"]
    assert "of 12 names to hold" in published[1]["text"]
    with serving(tmp_path / "out", "--features", str(tmp_path / "features.yaml")) as server:
        assert features_of(server) == ({"2023-12-13"}, 12)
        answer = server.get("/recommendations", held="true")
        assert answer["about"]["date"] == "2023-12-13"
        assert {row["symbol"] for row in answer["items"]} <= set(SYMBOLS)
        for row in answer["items"]:
            assert row["symbol"] in published[1]["text"]
        # The next day comes while the server serves.
        assert desk.operate("--replay", "2023-12-14").returncode == 0
        end = time.monotonic() + 10
        while server.get("/recommendations")["about"]["date"] != "2023-12-14":
            assert time.monotonic() < end
            time.sleep(0.1)
        wait_until(lambda: features_of(server) == ({"2023-12-14"}, 12))
    audit = json.loads(done("feature", "audit", str(tmp_path / "features.yaml"), "--json"))
    assert (audit["values"] > 0, audit["mismatches"]) == (True, [])
    # The model was taken up, not trained again, and the run is that of a start from scratch.
    assert (
        "model of the earlier run, new sessions scored"
        in (tmp_path / "out/.operate/logs/2023-12-14/study.1.log").read_text()
    )
    done("run", str(tmp_path / "desk.yaml"), "--out", str(tmp_path / "scratch"), "--set", "data.to=2023-12-14")
    for name in ("predictions.parquet", "weights.parquet", "metrics.json"):
        assert (tmp_path / "scratch" / name).read_bytes() == (tmp_path / "out/desk" / name).read_bytes(), name
    # A day that is done again leaves the features of a later one.
    again = desk.operate("--backfill", "2023-12-13", "--again")
    assert "materialize  done" in again.stdout, again.stdout + again.stderr
    assert "later ones stay" in (tmp_path / "out/.operate/logs/2023-12-13/materialize.2.log").read_text()
    told = json.loads(done("feature", "status", str(tmp_path / "features.yaml"), "--json"))
    assert [view["session"] for view in told["views"]] == ["2023-12-14", "2023-12-14"]


def features_of(server: Server) -> tuple[set[str], int]:
    """The sessions of the features that are served, which views reach one by one, and how many names have both."""
    body = {"symbols": SYMBOLS, "features": ["momentum:r5", "prices:close"]}
    answer = server.ask("POST", "/api/v1/features/online", json=body).json()
    sessions = {view["session"] for view in answer["views"]}
    numbers = zip(*(feature["values"] for feature in answer["features"]), strict=True)
    return sessions, sum(None not in pair for pair in numbers)


def test_what_is_stale_is_not_published(tmp_path: Path, market: str, alerts: AlertServer) -> None:
    (tmp_path / "desk.yaml").write_text(STUDY)
    desk = Desk(tmp_path, alerts, daily_steps(market, study="2023-12-11", publish=", retries: 0"))
    assert desk.operate("--backfill", "2023-12-11").returncode == 0
    before = (tmp_path / "out/desk/manifest.json").read_bytes()
    answer = desk.operate("--replay", "2023-12-12")
    assert answer.returncode == 1
    assert desk.states()["publish"] == "failed"
    step = next(one for one in desk.status()["rounds"][0]["steps"] if one["step"] == "publish")
    assert "its last session is 2023-12-11; expected 2023-12-12" in step["message"]
    assert (tmp_path / "out/desk/manifest.json").read_bytes() == before
    mails = [seen for seen in alerts.received if seen["kind"] == "mail"]
    assert [mail["subject"] for mail in mails] == ["CRITICAL: publish failed (2023-12-12)"]
    assert "its last session is 2023-12-11" in mails[0]["text"]
    listed = json.loads(done("alert", "list", str(desk.file), "--open", "--json"))
    failed = next(one for one in listed if one["title"] == "publish failed (2023-12-12)")
    assert {one["channel"]: one["state"] for one in failed["deliveries"]} == {"desk": "sent", "mail": "sent"}
    assert "acknowledged by ann" in done("alert", "ack", str(desk.file), str(failed["number"]), "--who", "ann")
    open_now = json.loads(done("alert", "list", str(desk.file), "--open", "--json"))
    assert failed["number"] not in [one["number"] for one in open_now]


def test_only_a_good_run_is_published(tmp_path: Path) -> None:
    study = write_market(tmp_path, study_of("flat"), 12, seed=3)
    done("run", str(study), "--out", str(tmp_path / "good"))
    flat = ("--set", "model={name: factor, params: {factor: zero}}", "--set", "factors.extra.zero=$close*0")
    done("run", str(study), *flat, "--out", str(tmp_path / "flat"))
    last = str(max(pd.read_parquet(tmp_path / "good/predictions.parquet").date))

    def publish(run: str, *options: str) -> subprocess.CompletedProcess[str]:
        return orrery("publish", str(tmp_path / run), "--to", str(tmp_path / "out/live"), *options)

    assert "names are scored; expected at least 500" in publish("good", "--session", last, "--min-names", "500").stderr
    assert "its last session is" in publish("good", "--session", "2020-01-02").stderr
    assert "scores are 0" in publish("flat", "--session", last).stderr
    assert not (tmp_path / "out").exists() or os.listdir(tmp_path / "out") == []
    shown = publish("good", "--session", last)
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.startswith("SIMULATED")
    assert json.loads((tmp_path / "out/live/tags.json").read_text()) == ["live"]
    assert not (tmp_path / "good/tags.json").exists()


def test_a_source_that_does_not_answer_is_tried_again_and_told(
    tmp_path: Path, market: str, alerts: AlertServer
) -> None:
    (tmp_path / "desk.yaml").write_text(STUDY)
    desk = Desk(tmp_path, alerts, daily_steps(market, "refused", ", retries: 1, deadline_minutes: 0"))
    assert desk.operate("--replay", "2023-12-12").returncode == 1
    states = desk.states()
    assert states.pop("fetch") == "failed"
    assert set(states.values()) == {"blocked"}
    assert desk.status()["rounds"][0]["steps"][0]["attempts"] == 2
    titles = [seen["subject"] for seen in alerts.received if seen["kind"] == "mail"]
    assert titles == ["CRITICAL: fetch is late (2023-12-12)", "CRITICAL: fetch failed (2023-12-12)"]
    assert not (tmp_path / "out/desk").exists()
    # Mended, the same round goes on.
    desk.file.write_text(desk.file.read_text().replace("/operate/refused/", "/operate/none/"))
    assert desk.operate("--backfill", "2023-12-12").returncode == 0
    assert desk.states()["publish"] == "done"
    shown = done("operate", "status", str(desk.file))
    assert "The round of 2023-12-12" in shown
    assert "No alert is open." in shown, "what failed is over"


def test_a_source_that_is_late_is_waited_for(tmp_path: Path, market: str) -> None:
    (tmp_path / "desk.yaml").write_text(STUDY)
    desk = Desk(tmp_path, None, daily_steps(market, fetch=", need: 12, retries: 1"))
    # A weekday after the last one that the source has.
    assert desk.operate("--replay", "2023-12-18").returncode == 1
    step = desk.status()["rounds"][0]["steps"][0]
    assert (step["state"], step["attempts"]) == ("failed", 2)
    assert "0 of 12 symbols have a row of bars_1d on 2023-12-18; expected at least 12" in step["message"]
    assert "without: S00, S01, S02, S03, S04, …" in step["message"]
    assert desk.operate("--replay", "2023-12-15").returncode == 0


def processes_in(folder: Path) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if str(folder).encode() in words and str(BINARY).encode() in words:
                found.append(int(entry.name))
    return found


def test_killed_again_and_again_it_ends_as_if_nothing_had_been(
    tmp_path: Path, market: str, alerts: AlertServer
) -> None:
    (tmp_path / "desk.yaml").write_text(STUDY)
    desk = Desk(tmp_path, alerts, daily_steps(market))
    kills = 0
    for attempt in range(8):
        process = desk.start("--replay", "2023-12-12..2023-12-13")
        time.sleep(0.05 + 0.11 * attempt)
        kills += process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
        end = time.monotonic() + 10
        while processes_in(tmp_path):
            assert time.monotonic() < end, "a step has outlived its operation"
            time.sleep(0.01)
    assert kills >= 4
    assert desk.operate("--replay", "2023-12-12..2023-12-13").returncode == 0
    done("run", str(tmp_path / "desk.yaml"), "--out", str(tmp_path / "scratch"), "--set", "data.to=2023-12-13")
    for name in ("predictions.parquet", "weights.parquet", "trades.parquet"):
        assert (tmp_path / "scratch" / name).read_bytes() == (tmp_path / "out/desk" / name).read_bytes(), name
    # What was killed while it was sent is held for its sender for a minute; a day later all is told.
    assert desk.operate("--replay", "2023-12-14").returncode == 0
    with sqlite3.connect(tmp_path / "out/.operate/alerts.sqlite") as kept:
        titles = [row[0] for row in kept.execute("SELECT title FROM alerts WHERE key LIKE '%publish/done'")]
        assert titles == [f"publish done (2023-12-{day})" for day in (12, 13, 14)]
        assert kept.execute("SELECT count(*) FROM deliveries WHERE state != 'sent'").fetchone()[0] == 0


def test_it_waits_for_sessions_and_stops_in_order(tmp_path: Path) -> None:
    steps = "steps:\n  look: {kind: command, arguments: [simulate, --instruments, '10', --years, '1', --out, market]}\n"
    desk = Desk(tmp_path, None, steps)
    process = desk.start()
    end = time.monotonic() + 30
    while not (rounds := desk.status()["rounds"]) or rounds[0]["state"] == "running":
        assert time.monotonic() < end
        time.sleep(0.1)
    assert rounds[0]["state"] == "done"
    status = desk.status()
    assert status["running"]
    assert status["next"] > datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    second = desk.operate("--once")
    assert second.returncode == 1
    assert "another 'orrery operate' uses" in second.stderr
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=10) == 0
    assert not desk.status()["running"]
    assert (tmp_path / "market/ohlcv.parquet").exists(), "commands run in the file's folder"


def test_a_channel_that_is_away_gets_it_later(tmp_path: Path, alerts: AlertServer) -> None:
    desk = Desk(tmp_path, alerts, "steps: {look: {kind: command, arguments: [--version]}}")
    right = desk.file.read_text()
    desk.file.write_text(right.replace("/none/desk", "/server_error/desk"))
    told = done("alert", "send", str(desk.file), "--title", "disk nearly full", "--level", "critical")
    assert "desk waiting, mail sent" in re.sub(r"\s+", " ", told)
    desk.file.write_text(right)
    failed = orrery("alert", "test", str(desk.file), "--channel", "nobody")
    assert failed.returncode == 1
    assert "there is no channel 'nobody'; there are: desk, mail" in failed.stderr
    assert "desk: sent" in done("alert", "test", str(desk.file))
    end = time.monotonic() + 40
    while not any(
        seen["body"].get("title") == "disk nearly full" for seen in alerts.received if seen["kind"] == "http"
    ):
        assert time.monotonic() < end
        time.sleep(1.0)
        assert desk.operate("--once").returncode == 0


def test_bad_files_are_told(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("steps: {fetch: {provder: yahoo}}\n")
    answer = orrery("operate", str(tmp_path / "bad.yaml"))
    assert answer.returncode == 1
    assert "bad.yaml:1:" in answer.stderr
    assert "did you mean 'provider'?" in answer.stderr
    assert orrery("operate").returncode == 2
    (tmp_path / "good.yaml").write_text("steps: {a: {kind: command, arguments: [--version]}}\n")
    far = orrery("operate", str(tmp_path / "good.yaml"), "--backfill", "2100-01-04")
    assert far.returncode == 1
    assert "is due at 2100-01-04" in far.stderr
    assert "found '2024'" in orrery("operate", str(tmp_path / "good.yaml"), "--backfill", "2024").stderr
    assert "No round has been done." in done("operate", "status", str(tmp_path / "good.yaml"))
    assert os.listdir(tmp_path) != []
