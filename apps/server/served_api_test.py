"""The API of `orrery serve`: what it answers is what the run's tables say, and what the document promises."""

import gzip
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from program import at_home, study_of
from server_fixture import ROUND, Server, children_of, lives, serving, wait_until, write_runs


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("served")
    with at_home(folder), serving(write_runs(folder)) as server:
        yield server


@pytest.fixture(scope="module")
def document(server: Server) -> dict:
    return server.ask("GET", "/api/v1/openapi.json", token="").json()


def table(server: Server, run: str, name: str) -> pd.DataFrame:
    return pd.read_parquet(server.data / run / f"{name}.parquet")


def probability_of(scores: pd.DataFrame, session: pd.Timestamp, span: int) -> dict[str, float]:
    """The slow way to the probabilities of a session: counts over all earlier sessions whose label was known."""
    sessions = sorted(scores.date.unique())
    known = sessions[: sessions.index(session) - span + 1]
    good, count = np.zeros(10), np.zeros(10)
    for day in known:
        of_day = scores[scores.date == day].sort_values(["score", "symbol"], ascending=[False, True])
        tenth = np.minimum(9, np.arange(len(of_day)) * 10 // len(of_day))
        labels = of_day.label.to_numpy()
        median = np.nanmedian(labels)
        there = np.isfinite(labels)
        np.add.at(count, tenth[there], 1)
        np.add.at(good, tenth[there], labels[there] > median)
    today = scores[scores.date == session].sort_values(["score", "symbol"], ascending=[False, True])
    tenth = np.minimum(9, np.arange(len(today)) * 10 // len(today))
    return {
        symbol: good[t] / count[t] if count[t] >= 200 else np.nan for symbol, t in zip(today.symbol, tenth, strict=True)
    }


def test_recommendations_are_what_the_tables_say(server: Server) -> None:
    answer = server.get("/recommendations", run="first", limit=1000)
    scores, weights = table(server, "first", "predictions"), table(server, "first", "weights")
    intervals = table(server, "first", "intervals")
    session = scores.date.max()
    assert answer["about"]["date"] == str(session)
    assert answer["about"]["banner"].startswith("SIMULATED")
    rows = {row["symbol"]: row for row in answer["items"]}
    today = scores[scores.date == session].sort_values(["score", "symbol"], ascending=[False, True])
    assert [row["symbol"] for row in answer["items"]][: len(today)] == list(today.symbol)
    days = sorted(weights.date.unique())
    now, before = weights[weights.date == days[-1]], weights[weights.date == days[-2]]
    bounds = intervals[intervals.date == session].set_index("symbol")
    expected = probability_of(scores, session, span=2)
    assert sum(np.isfinite(list(expected.values()))) > 10
    for rank, (symbol, score) in enumerate(zip(today.symbol, today.score, strict=True), 1):
        row = rows[symbol]
        assert (row["rank"], row["score"]) == (rank, score)
        assert row["weight"] == now.set_index("symbol").weight.get(symbol, 0.0)
        assert row["weight_before"] == before.set_index("symbol").weight.get(symbol, 0.0)
        assert row["outcome"] is None
        probability = np.nan if row["probability"] is None else row["probability"]
        assert probability == pytest.approx(expected[symbol], abs=1e-15, nan_ok=True)
        if symbol in bounds.index and np.isfinite(bounds.lower[symbol]):
            assert (row["lower"], row["upper"]) == (bounds.lower[symbol], bounds.upper[symbol])


def test_probabilities_know_nothing_later(server: Server) -> None:
    scores = table(server, "first", "predictions")
    session = sorted(scores.date.unique())[-40]
    cut = scores.copy()
    cut.loc[cut.date > session, "label"] = 0.0
    rows = server.get("/recommendations", run="first", date=str(session), limit=1000)["items"]
    expected = probability_of(cut, session, span=2)
    found = {row["symbol"]: row["probability"] for row in rows if row["rank"] > 0}
    assert any(value is not None for value in found.values())
    for symbol, value in found.items():
        assert (np.nan if value is None else value) == pytest.approx(expected[symbol], abs=1e-15, nan_ok=True)


def test_the_record_of_earlier_picks(server: Server) -> None:
    rows = server.get("/recommendations/record", run="first", limit=10_000)["items"]
    scores, weights = table(server, "first", "predictions"), table(server, "first", "weights")
    assert len(rows) > 100
    for row in rows[:: len(rows) // 7]:
        day = pd.Timestamp(row["date"]).date()
        of_day = scores[scores.date == day].set_index("symbol").label.dropna()
        picks = weights[(weights.date == day) & (weights.weight > 0)].set_index("symbol").weight
        picks = picks[picks.index.isin(of_day.index)]
        assert row["picks"] == len(picks)
        assert row["universe_outcome"] == pytest.approx(of_day.mean(), rel=1e-12)
        if picks.empty:
            assert row["mean_outcome"] is None
            continue
        assert row["mean_outcome"] == pytest.approx((picks * of_day[picks.index]).sum() / picks.sum(), rel=1e-12)
        assert row["better"] == pytest.approx((of_day[picks.index] > of_day.median()).mean(), rel=1e-12)


def test_pages_fields_and_orders(server: Server) -> None:
    whole = server.get("/recommendations", run="first", limit=10_000, sort="-score,symbol", fields="symbol,score")
    assert list(whole["items"][0]) == ["symbol", "score"]
    found, cursor = [], None
    while True:
        options = {"cursor": cursor} if cursor else {}
        page = server.get(
            "/recommendations", run="first", limit=7, sort="-score,symbol", fields="symbol,score", **options
        )
        found += page["items"]
        cursor = page["next"]
        if not cursor:
            break
    assert found == whole["items"]
    assert len(found) == whole["total"]
    other = server.get("/recommendations", run="first", limit=7)["next"]
    wrong = server.ask("GET", "/api/v1/recommendations", params={"run": "second", "cursor": other})
    assert wrong.status_code == 409
    none = server.ask("GET", "/api/v1/recommendations", params={"cursor": "zzz"})
    assert none.status_code == 400


def test_arrow_has_the_same_rows(server: Server) -> None:
    accept = {"Accept": "application/vnd.apache.arrow.stream"}
    answer = server.ask("GET", "/api/v1/performance?limit=10000", headers=accept)
    assert answer.headers["Content-Type"] == "application/vnd.apache.arrow.stream"
    rows = pa.ipc.open_stream(answer.content).read_all()
    equity = table(server, "second", "equity")
    assert rows.column("equity").to_pylist() == equity.equity.tolist()
    assert rows.column("date").to_pylist() == equity.date.tolist()
    refused = server.ask("GET", "/api/v1/performance", headers={"Accept": "text/csv"})
    assert refused.status_code == 406


def test_etags_and_packing(server: Server) -> None:
    first = server.ask("GET", "/api/v1/recommendations", headers={"Accept-Encoding": "identity"})
    again = server.ask("GET", "/api/v1/recommendations", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    answer = server.ask("GET", "/api/v1/recommendations", headers={"Accept-Encoding": "gzip"}, stream=True)
    packed = answer.raw.read(decode_content=False)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed) == first.content
    head = server.ask("HEAD", "/api/v1/recommendations", headers={"Accept-Encoding": "identity"})
    assert int(head.headers["Content-Length"]) == len(first.content)
    assert head.content == b""


def test_faults_name_the_field(server: Server) -> None:
    answer = server.ask("GET", "/api/v1/recommendations?limit=x&dat=2020-01-01&date=2020-13-01")
    problem = answer.json()
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert {error["field"] for error in problem["errors"]} == {"query.limit", "query.dat", "query.date"}
    assert problem["status"] == answer.status_code == 400
    missing = server.ask("GET", "/api/v1/runs/nobody")
    assert missing.status_code == 404
    assert "first, second" in missing.json()["detail"]
    assert server.ask("PUT", "/api/v1/runs").headers["Allow"] == "GET"
    assert server.ask("GET", "/api/v1/nothing").status_code == 404
    body = server.ask("POST", "/api/v1/tokens", json={"name": "", "role": "king", "days": 0, "more": 1}).json()
    assert {error["field"] for error in body["errors"]} == {"body/name", "body/role", "body/days", "body/more"}
    assert (
        server.ask("POST", "/api/v1/tokens", data="{", headers={"Content-Type": "application/json"}).status_code == 400
    )
    assert server.ask("POST", "/api/v1/tokens", data="x", headers={"Content-Type": "text/plain"}).status_code == 415


def operations(document: dict) -> Iterator[tuple[str, str, dict]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_a_number_without_end_is_no_json(server: Server) -> None:
    answer = server.ask(
        "POST", "/api/v1/predictions", data='{"explain": 1e999}', headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "body"


def test_answers_are_what_the_document_promises(server: Server, document: dict) -> None:
    values = {"run": "first", "account": "paper", "symbol": "SIM00001", "date": "", "model": "none", "number": "1"}
    values["step"] = "look"
    values["date"] = server.get("/recommendations", run="first")["about"]["date"]
    looked_at = 0
    for path, method, operation in operations(document):
        if method != "get" or "{model}" in path or "jobs/{number}" in path:
            continue
        query = "?run=first" if "decisions" in path else ""
        day = {"date": ROUND} if "operations" in path else {}
        answer = server.ask("GET", path.format(**{**values, **day}) + query)
        assert answer.status_code == 200, (path, answer.text)
        content = operation["responses"]["200"]["content"]
        kind = answer.headers["Content-Type"]
        assert kind in content, path
        if kind == "application/json":
            jsonschema.validate(answer.json(), content[kind]["schema"], jsonschema.Draft202012Validator)
            looked_at += 1
    assert looked_at >= 15


def test_daily_rounds_and_their_alerts(server: Server) -> None:
    (round_,) = server.get("/operations")["items"]
    assert (round_["session"], round_["state"], round_["mode"]) == (ROUND, "failed", "backfill")
    assert [(step["step"], step["state"]) for step in round_["steps"]] == [("look", "done"), ("fall", "failed")]
    assert round_["steps"][1]["message"]
    log = server.ask("GET", f"/api/v1/operations/{ROUND}/look/log")
    assert log.text.startswith("0.")
    for path in (f"{ROUND}/nothing", "2019-12-19/look", f"{ROUND}/..%2Flook"):
        assert server.ask("GET", f"/api/v1/operations/{path}/log").status_code in (400, 404), path
    (alert,) = server.get("/alerts", open="true")["items"]
    assert (alert["title"], alert["level"], alert["times"]) == (f"fall failed ({ROUND})", "critical", 1)
    path = f"/api/v1/alerts/{alert['number']}/acknowledge"
    assert server.ask("POST", path, token=server.new_token("viewer")).status_code == 403
    seen = server.ask("POST", path, token=server.new_token("trader")).json()
    assert seen["acknowledged_by"] == "a trader"
    assert server.ask("POST", path).json()["acknowledged_by"] == "a trader", "the first is kept"
    assert server.get("/alerts", open="true")["items"] == []
    assert len(server.get("/alerts")["items"]) == 1
    assert server.ask("POST", "/api/v1/alerts/77/acknowledge").status_code == 404


def test_every_part_of_the_document_is_described(document: dict) -> None:
    ids = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(ids) == len(set(ids)) >= 30
    for path, _, operation in operations(document):
        assert operation["summary"], path
        for parameter in operation.get("parameters", []):
            assert parameter["description"], (path, parameter["name"])
        assert all("description" in response for response in operation["responses"].values())


def test_a_study_is_run(server: Server) -> None:
    prices = server.data.parent / "market/ohlcv.parquet"
    study = study_of("asked").replace("ohlcv.parquet", str(prices))
    wrong = server.ask("POST", "/api/v1/studies", json={"run": "x", "study": "name: x\nmodle: 3\n"})
    assert wrong.status_code == 422
    assert "model" in wrong.json()["detail"]
    assert server.ask("POST", "/api/v1/studies", json={"run": "../x", "study": study}).status_code == 422
    begun = server.ask("POST", "/api/v1/studies", json={"run": "asked", "study": study})
    assert begun.status_code == 202, begun.text
    job = begun.json()
    where = begun.headers["Location"]
    wait_until(lambda: server.ask("GET", where).json()["state"] not in ("queued", "running"), 120)
    ended = server.ask("GET", where).json()
    assert ended["state"] == "done", server.ask("GET", where + "/log").text
    wait_until(lambda: any(run["run"] == "asked" for run in server.get("/runs")["items"]))
    assert server.get("/runs/asked")["study"] == "asked"
    assert server.ask("DELETE", f"/api/v1/jobs/{job['number']}").status_code == 409


def long_study(server: Server) -> str:
    """A study of the server's market that takes far longer than any test."""
    prices = server.data.parent / "market/ohlcv.parquet"
    return study_of("long").replace("ohlcv.parquet", str(prices)).replace(
        "{name: ridge}", "{name: lightgbm, params: {num_iterations: 100000, early_stopping: 0}}"
    )  # fmt: skip


def test_a_killed_server_takes_its_job_along(server: Server, tmp_path: Path) -> None:
    with serving(tmp_path) as killed:
        asked = {"run": "long", "study": long_study(server)}
        job = killed.ask("POST", "/api/v1/studies", json=asked).json()["number"]
        wait_until(lambda: killed.get(f"/jobs/{job}")["stage"] != "")
        [running] = children_of(killed.process.pid)
        # So that it can't notice by itself, from events that nobody takes any more.
        os.kill(running, signal.SIGSTOP)
        killed.stop(signal.SIGKILL)
        try:
            wait_until(lambda: not lives(running))
        finally:
            if lives(running):
                os.kill(running, signal.SIGKILL)
    with serving(tmp_path) as again:
        again.token = killed.token
        assert again.get(f"/jobs/{job}")["state"] == "lost"
        assert again.get("/runs")["items"] == []


def test_a_study_is_cancelled(server: Server) -> None:
    study = long_study(server)
    job = server.ask("POST", "/api/v1/studies", json={"run": "long", "study": study}).json()["number"]
    waiting = server.ask("POST", "/api/v1/studies", json={"run": "later", "study": study}).json()["number"]
    assert server.ask("POST", "/api/v1/studies", json={"run": "long", "study": study}).status_code == 409
    wait_until(lambda: server.get(f"/jobs/{job}")["stage"] != "")
    assert server.get(f"/jobs/{job}")["state"] == "running"
    assert server.ask("DELETE", f"/api/v1/jobs/{waiting}").json()["state"] == "cancelled"
    assert server.ask("DELETE", f"/api/v1/jobs/{job}").json()["state"] == "cancelled"
    other = study_of("after").replace("ohlcv.parquet", str(server.data.parent / "market/ohlcv.parquet"))
    after = server.ask("POST", "/api/v1/studies", json={"run": "after", "study": other}).json()["number"]
    wait_until(lambda: server.get(f"/jobs/{after}")["state"] == "done", 120)
    assert not (server.data / "long/manifest.json").exists()


def test_words_for_an_account(server: Server) -> None:
    before = server.get("/accounts/paper")
    assert before["mode"] == "on"
    assert before["ladder"]["there"]
    equity = server.get("/accounts/paper/equity", limit=10_000)["items"]
    assert len(equity) == before["sessions"]
    assert equity[-1]["equity"] == before["equity"]
    for word in ("pause", "confirm"):
        left = server.ask("POST", f"/api/v1/accounts/paper/{word}")
        assert left.status_code == 202, left.text
    assert server.get("/accounts/paper")["waiting"] == ["pause", "confirm"]
    assert server.ask("POST", "/api/v1/accounts/other/pause").status_code == 404


def test_a_tag_changes_what_is_recommended(server: Server) -> None:
    assert server.ask("POST", "/api/v1/runs/first/tags", json={"tags": ["live"]}).json()["tags"] == ["live"]
    assert server.get("/recommendations")["about"]["run"] == "first"


def test_the_decision_of_a_name(server: Server) -> None:
    top = server.get("/recommendations", run="first", limit=1)["items"][0]
    answer = server.get(f"/decisions/{top['symbol']}/{top['date']}", run="first", factors=2)
    names = [stage["name"] for stage in answer["stages"]]
    assert names[:2] == ["raw bar", "adjusted bar"]
    score = next(stage for stage in answer["stages"] if stage["name"] == "score")
    assert score["facts"]["score"] == top["score"]


def test_the_log_has_every_request_and_no_secret(server: Server) -> None:
    server.ask("GET", "/api/v1/me", headers={"X-Mark": "1"})
    log = server.data / ".server/server.log"
    wait_until(lambda: '"getMe"' in log.read_text())
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert {"time", "request", "operation", "status", "seconds"} <= set(lines[-1])
    assert server.token not in log.read_text()
    assert server.token not in Path(server.data / ".server/audit.log").read_text()
    assert server.token.encode() not in (server.data / ".server/tokens.sqlite").read_bytes()


def test_the_guide_has_every_operation(server: Server, document: dict) -> None:
    answer = server.ask("GET", "/docs", token="")
    assert answer.headers["Content-Type"].startswith("text/html")
    for path, _, operation in operations(document):
        assert f'id="{operation["operationId"]}"' in answer.text
        assert path in answer.text
