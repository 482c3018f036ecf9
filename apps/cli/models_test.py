"""`orrery models`: what a run left is registered, made live, rolled back and verified."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from program import at_home, check_help, done, orrery, study_of, write_market

PARTS = ["add", "list", "show", "promote", "rollback", "retire", "demote", "history", "verify"]


def said(*arguments: str) -> str:
    return done("models", *arguments)


def refused(*arguments: str) -> str:
    answer = orrery("models", *arguments)
    assert answer.returncode == 1
    assert answer.stdout == "" or "--json" in arguments
    return answer.stderr


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Three runs of studies that differ in one setting, and a home without a model."""
    folder = tmp_path_factory.mktemp("models")
    with at_home(folder):
        study = write_market(folder, study_of("small"), 20, seed=3)
        for seed in ("1", "2", "3"):
            done("run", str(study), "--out", str(folder / f"run{seed}"), "--seed", seed)
        yield folder


@pytest.mark.parametrize("part", PARTS)
def test_every_part_has_help_with_an_example(part: str) -> None:
    assert "--json" in check_help(["models", part])


def test_a_model_lives_from_its_run_to_its_rollback(runs: Path) -> None:
    assert "No model is registered yet" in said()
    assert "small@1, a candidate: ridge, trained to" in said("add", str(runs / "run1"), "--reason", "first")
    added = json.loads(said("add", str(runs / "run2"), "--json"))
    assert added["model"] == "small@2"
    manifest = json.loads((runs / "run2/manifest.json").read_text())
    assert added["study_yaml"] == manifest["study"]
    assert added["lineage"]["data_fingerprint"] == manifest["data"]["fingerprint"]
    assert added["lineage"]["train"] == manifest["folds"][-1]["train"]
    assert added["lineage"]["test"] == manifest["folds"][-1]["test"]
    metrics = json.loads((runs / "run2/metrics.json").read_text())
    assert added["metrics"]["rank_ic_mean"] == metrics["rank_ic_mean"]
    for file in added["files"]:
        kept = Path(added["folder"]) / file["path"]
        assert kept.read_bytes() == (runs / "run2" / file["path"]).read_bytes()
    last = len(manifest["folds"])
    assert f"models/fold_{last}/model.orrery" in {file["path"] for file in added["files"]}
    assert "registered already, as small@1 (candidate)" in refused("add", str(runs / "run1"))

    assert "candidate → live (promote): good" in said("promote", "small@1", "--reason", "good")
    changes = json.loads(said("promote", "small@2", "--json"))
    assert [(change["version"], change["from"], change["to"]) for change in changes] == [
        (1, "live", "retired"),
        (2, "candidate", "live"),
    ]
    assert said("rollback", "small", "--reason", "worse").count("(rollback): worse") == 2
    stages = {version["model"]: version["stage"] for version in json.loads(said("list", "--json"))}
    assert stages == {"small@1": "live", "small@2": "retired"}
    assert "no version of small was live before small@1" in refused("rollback", "small")
    assert "small@1" in said("show", "small").splitlines()[0]
    assert len(json.loads(said("history", "small", "--json"))) == 7

    assert "live → candidate (demote)" in said("demote", "small")
    assert "live → retired" not in said("retire", "small@1")
    assert "no version of small is live" in refused("retire", "small")


def test_mistakes_are_named_with_what_there_is(runs: Path, tmp_path: Path) -> None:
    said("add", str(runs / "run3"), "--name", "third")
    assert "did you mean 'third'?" in refused("promote", "thrid@1")
    assert "third has no version 9; there are 1 (candidate)" in refused("promote", "third@9")
    assert "name the version to promote, as in third@1" in refused("promote", "third")
    assert "give the name alone" in refused("rollback", "third@1")
    assert "a model's name is" in refused("add", str(runs / "run3"), "--name", "../x")
    assert "no run here" in refused("add", str(tmp_path))
    assert orrery("models", "promote").returncode == 2


def test_scores_of_ones_own_have_no_model_to_register(runs: Path, tmp_path: Path) -> None:
    scores = ["--predictions", str(runs / "run1/predictions.parquet"), "--study", str(runs / "market/study.yaml")]
    made = orrery("backtest", *scores, "--out", str(tmp_path / "own"))
    assert made.returncode == 0, made.stderr
    assert "the run kept no model" in refused("add", str(tmp_path / "own"))


def test_a_damaged_file_is_found_and_named(runs: Path) -> None:
    added = json.loads(said("add", str(runs / "run1"), "--name", "damaged", "--json"))
    assert "every one as it was kept" in said("verify")
    file = Path(added["folder"]) / "metrics.json"
    assert file.is_relative_to(runs / "home/models")
    whole = file.read_bytes()
    file.write_bytes(whole[:-2] + b" \n")
    try:
        assert "damaged@1: the file has the fingerprint" in refused("verify", "damaged")
        assert str(file) in refused("promote", "damaged@1")
        assert json.loads(orrery("models", "verify", "--json").stdout)["verified"] is False
    finally:
        file.write_bytes(whole)
