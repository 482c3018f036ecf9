"""`orrery trade --broker routed`: an account over two brokers sends each order to the cheaper one."""

import json
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from program import careful_run, orrery

ROUTES = """venues:
  - {name: near, broker: paper, cash: 0.5, commission_bps: 2, min_cost: 1}
  - {name: far, broker: paper, cash: 0.5, commission_bps: 5}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with careful_run(tmp_path_factory.mktemp("routed"), "costs: {commission_bps: 5, slippage_bps: 5}\n") as run:
        (run.parent / "routes.yaml").write_text(ROUTES)
        yield run.parent


def trade(folder: Path, name: str, *options: str, routes: str = "routes.yaml") -> subprocess.CompletedProcess:
    study = str(folder / "market/study.yaml")
    routed = ("--broker", "routed", "--routes", str(folder / routes))
    return orrery("trade", study, "--account", str(folder / name), *routed, *options)


def entries(account: Path) -> pd.DataFrame:
    with sqlite3.connect(account / "books.sqlite") as books:
        return pd.read_sql("SELECT * FROM entries ORDER BY number", books)


def test_both_brokers_trade_and_the_status_says_what_was_saved(folder: Path) -> None:
    done = trade(folder, "routed")
    assert done.returncode == 0, done.stderr
    for part in ("venue", "health", "saved", "near", "far"):
        assert part in done.stdout
    told = json.loads(orrery("trade", "status", str(folder / "routed"), "--json").stdout)
    near, far = told["venues"]
    assert near["venue"] == "near"
    assert near["up"]
    assert min(near["orders"], far["orders"]) > 0
    assert near["cash"] + far["cash"] == pytest.approx(told["cash"], abs=1e-6)
    paid = entries(folder / "routed").commission_micros.sum() / 1e6
    assert near["commission"] + far["commission"] == pytest.approx(paid, abs=1e-6)
    assert near["saved"] > 0
    verified = orrery("journal", "verify", str(folder / "routed"))
    assert verified.returncode == 0, verified.stderr
    assert "lines of routes.log are chained as they were written" in verified.stdout


def test_in_many_calls_it_does_the_same(folder: Path) -> None:
    for until in ("2019-07-01", "2020-02-28", "2020-12-31"):
        done = trade(folder, "parts", "--until", until)
        assert done.returncode == 0, done.stderr
    trade(folder, "at_once", "--until", "2020-12-31")
    pd.testing.assert_frame_equal(entries(folder / "parts"), entries(folder / "at_once"))


def test_with_the_studys_costs_at_one_venue_it_does_the_backtest(folder: Path) -> None:
    (folder / "one.yaml").write_text(
        "venues:\n"
        "  - {name: all, broker: paper, commission_bps: 5}\n"
        "  - {name: spare, broker: paper, cash: 0, commission_bps: 5}\n"
    )
    done = trade(folder, "one", routes="one.yaml")
    assert done.returncode == 0, done.stderr
    expected = pd.read_parquet(folder / "run/trades.parquet")
    found = entries(folder / "one")
    assert len(found) == len(expected) > 500
    for column in ("quantity_micros", "price_micros", "value_micros", "commission_micros", "order_id", "reason"):
        assert (found[column].to_numpy() == expected[column].to_numpy()).all(), column


def test_other_routes_are_refused_and_said(folder: Path) -> None:
    trade(folder, "kept", "--until", "2019-10-31")
    (folder / "other.yaml").write_text(ROUTES.replace("commission_bps: 5", "commission_bps: 4"))
    refused = trade(folder, "kept", routes="other.yaml")
    assert refused.returncode == 1
    assert "routes.far.commission_bps was 5 and is 4" in refused.stderr
    taken = trade(folder, "kept", "--new-study", "--until", "2019-11-29", routes="other.yaml")
    assert taken.returncode == 0, taken.stderr
    (folder / "fewer.yaml").write_text(ROUTES[: ROUTES.index("  - {name: far")])
    fewer = trade(folder, "kept", "--new-study", routes="fewer.yaml")
    assert fewer.returncode == 1
    assert "venue 'far', which is no longer among its routes" in fewer.stderr
    study = str(folder / "market/study.yaml")
    single = orrery("trade", study, "--account", str(folder / "kept"))
    assert "broker was routed and is no longer there" in single.stderr


def test_mistakes_are_named_with_their_place(folder: Path) -> None:
    (folder / "wrong.yaml").write_text("venues:\n  - {name: near, broker: papre, commission_bps: 2}\n")
    wrong = trade(folder, "wrong", routes="wrong.yaml")
    assert wrong.returncode == 1
    assert "wrong.yaml:2:26: venues[0].broker: must be one of paper, found 'papre'" in wrong.stderr
    study = str(folder / "market/study.yaml")
    none = orrery("trade", study, "--broker", "routed")
    assert "--broker routed needs the file of its venues: --routes FILE" in none.stderr
    idle = orrery("trade", study, "--routes", str(folder / "routes.yaml"))
    assert "--routes belongs to --broker routed, found --broker paper" in idle.stderr
