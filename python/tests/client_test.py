"""`orrery.Client` against a server of the package's own program."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from server_fixture import Server

import orrery
from orrery import _program, errors


def serve(data: Path, port: int = 0) -> Server:
    return Server(data, binary=_program.program_path(), port=port)


@pytest.fixture(scope="module")
def served(run: orrery.Run, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("served")
    shutil.copytree(run.folder, data / "run")
    server = serve(data)
    yield server
    server.stop()


@pytest.fixture
def client(served: Server) -> orrery.Client:
    return orrery.Client(served.url, token=served.token)


def test_rows_are_those_of_the_run(client: orrery.Client, run: orrery.Run) -> None:
    scores = run.predictions.to_pandas()
    rows = client.recommendations(scores.date.max()).to_pandas()
    day = scores[(scores.date == scores.date.max()) & scores.score.notna()].set_index("symbol").score
    assert rows[rows["rank"] > 0].set_index("symbol").score.to_dict() == day.to_dict()
    assert client.performance().column("equity").to_pylist() == run.equity.column("equity").to_pylist()
    assert client.runs().column("run").to_pylist() == ["run"]
    name = day.index[0]
    assert client.history(name).to_pandas()["date"].is_monotonic_increasing
    assert set(client.factors(name).column("factor").to_pylist()) == {"r5", "v20"}
    assert client.bars(name, adjusted=False).num_rows > 100
    assert client.predict(symbols=[name])["items"][0]["symbol"] == name


def test_pages_are_put_together(client: orrery.Client, run: orrery.Run) -> None:
    whole = client.rows("/runs/run/trades")
    parts = client.rows("/runs/run/trades", limit=50)
    assert whole.num_rows == run.trades.num_rows > 100
    assert parts.equals(whole)


def test_refusals_are_errors_with_their_fields(client: orrery.Client, served: Server) -> None:
    with pytest.raises(errors.NotFoundError, match="there is no run 'x'"):
        client.recommendations(run="x")
    with pytest.raises(errors.InvalidArgumentError, match=r"query\.colour: is not known here"):
        client.rows("/runs", colour="red")
    with pytest.raises(errors.AccessDeniedError):
        orrery.Client(served.url, token="orrery_wrong").runs()
    with pytest.raises(errors.UnavailableError, match="does not answer"):
        orrery.Client("http://127.0.0.1:1", token="x").runs()
    with pytest.raises(errors.NotFoundError, match="/stream/x"):
        next(client.follow("x"))


def test_a_stream_goes_on_after_the_server_was_started_again(
    run: orrery.Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orrery.client._FIRST_WAIT", 0.05)
    shutil.copytree(run.folder, tmp_path / "run")
    server = serve(tmp_path)
    port = int(server.url.rpartition(":")[2])
    changes = orrery.Client(server.url, token=server.token).follow("performance")
    first = next(changes)
    assert (first.reset, [row["name"] for row in first.rows]) == (True, ["run"])
    server.stop()
    started: list[Server] = []

    def start_again() -> None:
        time.sleep(0.5)
        started.append(serve(tmp_path, port))

    thread = threading.Thread(target=start_again)
    thread.start()
    again = next(changes)
    thread.join()
    assert (again.reset, again.rows) == (True, first.rows)
    shutil.copytree(run.folder, tmp_path / "other")
    change = next(changes)
    assert not change.reset
    assert change.about["runs"] == 2
    started[0].stop()
    with pytest.raises(errors.UnavailableError):
        next(orrery.Client(server.url, token=server.token).follow("performance", again=False))
