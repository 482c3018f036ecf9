"""`orrery monitor`: a live model is looked at, and demoted or retired where that is due."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from program import ENVIRONMENT, at_home, check_help, done, orrery, study_of, write_market

ACTION_IS_DUE = 3


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A finished run, registered and live as watched@1."""
    folder = tmp_path_factory.mktemp("monitor")
    with at_home(folder):
        study = write_market(folder, study_of("watched", "monitor: {sessions: 60}\n"), 30, seed=4)
        done("run", str(study), "--out", str(folder / "run"))
        done("models", "add", str(folder / "run"))
        done("models", "promote", "watched@1")
        yield folder / "run"


@pytest.fixture(scope="module")
def shifted(run: Path) -> Path:
    """The same prices, of which every other session of the last 60 is 15 % higher."""
    prices = pq.read_table(run.parent / "market/ohlcv.parquet").to_pandas()
    days = sorted(prices["date"].unique())
    every_other = prices["date"].isin(days[-60::2])
    for column in ("open", "high", "low", "close", "adj_close", "vwap"):
        if column in prices:
            prices.loc[every_other, column] *= 1.15
    path = run.parent / "market/shifted.parquet"
    pq.write_table(pa.Table.from_pandas(prices, preserve_index=False), path)
    return path


def test_help_has_an_example() -> None:
    assert "exit code 3" in check_help(["monitor"])


def test_a_model_that_fits_is_left_alone(run: Path, tmp_path: Path) -> None:
    answer = orrery("monitor", "watched", "--apply", cwd=tmp_path)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert answer.stdout.startswith("SIMULATED")
    assert "watched@1 (live), ridge: trained on" in answer.stdout
    assert "looked at on 60 sessions" in answer.stdout
    assert "2 of 2 features fine" in answer.stdout
    assert "Nothing is to be done." in answer.stdout
    page = (tmp_path / "out/watched@1-monitor/monitor.html").read_text()
    assert "Nothing is to be done." in page
    in_a_run = orrery("monitor", "--out", str(tmp_path / "there"), cwd=run)
    assert "watched@1 (live)" in in_a_run.stdout, "not the folder one happens to be in"
    (tmp_path / "out/watched").symlink_to(run)
    assert "watched@1 (live)" in orrery("monitor", "watched", cwd=tmp_path).stdout, "before a run of the same name"
    by_folder = orrery("monitor", str(run), "--json", cwd=tmp_path)
    assert by_folder.returncode == 0, by_folder.stderr
    health = json.loads(by_folder.stdout)
    assert health["action"] == "none"
    assert [check["check"] for check in health["checks"]] == [
        *["psi", "ks", "missing", "names"],
        *["ic_fall", "ic_negative", "calibration"],
    ]
    assert json.loads((tmp_path / "out/run-monitor/monitor.json").read_text()) == health
    again = orrery("monitor", str(run), "--json", "--threads", "1", cwd=tmp_path)
    assert again.stdout == by_folder.stdout


def test_a_shift_is_seen_and_carried_out(shifted: Path, tmp_path: Path) -> None:
    seen = orrery("monitor", "--data", str(shifted), "--json", "--out", str(tmp_path / "a"))
    assert seen.returncode == ACTION_IS_DUE, seen.stderr
    health = json.loads(seen.stdout)
    assert health["model"] == "watched@1", "the only one that is live"
    assert {check["verdict"] for check in health["checks"][:2]} == {"act"}
    assert "differs first on" in health["notes"][0]
    live = json.loads(orrery("models", "show", "watched", "--json").stdout)
    assert live["stage"] == "live", "nothing is changed without --apply"

    thresholds = tmp_path / "thresholds.yaml"
    thresholds.write_text("sessions: 60\nfeatures: {action: demote}\nic_negative: {action: none}\n")
    strict = ["--thresholds", str(thresholds), "--out", str(tmp_path / "b")]
    applied = orrery("monitor", "watched", "--data", str(shifted), "--apply", *strict)
    assert applied.returncode == ACTION_IS_DUE, applied.stderr
    assert "watched@1 (candidate), ridge" in applied.stdout
    assert "orrery models demote watched@1" not in applied.stdout, "it is done"
    assert "watched@1  live → candidate (demote): monitor," in applied.stdout
    last = json.loads(orrery("models", "history", "watched", "--json").stdout)[-1]
    assert last["to"] == "candidate"
    assert "features, PSI: " in last["reason"]
    gone = orrery("monitor", cwd=tmp_path)
    assert gone.returncode == 1
    assert "no registered model is live" in gone.stderr
    assert orrery("models", "promote", "watched@1").returncode == 0

    thresholds.write_text("sessions: 60\nfeatures: {action: retire}\n")
    retired = orrery("monitor", "watched", "--data", str(shifted), "--apply", "--json", *strict)
    assert retired.returncode == ACTION_IS_DUE, retired.stderr
    assert json.loads(retired.stdout)["stage"] == "retired", "the stage that it has now"
    again = orrery("monitor", "watched@1", "--data", str(shifted), "--apply", "--json", *strict)
    assert again.returncode == ACTION_IS_DUE, "a retired one stays so"
    assert orrery("models", "promote", "watched@1").returncode == 0


def test_a_run_needs_no_registry(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "home/models").mkdir(parents=True)
    (tmp_path / "home/models/registry.sqlite").write_text("no registry")
    monkeypatch.setitem(ENVIRONMENT, "ORRERY_HOME", str(tmp_path / "home"))
    assert "registry.sqlite" in orrery("monitor", "watched", cwd=tmp_path).stderr
    by_folder = orrery("monitor", str(run), cwd=tmp_path)
    assert by_folder.returncode == 0, by_folder.stderr


def test_the_data_says_that_it_is_simulated(run: Path, tmp_path: Path) -> None:
    manifest = run / "manifest.json"
    text = manifest.read_text()
    copy = tmp_path / "copy"
    shutil.copytree(run, copy)
    (copy / "manifest.json").write_text(text.replace(json.loads(text)["banner"], ""))
    assert not orrery("monitor", str(copy), cwd=tmp_path).stdout.startswith("SIMULATED")
    prices = run.parent / "market/ohlcv.parquet"
    assert orrery("monitor", str(copy), "--data", str(prices), cwd=tmp_path).stdout.startswith("SIMULATED")


def test_mistakes_are_named(run: Path, tmp_path: Path) -> None:
    assert "did you mean 'watched'?" in orrery("monitor", "wached").stderr
    assert "--apply changes the stage of a registered version" in orrery("monitor", str(run), "--apply").stderr
    thresholds = tmp_path / "thresholds.yaml"
    thresholds.write_text("psy: {act: 0.3}\n")
    wrong = orrery("monitor", "watched", "--thresholds", str(thresholds))
    assert wrong.returncode == 1
    assert "thresholds.yaml:1:6: psy: unknown key; did you mean 'psi'?" in wrong.stderr
    assert orrery("monitor", "watched", "--sessions", "0").returncode == 2
