"""Features over HTTP: what is answered is what the store has, to the bit, as JSON and as Arrow."""

import json
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from program import done, orrery
from server_fixture import Server, serving, wait_until

FEATURES = """data: {path: market/ohlcv.parquet}
views:
  momentum:
    description: Returns
    features:
      r5: $close/Ref($close,5)-1
      infinite: $close/($close-$close)
  old:
    features: {close: $close}
    ttl: 5 sessions
  later:
    features: {open: $open}
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("desk")
    done("simulate", "--instruments", "30", "--years", "1", "--seed", "3", "--out", str(folder / "market"))
    (folder / "features.yaml").write_text(FEATURES)
    done("feature", "materialize", str(folder / "features.yaml"), "--view", "momentum,old", "--until", "2018-12-20")
    (folder / "server.yaml").write_text("features: features.yaml\n")
    return folder


@pytest.fixture(scope="module")
def server(desk: Path) -> Iterator[Server]:
    with serving(desk / "data", "--config", str(desk / "server.yaml")) as server:
        yield server


@pytest.fixture(scope="module")
def expected(desk: Path) -> pd.DataFrame:
    done("factors", "compute", "--expr", "r5=$close/Ref($close,5)-1", "--in", str(desk / "market/ohlcv.parquet"),
         "--out", str(desk / "factors.parquet"))  # fmt: skip
    frame = pd.read_parquet(desk / "factors.parquet")
    return frame.assign(symbol=frame.symbol.astype(str), date=frame.date.astype(str))


def online(server: Server, **body) -> dict:
    answer = server.ask("POST", "/api/v1/features/online", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_values_are_the_batchs(server: Server, expected: pd.DataFrame) -> None:
    symbols = sorted(expected.symbol.unique())
    answer = online(server, symbols=symbols, features=["momentum:r5"])
    assert answer["symbols"] == symbols
    (feature,) = answer["features"]
    assert feature["feature"] == "momentum:r5"
    assert answer["views"][0]["session"] == "2018-12-20"
    today = expected[expected.date == "2018-12-20"].set_index("symbol").r5
    there = np.array(feature["statuses"]) == "present"
    assert there.sum() > 20
    values = np.array([np.nan if value is None else value for value in feature["values"]], np.float32)
    theirs = today.reindex(symbols).to_numpy(np.float32)
    assert (values.view(np.uint32) == theirs.view(np.uint32))[there].all()
    assert np.isnan(theirs[~there]).all()


def test_statuses_and_what_json_cannot_say(server: Server) -> None:
    answer = online(server, symbols=["SIM00001", "NOBODY"])
    by_name = {one["feature"]: one for one in answer["features"]}
    assert list(by_name) == ["momentum:r5", "momentum:infinite", "old:close", "later:open"]
    assert by_name["momentum:infinite"]["values"] == [None, None]
    assert by_name["momentum:infinite"]["statuses"] == ["present", "never_known"]
    assert by_name["old:close"]["statuses"] == ["expired", "never_known"]
    assert by_name["old:close"]["values"] == [None, None]
    assert by_name["later:open"]["statuses"] == ["never_known", "never_known"]
    assert [view["sessions"] for view in answer["views"]] == [["2018-12-20", None], ["2018-12-20", None], [None, None]]


def test_arrow_is_the_same(server: Server) -> None:
    body = {"symbols": ["SIM00002", "SIM00001", "NOBODY"], "views": ["momentum"]}
    headers = {"Accept": "application/vnd.apache.arrow.stream"}
    raw = server.ask("POST", "/api/v1/features/online", json=body, headers=headers)
    table = pa.ipc.open_stream(raw.content).read_all().to_pydict()
    answer = online(server, **body)
    assert table["symbol"] == body["symbols"]
    for feature in answer["features"]:
        assert table[feature["feature"] + ":status"] == feature["statuses"]
    r5 = answer["features"][0]["values"]
    assert [np.float32(value) for value in r5[:2]] == [np.float32(value) for value in table["momentum:r5"][:2]]
    assert table["momentum:infinite"][0] == np.inf


def test_answers_are_as_the_document_says(server: Server) -> None:
    paths = server.ask("GET", "/api/v1/openapi.json", token="").json()["paths"]

    def schema(path: str, method: str) -> dict:
        return paths[path][method]["responses"]["200"]["content"]["application/json"]["schema"]

    answer = online(server, symbols=["SIM00001", "NOBODY"])
    jsonschema.validate(answer, schema("/api/v1/features/online", "post"))
    listing = server.get("/features")
    jsonschema.validate(listing, schema("/api/v1/features", "get"))
    views = {view["view"]: view for view in listing["items"]}
    assert listing["store"] == "embedded"
    assert views["momentum"]["features"][0] == {"name": "r5", "expression": "$close/Ref($close,5)-1"}
    assert (views["old"]["expired"], views["old"]["ttl"]) == (True, "5 sessions")
    assert views["later"]["session"] is None
    assert views["momentum"]["sessions_behind"] > 1000
    assert 'orrery_feature_age_seconds{view="momentum"}' in server.ask("GET", "/metrics").text


def test_what_cannot_be_answered(server: Server) -> None:
    def status(**body) -> int:
        return server.ask("POST", "/api/v1/features/online", json=body).status_code

    unknown = server.ask("POST", "/api/v1/features/online", json={"symbols": ["A"], "features": ["momentum:r6"]})
    assert unknown.status_code == 404
    assert "did you mean 'r5'" in unknown.json()["detail"]
    assert status(symbols=["A"], features=["r5"]) in (400, 422)
    assert status(features=["momentum:r5"]) == 422
    assert status(symbols=["A"] * 5001) == 422
    assert status(symbols="A") == 422
    viewer = server.new_token("viewer")
    allowed = server.ask("POST", "/api/v1/features/online", token=viewer, json={"symbols": ["A"]})
    assert allowed.status_code == 200
    assert server.ask("POST", "/api/v1/features/online", token="", json={"symbols": ["A"]}).status_code == 401


def test_a_server_without_features_says_so(desk: Path) -> None:
    with serving(desk / "bare") as bare:
        assert bare.get("/features") == {"store": None, "items": []}
        answer = bare.ask("POST", "/api/v1/features/online", json={"symbols": ["A"]})
        assert answer.status_code == 404
        assert "features: FILE.yaml" in answer.json()["detail"]


def test_a_server_notices_newer_values_and_the_audit_finds_nothing(server: Server, desk: Path) -> None:
    file = str(desk / "features.yaml")
    before = online(server, symbols=["SIM00001"], views=["momentum"])
    done("feature", "materialize", file, "--view", "momentum", "--until", "2018-12-21")
    wait_until(
        lambda: online(server, symbols=["SIM00001"], views=["momentum"])["views"][0]["session"] == "2018-12-21", 5
    )
    after = online(server, symbols=["SIM00001"], views=["momentum"])
    assert after["features"][0]["values"] != before["features"][0]["values"]

    def written() -> int:
        return json.loads(orrery("feature", "audit", file, "--json").stdout)["records"]

    time.sleep(0.5)
    records = written()
    online(server, symbols=["SIM00001"], views=["momentum"])
    wait_until(lambda: written() > records, 10)
    audit = orrery("feature", "audit", file, "--json")
    assert audit.returncode == 0, audit.stdout
    assert json.loads(audit.stdout)["values"] > 40
    with sqlite3.connect(desk / "features.features/served.sqlite") as log:
        assert {view for (view,) in log.execute("SELECT DISTINCT view FROM served")} == {"momentum", "old", "later"}
