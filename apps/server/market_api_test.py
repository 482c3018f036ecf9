"""Bars, factors, predictions, drift, trials and data health by `orrery serve`, held against the files and the commands."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from program import at_home, done, orrery
from server_fixture import Server, serving, wait_until, write_runs

PAYS = "SIM00003"  # dividends, while it lives


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("market_api")
    with at_home(folder):
        data = write_runs(folder)
        done("import", "prices", str(folder / "market/ohlcv.parquet"), "--lake", str(folder / "lake"))
        config = folder / "server.yaml"
        config.write_text("lake: lake\n")
        with serving(data, "--config", str(config)) as server:
            yield server


def bars_of(server: Server, symbol: str) -> pd.DataFrame:
    prices = pd.read_parquet(server.data.parent / "market/ohlcv.parquet")
    return prices[prices.symbol == symbol].sort_values("date").reset_index(drop=True)


def test_bars_are_those_of_the_file(server: Server) -> None:
    answer = server.get(f"/bars/{PAYS}", run="first", adjusted="false", limit=10000)
    rows, file = pd.DataFrame(answer["items"]), bars_of(server, PAYS)
    assert list(rows.date) == [str(date)[:10] for date in file.date]
    for name in ("open", "high", "low", "close", "volume"):
        assert np.array_equal(rows[name], file[name]), name
    part = server.get(f"/bars/{PAYS}", **{"run": "first", "from": rows.date[5], "to": rows.date[9]})["items"]
    assert [row["date"] for row in part] == list(rows.date[5:10])
    adjusted = pd.DataFrame(server.get(f"/bars/{PAYS}", run="first", limit=10000)["items"])
    # Prices before a dividend are made smaller by its share of the close before it (as the file's own column is).
    back = rows.close * rows.split_ratio / (rows.close.shift() - rows.dividend)
    assert np.allclose((adjusted.close / adjusted.close.shift())[1:], back[1:], rtol=1e-9)
    assert (rows.dividend > 0).any()


def test_factors_are_the_formulas_of_the_study(server: Server) -> None:
    rows = server.get(f"/bars/{PAYS}", run="first", limit=10000)["items"]
    bars = pd.DataFrame(rows).set_index("date")
    answer = server.get("/factors/SIM00003", run="first", limit=10000)
    values = pd.DataFrame(answer["items"]).pivot(index="date", columns="factor", values="value")
    assert list(values.index) == list(bars.index[-20:])
    expected = bars.close.shift(5) / bars.close - 1
    assert np.allclose(values.r5, expected[-20:], rtol=1e-6, atol=1e-7)
    assert np.allclose(values.v20, (bars.close / bars.close.shift() - 1).rolling(20).std()[-20:], rtol=1e-5)
    one = server.get("/factors/SIM00003", run="first", factor="r5", to=bars.index[-1], **{"from": bars.index[-3]})
    assert [row["value"] for row in one["items"]] == list(values.r5[-3:])
    refused = server.ask("GET", "/api/v1/factors/SIM00003?run=first&factor=r6")
    assert refused.status_code == 404
    assert refused.json()["errors"][0]["field"] == "query.factor"


def test_percentiles_are_shares_of_the_universe(server: Server) -> None:
    last = server.get("/recommendations", run="first", limit=1000)
    names = [row["symbol"] for row in last["items"] if row["rank"]]
    day = {"run": "first", "factor": "r5", "from": last["about"]["date"], "to": last["about"]["date"]}
    rows = {name: server.get(f"/factors/{name}", **day)["items"][0] for name in names}
    known = [name for name in names if rows[name]["value"] is not None]
    assert len(known) > 20
    values = np.array([rows[name]["value"] for name in known])
    for name in known:
        own = rows[name]["value"]
        assert rows[name]["percentile"] == pytest.approx(np.mean(values < own) + np.mean(values == own) / 2, abs=1e-15)


def test_the_factors_of_a_run_are_listed(server: Server) -> None:
    items = server.get("/factors", run="first", sort="factor")["items"]
    assert [row["factor"] for row in items] == ["r5", "v20"]
    assert all(0.9 < row["covered"] <= 1.0 for row in items)
    sizes = pd.read_parquet(server.data / "first/explanation/features.parquet")
    for row in items:
        assert row["mean_size"] == pytest.approx(sizes[sizes.feature == row["factor"]].mean_size.mean(), rel=1e-12)


def test_factors_are_judged_before_the_tests_alone(server: Server) -> None:
    answer = server.get("/factors/evaluation", run="first")
    tested = server.get("/runs/first")["test_first"]
    names = sorted(pd.read_parquet(server.data.parent / "market/ohlcv.parquet").symbol.unique())
    bars = {name: pd.DataFrame(server.get(f"/bars/{name}", run="first", limit=10000)["items"]) for name in names}
    closes = pd.DataFrame({name: rows.set_index("date").close for name, rows in bars.items() if len(rows)}).sort_index()
    first, last = answer["about"]["first_session"], answer["about"]["last_session"]
    sessions = list(closes.index)
    # The return of 20 sessions from the next one on ends at the last session before the tests.
    assert sessions.index(last) + 1 + 20 == sessions.index(tested) - 1
    factor = closes.shift(5) / closes - 1
    judged = {row["factor"]: row for row in answer["items"]}
    for horizon in (1, 5, 10, 20):
        later = closes.shift(-1 - horizon) / closes.shift(-1) - 1
        days = []
        for day in closes.loc[first:last].index:
            both = pd.DataFrame({"f": factor.loc[day], "r": later.loc[day]}).dropna()
            if len(both) >= 5 and both.f.nunique() > 1:
                days.append(both.f.rank().corr(both.r.rank()))
        assert judged["r5"][f"rank_ic_{horizon}"] == pytest.approx(np.mean(days), abs=1e-9), horizon
    assert (judged["r5"]["nearest"], judged["v20"]["nearest"]) == ("v20", "r5")
    assert judged["r5"]["correlation"] == judged["v20"]["correlation"]


def test_a_names_history_is_its_rows_of_all_sessions(server: Server) -> None:
    rows = server.get("/recommendations/SIM00004", run="first", limit=10000)["items"]
    scores = pd.read_parquet(server.data / "first/predictions.parquet")
    own = scores[(scores.symbol == "SIM00004") & scores.score.notna()].sort_values("date")
    scored = [row for row in rows if row["rank"]]
    assert [row["date"] for row in scored] == [str(date)[:10] for date in own.date]
    assert [row["score"] for row in scored] == list(own.score)
    for row in (rows[3], rows[-1]):
        day = server.get("/recommendations", run="first", symbol="SIM00004", date=row["date"])["items"]
        assert day == [row]
    part = server.get("/recommendations/SIM00004", **{"run": "first", "from": rows[4]["date"], "to": rows[6]["date"]})
    assert part["items"] == rows[4:7]


def test_predictions_are_those_of_the_command(server: Server) -> None:
    told = json.loads(done("predict", str(server.data / "first"), "--json"))
    answer = server.ask("POST", "/api/v1/predictions", json={"run": "first"})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["banner"].startswith("SIMULATED")
    assert [(row["symbol"], row["score"], row["rank"]) for row in body["items"]] == [
        (row["symbol"], row["score"], row["rank"]) for row in told["predictions"]
    ]
    some = {"run": "first", "symbols": ["SIM00002", "NOBODY", "SIM00001"], "explain": 5}
    few = server.ask("POST", "/api/v1/predictions", json=some).json()
    assert few["missing"] == ["NOBODY"]
    by_name = {row["symbol"]: row for row in body["items"]}
    for row in few["items"]:
        parts = row.pop("contributions")
        row.pop("sentences")
        assert row == by_name[row["symbol"]]
        assert set(parts) >= {"r5", "v20"}
        added = sum(value for name, value in parts.items() if name != "sum")
        assert added == pytest.approx(row["score"], rel=1e-5, abs=1e-7)


def test_predictions_that_cant_be_made(server: Server) -> None:
    for body, status, text in (
        ({"run": "nothing"}, 404, "there is no run 'nothing'"),
        ({"model": "nothing@1"}, 404, "nothing"),
        ({"model": "a", "run": "first"}, 400, "not both"),
        ({"run": "first", "from": "2000-01-03", "to": "2000-01-05"}, 422, ""),
        ({"run": "first", "explain": 3}, 422, "at most 20 rows"),
        ({"symbols": "A"}, 422, "body/symbols"),
    ):
        answer = server.ask("POST", "/api/v1/predictions", json=body)
        assert answer.status_code in (status, 400), (body, answer.text)
        assert text in answer.text, (body, answer.text)


def test_drift_is_what_the_monitor_says(server: Server) -> None:
    told = orrery("monitor", str(server.data / "first"), "--json", "--out", str(server.data.parent / "health"))
    answer = server.ask("GET", "/api/v1/drift?run=first")
    if told.returncode not in (0, 3):
        assert answer.status_code in (400, 422), answer.text
        return
    expected = json.loads(told.stdout)
    body = answer.json()
    for changed in ("model", "next"):
        expected.pop(changed), body.pop(changed)
    assert body == expected


def test_trials_are_the_ledgers(server: Server) -> None:
    told = json.loads(done("trials", "--json"))["trials"]
    rows = server.get("/trials", limit=1000)["items"]
    assert [(row["trial"], row["study"], row["outcome"]) for row in rows] == [
        (one["id"], one["study"], one["outcome"]) for one in told
    ]
    assert [row["sharpe"] for row in rows] == [one.get("sharpe") for one in told]


def test_the_quarantine_is_the_runs(server: Server) -> None:
    file = pd.read_parquet(server.data / "first/quarantine.parquet")
    answer = server.get("/runs/first/quarantine")
    assert answer["total"] == len(file)


def test_data_health_is_the_lakes(server: Server, tmp_path: Path) -> None:
    told = json.loads(done("data", "health", "--lake", str(server.data.parent / "lake"), "--json"))
    rows = server.get("/data/health", limit=10000)["items"]
    assert rows
    assert {(row["table"], row["symbol"], row["missing"]) for row in rows} == {
        (one["table"], one["symbol"], one["missing"]) for one in told
    }
    with serving(server.data, "--config", str(without_lake(tmp_path))) as other:
        assert other.get("/data/health") == {"about": {"lake": ""}, "items": [], "total": 0, "next": None}


def test_figures_of_accounts_and_the_run(server: Server) -> None:
    def figures() -> dict[str, float]:
        lines = [line for line in server.ask("GET", "/metrics").text.splitlines() if not line.startswith("#")]
        return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}

    wait_until(lambda: 'orrery_account_equity{account="paper"}' in figures())
    told, account = figures(), server.get("/accounts/paper")
    assert told['orrery_account_equity{account="paper"}'] == pytest.approx(account["equity"], rel=1e-12)
    assert told['orrery_account_level{account="paper"}'] == account["ladder"]["level"]
    days = [account["initial_cash"]] + [
        row["equity"] for row in server.get("/accounts/paper/equity", limit=10000)["items"]
    ]
    assert told['orrery_account_drawdown{account="paper"}'] == pytest.approx(1 - days[-1] / max(days), abs=1e-12)
    assert told['orrery_account_net_return{account="paper"}'] == pytest.approx(days[-1] / days[-2] - 1, abs=1e-12)
    run = next(row["run"] for row in server.get("/runs")["items"] if row["preferred"] == "yes")
    daily = pd.read_parquet(server.data / run / "daily_ic.parquet").rank_ic.dropna()
    assert told[f'orrery_run_rank_ic_recent{{run="{run}"}}'] == pytest.approx(daily[-20:].mean(), abs=1e-12)
    assert told[f'orrery_run_rank_ic{{run="{run}"}}'] == pytest.approx(daily.mean(), abs=1e-6)


def without_lake(folder: Path) -> Path:
    file = folder / "server.yaml"
    file.write_text(f"state: {folder / 'state'}\n")
    return file
