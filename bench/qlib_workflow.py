"""A qlib user's workflow files, run by Orrery on qlib's own store: is the mean daily IC qlib's?

usage: qlib_workflow.py ORRERY_BINARY SHARED OUT

The peer is SHARED/peers/main_job_qlib.py, run by this interpreter (which must have pyqlib) unless OUT/qlib holds its
result already. It has three folds, which are three workflow files, with its handler, processors, label and LightGBM
settings as qrun takes them. Each goes through `orrery import qlib`, `orrery import-study` and `orrery run`, unchanged.
Writes OUT/qlib_workflow.json; fails when the mean IC of all three test spans is off by more than 1e-6.
"""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import yaml

TOLERANCE = 1e-6


def run_peer(shared: Path, out: Path) -> dict:
    """Runs qlib's main job, once."""
    result = out / "qlib/result.json"
    if not result.exists():
        source = shared / "data/daily_sp500_2015_2018/ohlcv.parquet"
        command = [sys.executable, str(shared / "peers/main_job_qlib.py"), str(source), str(out / "qlib")]
        with (out / "qlib.log").open("w") as log:
            subprocess.run(command, check=True, stdout=log, stderr=log, cwd=out)  # it leaves its records where it runs
    return json.loads(result.read_text())


def peer_settings(shared: Path) -> tuple[list, dict]:
    """Reads FOLDS and PARAMS from the peer's source, without running it."""
    found = {}
    for statement in ast.parse((shared / "peers/main_job_qlib.py").read_text()).body:
        if isinstance(statement, ast.Assign) and statement.targets[0].id in ("FOLDS", "PARAMS"):
            value = statement.value
            if isinstance(value, ast.Call):  # dict(name=value, ...)
                found["PARAMS"] = {item.arg: ast.literal_eval(item.value) for item in value.keywords}
            else:
                found["FOLDS"] = ast.literal_eval(value)
    return found["FOLDS"], found["PARAMS"]


def workflow(store: Path, fold: tuple, parameters: dict) -> dict:
    """One fold of the peer's job as a workflow that qrun takes."""
    train, valid, test = (list(days) for days in fold)
    of_features = {"fields_group": "feature"}
    handler = {
        "start_time": train[0],
        "end_time": "2018-12-31",
        "fit_start_time": train[0],
        "fit_end_time": train[1],
        "instruments": "all",
        "infer_processors": [
            {"class": "RobustZScoreNorm", "kwargs": {**of_features, "clip_outlier": True}},
            {"class": "Fillna", "kwargs": of_features},
        ],
        "learn_processors": [
            {"class": "DropnaLabel"},
            {"class": "CSRankNorm", "kwargs": {"fields_group": "label"}},
        ],
    }
    exchange = {"limit_threshold": None, "deal_price": "close", "open_cost": 0.001, "close_cost": 0.001, "min_cost": 0}
    strategy = {"class": "TopkDropoutStrategy", "kwargs": {"signal": "<PRED>", "topk": 50, "n_drop": 5}}
    return {
        "qlib_init": {"provider_uri": str(store), "region": "us"},
        "task": {
            "model": {"class": "LGBModel", "module_path": "qlib.contrib.model.gbdt", "kwargs": parameters},
            "dataset": {
                "class": "DatasetH",
                "module_path": "qlib.data.dataset",
                "kwargs": {
                    "handler": {"class": "Alpha158", "module_path": "qlib.contrib.data.handler", "kwargs": handler},
                    "segments": {"train": train, "valid": valid, "test": test},
                },
            },
        },
        "port_analysis_config": {
            "strategy": strategy,
            "backtest": {"account": 100000000, "exchange_kwargs": exchange},
        },
    }


def run_orrery(binary: str, *arguments: str) -> None:
    """Runs one command of the program."""
    print("orrery", *arguments, flush=True)
    subprocess.run([binary, *arguments], check=True)


def run_fold(binary: str, out: Path, name: str, asked: dict) -> pd.DataFrame:
    """Takes one workflow file through the program; returns the run's daily IC."""
    (out / f"{name}.workflow.yaml").write_text(yaml.safe_dump(asked, sort_keys=False))
    study = str(out / f"{name}.yaml")
    run_orrery(binary, "import-study", str(out / f"{name}.workflow.yaml"), "--prices", "prices.parquet", "--out", study)
    run_orrery(binary, "run", study, "--threads", "1", "--set", "baselines=false", "--out", str(out / name))
    return pd.read_parquet(out / name / "daily_ic.parquet")


def main() -> int:
    binary, shared, out = str(Path(sys.argv[1]).resolve()), Path(sys.argv[2]).resolve(), Path(sys.argv[3]).resolve()
    out.mkdir(parents=True, exist_ok=True)
    peer = run_peer(shared, out)
    folds, parameters = peer_settings(shared)
    store = out / "qlib/store"
    run_orrery(binary, "import", "qlib", str(store), "--out", str(out / "prices.parquet"))
    days = [run_fold(binary, out, f"fold_{i}", workflow(store, fold, parameters)) for i, fold in enumerate(folds)]
    daily = pd.concat(days).dropna(subset="ic")
    result = {
        "qlib_ic_mean": peer["ic_mean"],
        "qlib_days": peer["n_days"],
        "orrery_ic_mean": float(daily["ic"].mean()),
        "orrery_days": len(daily),
        "difference": float(daily["ic"].mean() - peer["ic_mean"]),
    }
    (out / "qlib_workflow.json").write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))
    return 0 if abs(result["difference"]) <= TOLERANCE else 1


if __name__ == "__main__":
    sys.exit(main())
