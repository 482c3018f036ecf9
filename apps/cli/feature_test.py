"""`orrery feature`: what is served, joined and audited, held against `orrery factors compute`."""

import json
import os
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from program import BINARY, ENVIRONMENT, check_help, done, orrery

FEATURES = """data: {path: market/ohlcv.parquet}
views:
  momentum:
    features:
      r5: $close/Ref($close,5)-1
      rank: CSRank($close/Ref($close,20))
  technical:
    set: alpha158
    ttl: 5 sessions
"""

LAKE_VIEWS = "views: {v: {features: {rank: 'CSRank(Mean($close,5))', std: 'Std($close,20)'}}}\n"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("desk")
    done("simulate", "--instruments", "30", "--years", "1.5", "--seed", "3", "--out", str(folder / "market"))
    (folder / "features.yaml").write_text(FEATURES)
    return folder


@pytest.fixture(scope="module")
def batch(desk: Path) -> pd.DataFrame:
    """The factors by the batch, and every session's close in New York."""
    file = desk / "factors.parquet"
    expressions = ("--expr", "r5=$close/Ref($close,5)-1", "--expr", "rank=CSRank($close/Ref($close,20))")
    done("factors", "compute", "--set", "alpha158", *expressions, "--in", str(desk / "market/ohlcv.parquet"),
         "--out", str(file))  # fmt: skip
    frame = pd.read_parquet(file)
    frame["date"] = pd.to_datetime(frame["date"])
    frame["symbol"] = frame["symbol"].astype(str)
    return frame


def served(desk: Path, *options: str) -> dict[str, dict]:
    symbols = ",".join(sorted(pd.read_parquet(desk / "market/ohlcv.parquet").symbol.astype(str).unique()))
    answer = json.loads(done("feature", "get", str(desk / "features.yaml"), "--symbols", symbols, "--json", *options))
    return {one["feature"]: dict(one, symbols=answer["symbols"]) for one in answer["features"]}


def bits(values: list) -> np.ndarray:
    return np.array([np.nan if value is None else value for value in values], np.float32).view(np.uint32)


def test_every_feature_is_served_as_the_batch_computes_it(desk: Path, batch: pd.DataFrame) -> None:
    session = batch.date.sort_values().unique()[-20]
    text = str(session)[:10]
    told = json.loads(done("feature", "materialize", str(desk / "features.yaml"), "--until", text, "--json"))
    assert [view["session"] for view in told["views"]] == [text, text]
    answer = served(desk, "--at", f"{text}T23:00:00Z")
    assert len(answer) == 160
    today = batch[batch.date == session].set_index("symbol")
    present = 0
    for name, feature in answer.items():
        expected = today[name.partition(":")[2]].reindex(feature["symbols"]).to_numpy(np.float32)
        there = np.array(feature["statuses"]) == "present"
        assert (bits(feature["values"])[there] == expected.view(np.uint32)[there]).all(), name
        assert np.isnan(expected[~there]).all(), name
        present += there.sum()
    assert present > 4000
    audit = orrery("feature", "audit", str(desk / "features.yaml"), "--json")
    assert audit.returncode == 0, audit.stdout
    assert json.loads(audit.stdout)["values"] == 160 * 30


def test_historical_rows_have_what_the_batch_had_then(desk: Path, batch: pd.DataFrame) -> None:
    random = np.random.default_rng(1)
    sessions = np.sort(batch.date.unique())
    rows = pd.DataFrame(
        {
            "symbol": random.choice(batch.symbol.unique(), 400),
            "time": random.choice(sessions, 400) + random.integers(0, 48 * 3600, 400).astype("timedelta64[s]"),
        }
    )
    rows["time"] = pd.to_datetime(rows.time).dt.tz_localize("UTC")
    rows.assign(time=rows.time.dt.strftime("%Y-%m-%dT%H:%M:%SZ")).to_csv(desk / "rows.csv", index=False)
    done("feature", "historical", str(desk / "features.yaml"), "--rows", str(desk / "rows.csv"), "--feature",
         "momentum:r5,momentum:rank", "--out", str(desk / "joined.parquet"))  # fmt: skip
    found = pd.read_parquet(desk / "joined.parquet")
    # An oracle of its own: pandas joins at the closes, with the early ones left out of the rows that are compared.
    close = (batch.date + pd.Timedelta(hours=16)).dt.tz_localize("America/New_York").dt.tz_convert("UTC")
    right = batch.assign(time=close)[["time", "symbol", "r5", "rank"]].sort_values("time")
    rows["order"] = range(len(rows))
    rows["time"] = rows.time.astype(right.time.dtype)
    joined = pd.merge_asof(rows.sort_values("time"), right, on="time", by="symbol").sort_values("order")
    early = joined.time.dt.strftime("%m-%d").isin(["07-03", "11-23", "11-24", "11-29", "12-24"])
    for name in ("r5", "rank"):
        ours, theirs = found[f"momentum:{name}"].to_numpy(np.float32), joined[name].to_numpy(np.float32)
        same = (ours.view(np.uint32) == theirs.view(np.uint32)) | (np.isnan(ours) & np.isnan(theirs))
        assert same[~early.to_numpy()].all()
    assert np.isfinite(found["momentum:r5"]).sum() > 300


def test_the_audit_fails_for_one_changed_bit(desk: Path) -> None:
    copy = desk / "audited.yaml"
    copy.write_text(FEATURES)
    done("feature", "materialize", str(copy))
    done("feature", "get", str(copy), "--symbols", "SIM00001,SIM00002", "--view", "momentum")
    assert orrery("feature", "audit", str(copy)).returncode == 0
    with sqlite3.connect(desk / "audited.features/served.sqlite") as log:
        (cells,) = log.execute("SELECT cells FROM served").fetchone()
        log.execute("UPDATE served SET cells = ?", [bytes([cells[0] ^ 1]) + cells[1:]])
    answer = orrery("feature", "audit", str(copy))
    assert answer.returncode == 1
    assert "momentum:r5 SIM00001" in answer.stdout
    assert "not what the data gives" in answer.stdout


def test_a_materialization_may_be_killed(desk: Path) -> None:
    file = desk / "killed.yaml"
    file.write_text(FEATURES)
    begin = time.monotonic()
    done("feature", "materialize", str(file), "--until", "2018-06-01")
    usual = time.monotonic() - begin
    sessions = set()
    random = np.random.default_rng(2)
    for kill in range(15):
        process = subprocess.Popen(
            [str(BINARY), "feature", "materialize", str(file), "--until", f"2018-06-{4 + kill:02}"], env=ENVIRONMENT,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        time.sleep(random.uniform(0.0, 2.0 * usual))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        told = json.loads(done("feature", "status", str(file), "--json"))["views"]
        at = f"{told[0]['session']}T23:00:00Z"
        done("feature", "get", str(file), "--symbols", "SIM00001,SIM00002,SIM00003", "--at", at, "--view", "momentum")
        sessions.add(told[0]["session"])
    assert len(sessions) > 1
    audit = json.loads(done("feature", "audit", str(file), "--json"))
    assert audit["values"] >= 80
    assert audit["mismatches"] == []


def test_older_values_are_refused(desk: Path) -> None:
    file = desk / "back.yaml"
    file.write_text(FEATURES)
    done("feature", "materialize", str(file), "--until", "2018-09-04")
    refused = orrery("feature", "materialize", str(file), "--until", "2018-09-03")
    assert refused.returncode == 1
    assert "--back" in refused.stderr
    kept = done("feature", "materialize", str(file), "--until", "2018-09-03", "--keep-newer")
    assert kept.count("later ones stay") == 2
    assert [view["session"] for view in json.loads(done("feature", "status", str(file), "--json"))["views"]] == [
        "2018-09-04"
    ] * 2
    done("feature", "materialize", str(file), "--until", "2018-09-03", "--back")
    told = json.loads(done("feature", "materialize", str(file), "--until", "2018-09-04", "--keep-newer", "--json"))
    assert [(view["session"], view["kept_newer"]) for view in told["views"]] == [("2018-09-04", False)] * 2


def test_messages_name_the_place(desk: Path) -> None:
    bad = desk / "bad.yaml"
    bad.write_text(
        "data: {path: market/ohlcv.parquet}\nviews:\n  v:\n    features:\n      x: Meen($close,5)\n    ttl: 9\n"
    )
    answer = orrery("feature", "materialize", str(bad))
    assert answer.returncode == 1
    assert "bad.yaml:5:10: views.v.features.x" in answer.stderr
    assert "bad.yaml:6:10: views.v.ttl" in answer.stderr
    missing = orrery("feature", "get", str(desk / "features.yaml"), "--symbols", "A", "--feature", "momentum:r6")
    assert "did you mean 'r5'" in missing.stderr


@pytest.mark.parametrize("command", ["materialize", "get", "historical", "audit", "status"])
def test_help(command: str) -> None:
    check_help(["feature", command])


def test_a_lake_gives_what_its_file_gives(desk: Path) -> None:
    done("import", "prices", str(desk / "market/ohlcv.parquet"), "--lake", str(desk / "lake"))
    (desk / "plain.yaml").write_text("data: {path: market/ohlcv.parquet, adjustment: none}\n" + LAKE_VIEWS)
    (desk / "lake.yaml").write_text("data: {source: lake, path: lake, adjustment: none}\n" + LAKE_VIEWS)
    answers = []
    for file in ("plain.yaml", "lake.yaml"):
        done("feature", "materialize", str(desk / file))
        told = json.loads(done("feature", "get", str(desk / file), "--symbols", "SIM00001,SIM00002,SIM00003", "--json"))
        answers.append(told)
    assert answers[0] == answers[1]
    assert all(value is not None for value in answers[0]["features"][0]["values"])
