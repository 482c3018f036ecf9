"""`orrery trade`: an account on paper does the backtest's trades, whatever happens to it in between."""

import json
import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from program import BINARY, ENVIRONMENT, careful_run, check_help, orrery

SAME = ("quantity_micros", "price_micros", "value_micros", "commission_micros", "slippage_micros", "order_id", "reason")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with careful_run(tmp_path_factory.mktemp("trade"), "costs: {commission_bps: 5, slippage_bps: 5}\n") as run:
        yield run.parent


def trade(folder: Path, name: str, *options: str) -> subprocess.CompletedProcess:
    return orrery("trade", str(folder / "market/study.yaml"), "--account", str(folder / name), *options)


def entries(account: Path) -> pd.DataFrame:
    with sqlite3.connect(account / "books.sqlite") as books:
        return pd.read_sql("SELECT * FROM entries ORDER BY number", books)


def expect_the_backtest(folder: Path, account: Path) -> None:
    expected = pd.read_parquet(folder / "run/trades.parquet")
    found = entries(account)
    assert len(expected) > 500
    assert len(found) == len(expected)
    for column in SAME:
        assert (found[column].to_numpy() == expected[column].to_numpy()).all(), column
    assert (found.symbol == expected.symbol.fillna("")).all()
    verified = orrery("journal", "verify", str(account))
    assert verified.returncode == 0, verified.stderr
    for name in ("journal.log", "audit.log"):
        assert f"lines of {name} are chained as they were written" in verified.stdout
    audit = [json.loads(line) for line in (account / "audit.log").read_text().splitlines()]
    assert sum(line["kind"] == "trade" for line in audit) == (found.kind == "trade").sum()
    orders = [line["order"] for line in audit if line["kind"] == "order"]
    assert orders == sorted(set(orders)), "each order once"


def test_the_account_does_the_trades_of_the_backtest(folder: Path) -> None:
    done = trade(folder, "whole")
    assert done.returncode == 0, done.stderr
    assert "443 sessions done" in done.stdout
    expect_the_backtest(folder, folder / "whole")
    again = trade(folder, "whole")
    assert "0 sessions done" in again.stdout
    expect_the_backtest(folder, folder / "whole")


def test_it_goes_on_where_it_stopped(folder: Path) -> None:
    for until in ("2019-07-01", "2020-02-28", "2020-02-28", "2020-12-31"):
        done = trade(folder, "parts", "--until", until)
        assert done.returncode == 0, done.stderr
        status = json.loads(orrery("trade", "status", str(folder / "parts"), "--json").stdout)
        assert status["last_session"] <= until
    expect_the_backtest(folder, folder / "parts")


def size_of(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def test_killed_again_and_again_it_does_the_same(folder: Path) -> None:
    account = folder / "killed"
    journal = account / "journal.log"
    command = [str(BINARY), "trade", str(folder / "market/study.yaml"), "--account", str(account), "--sync", "order"]
    kills = 0
    for attempt in range(12):
        before = size_of(journal)
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENVIRONMENT)
        while process.poll() is None and size_of(journal) == before:
            time.sleep(0.002)
        time.sleep(0.013 * (attempt % 7))
        kills += process.poll() is None
        process.kill()
        process.wait()
    assert kills >= 5
    done = trade(folder, "killed", "--sync", "order")
    assert done.returncode == 0, done.stderr
    expect_the_backtest(folder, account)


def test_words_are_obeyed_before_the_next_session(folder: Path) -> None:
    account = str(folder / "words")
    trade(folder, "words", "--until", "2019-10-31")
    for word in ("pause", "flatten"):
        left = orrery("trade", word, account)
        assert left.returncode == 0, left.stderr
    status = orrery("trade", "status", account)
    assert "waiting   pause, flatten (obeyed before the next session)" in status.stdout
    done = trade(folder, "words", "--until", "2019-12-31")
    assert "pause: done" in done.stderr
    assert "flatten: done" in done.stderr
    told = json.loads(orrery("trade", "status", account, "--json").stdout)
    assert told["state"] == "flatten"
    assert told["waiting"] == []
    assert told["positions"] == []
    assert "Nothing is held." in done.stdout
    orrery("trade", "resume", account)
    resumed = trade(folder, "words", "--until", "2020-03-31")
    assert "resume: done" in resumed.stderr
    assert json.loads(orrery("trade", "status", account, "--json").stdout)["positions"] != []


def test_a_person_confirms(folder: Path) -> None:
    account = str(folder / "person")
    trade(folder, "person", "--confirm", "person")
    status = orrery("trade", "status", account)
    assert "level 3" in status.stdout
    assert "stopped until 'confirm'" in status.stdout
    before = len(entries(folder / "person"))
    assert "0 sessions done" in trade(folder, "person", "--confirm", "person").stdout
    assert len(entries(folder / "person")) == before
    orrery("trade", "confirm", account)
    confirmed = trade(folder, "person", "--confirm", "person")
    assert "confirm: done" in confirmed.stderr
    assert "re-entry confirmed" in confirmed.stdout
    assert json.loads(orrery("trade", "status", account, "--json").stdout)["ladder"]["level"] == 3


def test_the_account_keeps_who_confirms(folder: Path) -> None:
    account = str(folder / "keeps")
    trade(folder, "keeps", "--confirm", "person", "--until", "2019-10-31")
    for _ in range(2):
        trade(folder, "keeps")
        status = json.loads(orrery("trade", "status", account, "--json").stdout)["ladder"]
        assert status["waits_for_person"]
        assert status["person_confirms"]
    assert "; a person confirms" in orrery("trade", "status", account).stdout
    trade(folder, "keeps", "--confirm", "study")
    assert not json.loads(orrery("trade", "status", account, "--json").stdout)["ladder"]["person_confirms"]
    assert '"kind":"terms","change":"the study confirms"' in (folder / "keeps/journal.log").read_text()


def test_another_study_is_refused_and_said(folder: Path) -> None:
    trade(folder, "study", "--until", "2019-10-31")
    before = entries(folder / "study")
    other = ("--set", "portfolio.every=3", "--set", "costs.slippage_bps=7")
    refused = trade(folder, "study", *other)
    assert refused.returncode == 1
    for change in ("costs.slippage_bps was 5 and is 7", "portfolio.every was 5 and is 3", "--new-study"):
        assert change in refused.stderr
    assert len(entries(folder / "study")) == len(before)
    kept = trade(folder, "study", "--set", "name=renamed", "--set", "seeds=1", "--until", "2019-11-29")
    assert kept.returncode == 0, kept.stderr
    taken = trade(folder, "study", *other, "--new-study", "--until", "2019-12-31")
    assert taken.returncode == 0, taken.stderr
    assert "portfolio.every was 5 and is 3" in (folder / "study/journal.log").read_text()
    assert trade(folder, "study", *other, "--until", "2020-01-31").returncode == 0, "it is the account's own now"
    assert trade(folder, "study").returncode == 1


def test_restated_prices_are_said(folder: Path, tmp_path: Path) -> None:
    trade(folder, "restated", "--until", "2019-10-31")
    with sqlite3.connect(folder / "restated/books.sqlite") as books:
        date, symbol = books.execute("SELECT date, symbol FROM positions ORDER BY number LIMIT 1").fetchone()
    for name in ("ohlcv.parquet", "sectors.csv", "study.yaml"):
        (tmp_path / name).write_bytes((folder / "market" / name).read_bytes())
    bars = pd.read_parquet(tmp_path / "ohlcv.parquet")
    cell = (bars.date.astype(str).str[:10] == date) & (bars.symbol == symbol)
    old = bars.loc[cell, "close"].iloc[0]
    bars.loc[cell, "close"] = bars.loc[cell, "low"].iloc[0]
    assert old != bars.loc[cell, "close"].iloc[0]
    bars.to_parquet(tmp_path / "ohlcv.parquet", index=False)
    account = ("--account", str(folder / "restated"), "--until", "2019-11-01")
    told = orrery("trade", str(tmp_path / "study.yaml"), *account)
    assert told.returncode == 0, told.stderr
    assert f"{symbol} on {date}: close {old:.10g} was booked, the data now have" in told.stderr


def test_no_order_leaves_a_killed_account(folder: Path) -> None:
    account = folder / "stopped"
    trade(folder, "stopped", "--until", "2019-06-28")
    killed = orrery("trade", "kill", str(account), "--reason", "prices look wrong")
    assert killed.returncode == 0, killed.stderr
    assert (
        "killed    no order leaves until 'revive': prices look wrong" in orrery("trade", "status", str(account)).stdout
    )
    before = (entries(account).kind == "trade").sum()
    trade(folder, "stopped", "--until", "2019-09-30")
    assert (entries(account).kind == "trade").sum() == before
    with sqlite3.connect(account / "books.sqlite") as books:
        reasons = books.execute("SELECT DISTINCT rule, figures FROM order_checks").fetchall()
    assert reasons == [("kill_switch", "prices look wrong")]
    assert "orders may leave again" in orrery("trade", "revive", str(account)).stdout
    assert "was not killed" in orrery("trade", "revive", str(account)).stdout
    assert json.loads(orrery("trade", "status", str(account), "--json").stdout)["killed"] is None
    trade(folder, "stopped", "--until", "2019-12-31")
    assert (entries(account).kind == "trade").sum() > before


def test_an_account_is_killed_while_it_is_traded(folder: Path) -> None:
    account = folder / "running"
    trade(folder, "running", "--until", "2019-04-30")
    command = [str(BINARY), "trade", str(folder / "market/study.yaml"), "--account", str(account), "--pause", "0.05"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENVIRONMENT)
    try:
        trades = (entries(account).kind == "trade").sum()
        for _ in range(400):
            time.sleep(0.05)
            if (entries(account).kind == "trade").sum() > trades:
                break
        assert orrery("trade", "kill", str(account)).returncode == 0
        time.sleep(0.5)
        trades = (entries(account).kind == "trade").sum()
        time.sleep(2.0)
        assert process.poll() is None, "it goes on, and books what happens to positions"
        assert (entries(account).kind == "trade").sum() == trades
    finally:
        process.kill()
        process.wait()


def test_only_one_program_trades_an_account(folder: Path) -> None:
    study = str(folder / "market/study.yaml")
    command = [str(BINARY), "trade", study, "--account", str(folder / "two"), "--pause", "0.5"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT)
    try:
        for _ in range(100):
            time.sleep(0.1)
            if (folder / "two/books.sqlite").exists():
                break
        other = trade(folder, "two")
        assert other.returncode == 1
        assert "another program trades this account now" in other.stderr
        assert orrery("trade", "status", str(folder / "two")).returncode == 0
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
        assert process.returncode == 0
    finally:
        process.kill()
        process.communicate()
    assert trade(folder, "two").returncode == 0
    expect_the_backtest(folder, folder / "two")


def test_a_changed_journal_is_found(folder: Path) -> None:
    account = folder / "changed"
    trade(folder, "changed", "--until", "2019-07-01")
    journal = account / "journal.log"
    text = journal.read_text()
    journal.write_text(text.replace('"side":"buy"', '"side":"sell"', 1))
    verified = orrery("journal", "verify", str(account))
    assert verified.returncode == 1
    assert "the account's journal.log was changed: line " in verified.stderr
    journal.write_text("".join(text.splitlines(keepends=True)[:-50]))
    missing = orrery("journal", "verify", str(account))
    assert missing.returncode == 1
    assert "the file ends after line " in missing.stderr
    again = trade(folder, "changed")
    assert again.returncode == 1
    assert "journal.log: " in again.stderr


def test_a_broker_with_other_books_stops_the_account(folder: Path) -> None:
    account = folder / "other"
    trade(folder, "other", "--until", "2019-07-01")
    (account / "paper_broker.log").unlink()
    stopped = trade(folder, "other")
    assert stopped.returncode == 1
    assert "paper_broker.log: the file ends after line 0, where " in stopped.stderr


def test_help_and_wrong_words(folder: Path) -> None:
    check_help(["trade"])
    for word in ("status", "pause", "resume", "flatten", "confirm", "kill", "revive"):
        check_help(["trade", word])
        missing = orrery("trade", word, str(folder / "none"))
        assert missing.returncode == 1
        assert "there is no account in this folder" in missing.stderr
    assert orrery("trade").returncode == 2
    study = str(folder / "market/study.yaml")
    early = orrery("trade", study, "--account", str(folder / "early"), "--until", "2018-01-03")
    assert early.returncode == 1
    assert "is before the first with scores, 2019-04-02" in early.stderr
    unknown = orrery("trade", study, "--account", str(folder / "unknown"), "--broker", "papr")
    assert "did you mean 'paper'" in unknown.stderr


SHARED = Path(os.environ.get("ORRERY_SHARED", Path(__file__).resolve().parents[3] / "shared"))


@pytest.mark.skipif(not SHARED.is_dir(), reason="no shared data")
def test_the_example_on_real_data_trades_as_its_backtest(tmp_path: Path) -> None:
    """Optimizer, limits, ladder and costs, unchanged: the run beside the account is the study's backtest."""
    example = Path(__file__).resolve().parents[2] / "examples/sp500_optimized.yaml"
    done = orrery("trade", str(example), "--account", str(tmp_path / "account"))
    assert done.returncode == 0, done.stderr
    expected = pd.read_parquet(tmp_path / "account/run/trades.parquet")
    found = entries(tmp_path / "account")
    assert len(found) == len(expected) > 3000
    for column in SAME:
        assert (found[column].to_numpy() == expected[column].to_numpy()).all(), column
    verified = orrery("journal", "verify", str(tmp_path / "account"))
    assert verified.returncode == 0, verified.stderr
