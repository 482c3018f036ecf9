"""The program as a person meets it: help, exit codes, messages, JSON, a small run from prices to a report."""

import json
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import numpy
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from program import BINARY, ENVIRONMENT, at_home, check_help, orrery

COMMANDS = [
    ["run"],
    ["simulate"],
    ["factors", "compute"],
    ["factors", "list"],
    ["factors", "evaluate"],
    ["factors", "stream"],
    ["backtest"],
    ["evaluate"],
    ["journal", "verify"],
    ["journal", "chain"],
    ["doctor", "lookahead"],
    ["trials"],
    ["fetch"],
]

STUDY = """name: small
data: {path: ohlcv.parquet, sectors: sectors.csv}
factors: {extra: {r5: "Ref($close,5)/$close-1", v20: "Std($close/Ref($close,1)-1,20)"}}
preprocess: {label: cs_rank_norm, features: [robust_zscore, {clip: 3}, {fill_na: 0}]}
model: {name: ridge}
validation: {train: 1y, valid: 3m, test: 6m}
portfolio: {strategy: topk_dropout, k: 5, drop: 1}
"""


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated market with a study beside it."""
    folder = tmp_path_factory.mktemp("cli") / "market"
    made = orrery("simulate", "--instruments", "20", "--years", "2.5", "--seed", "3", "--out", str(folder))
    assert made.returncode == 0, made.stderr
    (folder / "study.yaml").write_text(STUDY)
    return folder


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_help_with_an_example(command: list[str]) -> None:
    said = check_help(command)
    assert "--json" in said or command == ["simulate"]


MOST_MEMORY = """import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"""


def test_help_is_light() -> None:
    # A child counts what its parent holds when it forks: so from a parent that holds next to nothing.
    command = [sys.executable, "-c", MOST_MEMORY, str(BINARY), "--help"]
    asked = subprocess.run(command, capture_output=True, text=True, check=True, env=ENVIRONMENT)
    assert int(asked.stdout) <= 40 * 1024  # kilobytes; 38.7 to 39.8 thousand were measured


@pytest.mark.parametrize("arguments", [[], ["rnu"], ["run"], ["run", "x.yaml", "--thraeds", "2"], ["simulate"]])
def test_wrong_usage_is_exit_code_2(arguments: list[str]) -> None:
    assert orrery(*arguments).returncode == 2


def test_a_missing_study_is_exit_code_1_and_one_clear_line(tmp_path: Path) -> None:
    answer = orrery("run", "nowhere.yaml", cwd=tmp_path)
    assert answer.returncode == 1
    assert answer.stderr == "orrery: no such file: nowhere.yaml\n"


def test_a_wrong_key_is_named_with_its_place(market: Path) -> None:
    answer = orrery("run", str(market / "study.yaml"), "--set", "portfolio.kk=5")
    assert answer.returncode == 1
    assert "portfolio.kk: unknown key; did you mean 'k'?" in answer.stderr


def test_a_run_leaves_its_folder_and_says_where(market: Path, tmp_path: Path) -> None:
    answer = orrery("run", str(market / "study.yaml"), "--out", str(tmp_path / "run"), "--json")
    assert answer.returncode == 0, answer.stderr
    summary = json.loads(answer.stdout)
    assert summary["banner"].startswith("SIMULATED")
    assert summary["metrics"]["ic_mean"] is not None
    assert (tmp_path / "run/report.html").read_text().count("SIMULATED") >= 2
    names = {path.name for path in (tmp_path / "run").iterdir()}
    assert names == {
        "manifest.json",
        "metrics.json",
        "predictions.parquet",
        "intervals.parquet",
        "weights.parquet",
        "trades.parquet",
        "equity.parquet",
        "positions.parquet",
        "unfilled.parquet",
        "quarantine.parquet",
        "daily_ic.parquet",
        "explanation",
        "inputs.orrery",
        "models",
        "report.html",
    }
    verified = orrery("journal", "verify", str(tmp_path / "run"), "--json")
    assert verified.returncode == 0
    assert json.loads(verified.stdout)["verified"] is True
    judged = orrery(
        "evaluate",
        "--predictions",
        str(tmp_path / "run/predictions.parquet"),
        "--study",
        str(market / "study.yaml"),
        "--json",
    )
    assert json.loads(judged.stdout)["rank_ic_mean"] == summary["metrics"]["rank_ic_mean"]


def test_a_run_does_not_replace_what_is_no_run(market: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    answer = orrery("run", str(market / "study.yaml"), "--out", str(tmp_path))
    assert answer.returncode == 1
    assert "no run" in answer.stderr
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_factors_of_ones_own_are_computed(market: Path, tmp_path: Path) -> None:
    out = tmp_path / "factors.parquet"
    answer = orrery(
        "factors",
        "compute",
        "--expr",
        "R5=Ref($close,5)/$close-1",
        "--in",
        str(market / "ohlcv.parquet"),
        "--out",
        str(out),
        "--json",
    )
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout)["factors"] == 1
    wrong = orrery(
        "factors", "compute", "--expr", "X=Maen($close,5)", "--in", str(market / "ohlcv.parquet"), "--out", str(out)
    )
    assert wrong.returncode == 1
    assert "did you mean 'Mean'" in wrong.stderr


def test_a_stream_of_rows_goes_on_where_the_prices_end(market: Path, tmp_path: Path) -> None:
    prices = pq.read_table(market / "ohlcv.parquet").to_pandas().sort_values(["date", "symbol"])
    days = sorted(prices["date"].unique())
    history = tmp_path / "history.csv"
    prices[prices["date"] < days[-2]].to_csv(history, index=False)
    rows = prices[prices["date"] >= days[-2]].to_csv(index=False)
    expression = "M=Mean($close,5)/Std($volume,10)"
    whole = tmp_path / "whole.parquet"
    batch = orrery(
        *["factors", "compute", "--expr", expression, "--in", str(market / "ohlcv.parquet"), "--out", str(whole)],
        *["--adjustment", "backward"],
    )
    assert batch.returncode == 0, batch.stderr
    expected = pq.read_table(whole).to_pandas()
    expected = expected[expected["date"] >= days[-2]]
    streamed = orrery(
        *["factors", "stream", "--expr", expression, "--history", str(history), "--state", str(tmp_path / "state")],
        stdin=rows,
    )
    assert streamed.returncode == 0, streamed.stderr
    assert "2 rows after" in streamed.stderr
    lines = streamed.stdout.splitlines()
    assert lines[0] == "date,symbol,M"
    values = {tuple(line.split(",")[:2]): line.split(",")[2] for line in lines[1:]}
    assert len(values) == len(expected) > 0
    for day, symbol, value in expected.itertuples(index=False):
        assert numpy.float32(values[str(day)[:10], symbol]) == numpy.float32(value)
    again = orrery(
        *["factors", "stream", "--expr", expression, "--history", str(history), "--state", str(tmp_path / "state")],
        stdin=rows,
    )
    assert again.returncode == 0
    assert "0 rows after the state" in again.stderr
    assert "late: " in again.stderr


def test_the_doctor_passes_an_honest_study_and_names_the_first_cell_of_one_that_peeks(
    market: Path, tmp_path: Path
) -> None:
    study = str(market / "study.yaml")
    answer = orrery("doctor", "lookahead", study, "--cuts", "1", "--json")
    assert answer.returncode == 0, answer.stderr
    report = json.loads(answer.stdout)
    assert report["passed"] is True
    assert report["findings"] == []
    (cut,) = report["cuts"]

    # A name that is halted on the day of the cut: `include_halted` counts it in, because it trades again later.
    prices = pq.read_table(market / "ohlcv.parquet")
    symbols = prices.column("symbol").cast("string")
    cut_date = pa.scalar(date.fromisoformat(cut), pa.date32())
    on_cut = pc.equal(prices.column("date").cast("date32"), cut_date)
    halted = symbols.filter(on_cut)[3].as_py()
    pq.write_table(prices.filter(pc.invert(pc.and_(on_cut, pc.equal(symbols, halted)))), tmp_path / "ohlcv.parquet")
    (tmp_path / "study.yaml").write_text(STUDY.replace(", sectors: sectors.csv", ""))
    arguments = ["doctor", "lookahead", str(tmp_path / "study.yaml"), "--cuts", "1"]
    assert orrery(*arguments).returncode == 0
    peeks = orrery(*arguments, "--set", "universe.include_halted=true")
    assert peeks.returncode == 1
    assert f"the study knows the future; first in universe {halted} {cut}: in with it, out without" in peeks.stderr


def test_every_run_counts_as_a_trial_failed_ones_too(market: Path, tmp_path: Path) -> None:
    study = str(market / "study.yaml")
    with at_home(tmp_path):  # a ledger of its own: other tests' trials are of other data
        first = orrery("run", study, "--out", str(tmp_path / "a"), "--seed", "101")
        assert first.returncode == 0, first.stderr
        assert "distinct on this data and span" in first.stdout
        before = json.loads(orrery("trials", "--json").stdout)["trials"]
        again = orrery("run", study, "--out", str(tmp_path / "b"), "--seed", "101")
        other = orrery("run", study, "--out", str(tmp_path / "c"), "--set", "portfolio.k=4")
        failed = orrery("run", study, "--out", str(tmp_path / "d"), "--set", "universe.min_history=100000")
        after = json.loads(orrery("trials", "--json").stdout)["trials"]
    assert (again.returncode, other.returncode, failed.returncode) == (0, 0, 1)
    assert len(after) == len(before) + 3
    assert after[-1]["outcome"] == "failed"
    assert after[-2]["overrides"] == "portfolio.k=4"
    assert after[-2]["outcome"] == "finished"
    assert after[-2]["sharpe"] is not None
    assert after[-3]["study_fingerprint"] == before[-1]["study_fingerprint"]
    distinct = len({trial["study_fingerprint"] for trial in after[:-1]})
    assert f"{distinct} distinct" in other.stdout
    assert (tmp_path / "a/metrics.json").read_bytes() == (tmp_path / "b/metrics.json").read_bytes()
    assert (tmp_path / "a/report.html").read_bytes() == (tmp_path / "b/report.html").read_bytes()


BOOSTED = ["--set", "model.name=lightgbm", "--set", "model.params={num_iterations: 400, num_leaves: 7}"]


def stop_after_the_first_fold(study: str, out: Path, how: signal.Signals) -> subprocess.CompletedProcess[str]:
    """Starts a run and sends it a signal as soon as its first fold is finished."""
    running = subprocess.Popen(
        [str(BINARY), "run", study, "--out", str(out), "--threads", "1", *BOOSTED],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
    )
    first = Path(f"{out}.partial/fold_1")
    while running.poll() is None and not first.exists():
        time.sleep(0.001)
    running.send_signal(how)
    stdout, stderr = running.communicate(timeout=60)
    return subprocess.CompletedProcess(running.args, running.returncode, stdout, stderr)


def assert_same_run(one: Path, other: Path) -> None:
    """The same files with the same bytes, apart from the manifest's runtime block."""
    files = sorted(path.relative_to(one) for path in one.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(other) for path in other.rglob("*") if path.is_file())
    for file in files:
        if file.name != "manifest.json":
            assert (one / file).read_bytes() == (other / file).read_bytes(), file
    manifests = [json.loads((folder / "manifest.json").read_text()) for folder in (one, other)]
    for manifest in manifests:
        del manifest["runtime"]
    assert manifests[0] == manifests[1]


@pytest.fixture(scope="module")
def unbroken(market: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that nobody stopped."""
    out = tmp_path_factory.mktemp("unbroken") / "run"
    made = orrery("run", str(market / "study.yaml"), "--out", str(out), "--threads", "1", *BOOSTED)
    assert made.returncode == 0, made.stderr
    assert not Path(f"{out}.partial").exists()
    return out


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT], ids=["killed", "interrupted"])
def test_a_stopped_run_goes_on_from_its_finished_folds(
    market: Path, unbroken: Path, tmp_path: Path, how: signal.Signals
) -> None:
    study, out = str(market / "study.yaml"), tmp_path / "run"
    stopped = stop_after_the_first_fold(study, out, how)
    assert not out.exists()
    if how == signal.SIGINT:
        assert stopped.returncode == 130
        assert stopped.stderr.startswith("orrery: stopped; the same command goes on from the folds finished in")
        assert json.loads(orrery("trials", "--json").stdout)["trials"][-1]["outcome"] != "finished"
    else:
        assert stopped.returncode == -signal.SIGKILL
    again = orrery("run", study, "--out", str(out), *BOOSTED)
    assert again.returncode == 0, again.stderr
    assert "fold 1  " in again.stdout
    assert "taken up from the interrupted run" in again.stdout
    assert not Path(f"{out}.partial").exists()
    assert_same_run(out, unbroken)


def test_an_update_is_the_run_from_scratch_and_prints_what_to_trade(
    market: Path, unbroken: Path, tmp_path: Path
) -> None:
    prices = pq.read_table(market / "ohlcv.parquet")
    days = sorted(set(prices.column("date").cast("date32").to_pylist()))
    earlier = pc.less_equal(prices.column("date").cast("date32"), pa.scalar(days[-6], pa.date32()))
    for name in ("study.yaml", "sectors.csv"):
        (tmp_path / name).write_bytes((market / name).read_bytes())
    pq.write_table(prices.filter(earlier), tmp_path / "ohlcv.parquet")
    command = ["run", str(tmp_path / "study.yaml"), "--out", str(tmp_path / "run"), *BOOSTED]
    assert orrery(*command).returncode == 0
    (tmp_path / "ohlcv.parquet").write_bytes((market / "ohlcv.parquet").read_bytes())
    updated = orrery(*command, "--update")
    assert updated.returncode == 0, updated.stderr
    assert updated.stderr == ""
    assert "history unchanged, 5 new sessions" in updated.stdout
    assert "model and scores of the earlier run" in updated.stdout
    assert f"after the close of {days[-1]}, to be traded next" in updated.stdout
    assert_same_run(tmp_path / "run", unbroken)
    changed = prices.set_column(
        prices.schema.get_field_index("volume"), "volume", pc.multiply(prices.column("volume"), 2)
    )
    pq.write_table(changed, tmp_path / "ohlcv.parquet")
    recomputed = orrery(*command, "--update")
    assert recomputed.returncode == 0
    assert "History changed, first at" in recomputed.stderr
    assert f"on {days[0]}: everything is computed again." in recomputed.stderr


def planted_market(folder: Path) -> Path:
    """A simulated market whose planted predictor is a further field of its prices."""
    size = ["--instruments", "40", "--years", "2.5", "--seed", "4", "--signal", "0.15"]
    assert orrery("simulate", *size, "--out", str(folder)).returncode == 0
    prices = pq.read_table(folder / "ohlcv.parquet")
    truth = pq.read_table(folder / "truth.parquet")
    path = folder / "planted.parquet"
    pq.write_table(prices.join(truth, ["date", "symbol"]), path)
    return path


def test_factors_are_judged_and_written_down(tmp_path: Path) -> None:
    prices = planted_market(tmp_path / "market")
    call = [
        "factors",
        "evaluate",
        "--in",
        str(prices),
        "--sectors",
        str(tmp_path / "market/sectors.csv"),
        "--horizons",
        "1,5",
    ]
    factors = ["--factor", "alpha158:MA5", "--expr", "planted=$signal", "--expr", "noise=$volume-Ref($volume,1)"]
    answer = orrery(*call, *factors, "--out", str(tmp_path / "a"), "--json")
    assert answer.returncode == 0, answer.stderr
    found = json.loads(answer.stdout)
    assert found["counts"]["tested"] == 3
    assert found["counts"]["expected_by_chance"] == pytest.approx(0.15)
    assert found["factors"][0]["factor"] == "planted"
    assert found["factors"][0]["t"] > 3
    assert found["ledger"]["distinct_trials"] == 3
    daily = pq.read_table(tmp_path / "a/daily.parquet")
    assert daily.column_names == ["date", "factor", "horizon", "ic", "rank_ic", "long_short"]
    assert "simulated" in (tmp_path / "a/report.html").read_text().lower()

    again = orrery(*call, *factors, "--out", str(tmp_path / "b"), "--threads", "1")
    assert again.returncode == 0, again.stderr
    assert "3 tested; 0 would look significant" in again.stdout
    for name in ["report.html", "factors.csv", "horizons.csv", "correlations.csv", "daily.parquet"]:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name
    one, two = (json.loads((tmp_path / run / "evaluation.json").read_text()) for run in "ab")
    assert one.pop("runtime") != two.pop("runtime")
    assert one == two
    assert json.loads(orrery("trials", "--json").stdout)["trials"][-1]["study"] == "factor"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--horizons", "0"], "a horizon must be 1 to 2500 sessions, found 0"),
        (["--rank-by", "7"], "the horizon to rank by must be one of the horizons, found 7"),
        (["--from", "2030-01-01"], "there is no session to judge"),
        (["--from", "soon"], "--from: a day is YYYY-MM-DD, found 'soon'"),
        (["--expr", "MA5=$close"], "two factors have the name 'MA5'"),
    ],
)
def test_a_wrong_request_to_judge_factors_is_explained(
    market: Path, tmp_path: Path, arguments: list[str], said: str
) -> None:
    call = ["factors", "evaluate", "--factor", "alpha158:MA5", "--in", str(market / "ohlcv.parquet")]
    answer = orrery(*call, "--out", str(tmp_path / "out"), *arguments)
    assert answer.returncode != 0
    assert said in answer.stderr
    assert not (tmp_path / "out").exists()
