"""The streams of `orrery serve`: a snapshot, then what changes, whatever happens to the connection."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from program import at_home, done
from server_fixture import Server, serving, wait_until, write_runs
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("streams")
    with at_home(folder), serving(write_runs(folder)) as server:
        yield server


def stream(server: Server, path: str, token: str | None = None, **options: Any) -> ClientConnection:
    bearer = server.token if token is None else token
    headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
    return connect(server.url.replace("http", "ws") + path, additional_headers=headers, **options)


def message(connection: ClientConnection, seconds: float = 30.0) -> dict:
    return json.loads(connection.recv(timeout=seconds))


def test_signals_are_the_recommendations(server: Server) -> None:
    with stream(server, "/stream/signals?run=first") as connection:
        first = message(connection)
    rows = server.get("/recommendations", run="first", limit=1000)
    assert (first["type"], first["stream"], first["reset"]) == ("snapshot", "signals", True)
    assert first["about"] == rows["about"]
    assert {row["symbol"]: row for row in first["rows"]} == {row["symbol"]: row for row in rows["items"]}


def test_factors_are_what_the_model_reads(server: Server) -> None:
    decision = server.get("/recommendations", run="first", limit=1)
    symbol, date = decision["items"][0]["symbol"], decision["about"]["date"]
    with stream(server, f"/stream/factors?run=first&symbols={symbol}") as connection:
        first = message(connection)
    assert [row["symbol"] for row in first["rows"]] == [symbol]
    told = server.get(f"/decisions/{symbol}/{date}", run="first", factors=0)
    values = next(stage["facts"] for stage in told["stages"] if stage["name"] == "factors")
    assert first["rows"][0]["date"] == date == first["about"]["date"]
    assert first["rows"][0]["values"] == values


def test_performance_has_accounts_and_the_run(server: Server) -> None:
    with stream(server, "/stream/performance?run=first") as connection:
        rows = {row["name"]: row for row in message(connection)["rows"]}
    assert set(rows) == {"first", "paper"}
    account = server.get("/accounts/paper")
    assert rows["paper"]["equity"] == account["equity"]
    assert rows["paper"]["gain"] == account["gain"]
    assert rows["paper"]["date"] == account["last_session"]
    assert rows["paper"]["level"] == account["ladder"]["level"]
    days = server.get("/performance", run="first", limit=10000)["items"]
    assert rows["first"]["equity"] == days[-1]["equity"]
    assert rows["first"]["drawdown"] == pytest.approx(
        1 - days[-1]["equity"] / max(d["equity"] for d in days), abs=1e-15
    )


def test_a_changed_run_is_told_without_asking(server: Server) -> None:
    """Two clients, one of few names; one is cut off, misses the change and goes on from where it was."""
    names = [row["symbol"] for row in server.get("/recommendations", run="second", limit=1000)["items"]]
    shutil.copytree(server.data / "second", server.data / "changing")
    wait_until(lambda: any(run["run"] == "changing" for run in server.get("/runs")["items"]))
    with stream(server, "/stream/signals?run=changing") as connection:
        before = message(connection)
        with stream(server, f"/stream/signals?run=changing&symbols={names[0]}") as few:
            assert len(message(few)["rows"]) == 1
            replaced = server.data / "changing"
            replaced.rename(server.data / ".old")
            shutil.copytree(server.data / "first", server.data / ".new")
            (server.data / ".new").rename(replaced)
            change = message(connection)
            assert {row["symbol"] for row in message(few)["rows"]} <= {names[0]}
    assert (change["type"], change["after"], change["sequence"]) == ("delta", 1, 2)
    now = {row["symbol"]: row for row in before["rows"]}
    now.update({row["symbol"]: row for row in change["rows"]})
    for name in change["removed"]:
        del now[name]
    rows = server.get("/recommendations", run="changing", limit=1000)
    assert now == {row["symbol"]: row for row in rows["items"]}
    unchanged = [row for row in before["rows"] if row in rows["items"]]
    assert len(change["rows"]) == len(rows["items"]) - len(unchanged), "only what changed is sent"
    with stream(server, f"/stream/signals?run=changing&after={before['epoch']}:1") as again:
        assert message(again) == change
    with stream(server, "/stream/signals?run=changing&after=elsewhere:1") as again:
        assert message(again)["reset"]
    shutil.rmtree(server.data / "changing")


def test_an_account_is_told_after_its_session(server: Server) -> None:
    study, folder = server.data.parent / "market/study.yaml", server.data / "late"
    sessions = [row["date"] for row in server.get("/performance", run="first", limit=10000)["items"]]
    done("trade", str(study), "--account", str(folder), "--until", sessions[-20])
    with stream(server, "/stream/performance?symbols=late") as connection:
        row = message(connection)["rows"][0]
        assert (row["date"], row["sessions"]) == (sessions[-20], len(sessions) - 19)
        done("trade", str(study), "--account", str(folder), "--until", sessions[-15])
        while row["date"] != sessions[-15]:
            row = message(connection)["rows"][0]
    account = server.get("/accounts/late")
    assert (row["equity"], row["sessions"]) == (account["equity"], account["sessions"])


def test_words_choose_names(server: Server) -> None:
    with stream(server, "/stream/signals?symbols=SIM00001") as connection:
        assert [row["symbol"] for row in message(connection)["rows"]] == ["SIM00001"]
        connection.send(json.dumps({"subscribe": ["SIM00002", "NOBODY"]}))
        more = message(connection)
        assert [row["symbol"] for row in more["rows"]] == ["SIM00002"]
        assert more["missing"] == ["NOBODY"]
        connection.send("{")
        assert message(connection)["detail"] == "this is no JSON"
        connection.send(b"\xff\xfe")
        assert message(connection)["type"] == "problem"
        for _ in range(8):
            connection.send("[]")
            assert message(connection)["type"] == "problem"
        connection.send("[]")
        with pytest.raises(ConnectionClosed) as closed:
            message(connection)
        assert closed.value.rcvd.code == 1008


def test_streams_are_for_those_who_are_known(server: Server) -> None:
    for path, token, status in (
        ("/stream/signals", "", 401),
        ("/stream/signals", "orrery_wrong", 401),
        ("/stream/nothing", None, 404),
        ("/stream/signals?run=nothing", None, 404),
        ("/stream/signals?colour=red", None, 400),
        ("/stream/signals?symbols=%ZZ", None, 400),
    ):
        with pytest.raises(InvalidStatus) as refused:
            stream(server, path, token)
        assert refused.value.response.status_code == status, path
        assert refused.value.response.headers["Content-Type"] == "application/problem+json"
    # What a browser can send: the token among the protocols.
    with stream(server, "/stream/signals", "", subprotocols=["orrery.v1", f"bearer.{server.token}"]) as connection:
        assert connection.subprotocol == "orrery.v1"
        assert message(connection)["type"] == "snapshot"


def test_a_revoked_token_ends_its_streams(server: Server) -> None:
    token = server.new_token("viewer")
    with stream(server, "/stream/signals", token) as connection:
        assert message(connection)["type"] == "snapshot"
        number = next(one["number"] for one in server.get("/tokens")["items"] if one["name"] == "a viewer")
        assert server.ask("DELETE", f"/api/v1/tokens/{number}").status_code == 204
        assert "unknown, expired or revoked" in message(connection)["detail"]
        with pytest.raises(ConnectionClosed):
            message(connection)


def test_a_browsers_session_streams_to_its_own_pages_alone(server: Server) -> None:
    opened = server.ask("POST", "/api/v1/session", "", json={"token": server.token})
    cookie = opened.headers["Set-Cookie"].split(";")[0]
    address = server.url.replace("http", "ws") + "/stream/signals"
    with connect(address, origin=server.url, additional_headers={"Cookie": cookie}) as connection:
        assert message(connection)["type"] == "snapshot"
    with pytest.raises(InvalidStatus) as refused:
        connect(address, origin="https://elsewhere.example", additional_headers={"Cookie": cookie})
    assert refused.value.response.status_code == 403


def test_streams_are_counted_and_in_the_guide(server: Server) -> None:
    def counts() -> dict[str, str]:
        lines = server.ask("GET", "/metrics").text.splitlines()
        return dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))

    before = float(counts()["orrery_stream_messages_total"])
    with stream(server, "/stream/signals") as connection:
        message(connection)
    wait_until(lambda: float(counts()["orrery_stream_messages_total"]) > before)
    assert float(counts()["orrery_stream_skipped_total"]) == 0
    document = server.ask("GET", "/api/v1/openapi.json").json()
    paths = [one["path"] for one in document["x-streams"]]
    assert paths == ["/stream/factors", "/stream/performance", "/stream/signals"]
    guide = server.ask("GET", "/docs").text
    assert all(path in guide for path in paths)


def test_a_server_that_stops_says_so(server: Server, tmp_path: Path) -> None:
    with (
        serving(server.data, "--config", str(config(tmp_path))) as other,
        stream(other, "/stream/signals") as connection,
    ):
        message(connection)
        assert other.stop() == 0
        with pytest.raises(ConnectionClosed) as closed:
            message(connection)
        assert closed.value.rcvd.code == 1001


def config(folder: Path) -> Path:
    file = folder / "server.yaml"
    file.write_text(f"state: {folder / 'state'}\n")
    return file
