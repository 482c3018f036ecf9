"""The program as the tests call it: built in build/release or where ORRERY_BINARY says, with a home of its own."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("ORRERY_BINARY", ROOT / "build/release/bin/orrery")).resolve()
HOME = tempfile.TemporaryDirectory(prefix="orrery_home_")
ENVIRONMENT = {**os.environ, "ORRERY_HOME": HOME.name}


def orrery(*arguments: str, cwd: Path | None = None, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    """Runs the program and returns what it said."""
    return subprocess.run(
        [str(BINARY), *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        cwd=cwd,
        check=False,
        env=ENVIRONMENT,
    )


def done(*arguments: str) -> str:
    """Runs the program, checks that it went well, and returns what it printed."""
    answer = orrery(*arguments)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


TOP_FIVE = "strategy: topk_dropout, k: 5, drop: 1"


def study_of(name: str, further: str = "", portfolio: str = TOP_FIVE, data: str = "") -> str:
    """A study of a simulated market that runs in seconds: eight lines, then `further`."""
    return f"""name: {name}
data: {{path: ohlcv.parquet{data}}}
factors: {{extra: {{r5: "Ref($close,5)/$close-1", v20: "Std($close/Ref($close,1)-1,20)"}}}}
preprocess: {{label: cs_rank_norm, features: [robust_zscore, {{clip: 3}}, {{fill_na: 0}}]}}
model: {{name: ridge}}
validation: {{train: 1y, valid: 3m, test: 6m}}
portfolio: {{{portfolio}}}
baselines: false
{further}"""


def careful_study(further: str = "") -> str:
    """A study with an optimizer, its limits, and a drawdown ladder of which a year sees every level but the last."""
    portfolio = "strategy: min_volatility, candidates: 20, window: 120, max_weight: 0.12, max_sector: 0.3, every: 5"
    ladder = "levels: [0.01, 0.02, 0.03, 0.06], gate: {sessions: 3}, ramp: 2, confirm: {after: 5}"
    return study_of("careful", f"risk: {{ladder: {{{ladder}}}}}\n{further}", portfolio, ", sectors: sectors.csv")


@contextmanager
def at_home(folder: Path) -> Iterator[None]:
    """Keeps what a user has at home, the ledger of trials and models, in the folder."""
    with patch.dict(ENVIRONMENT, ORRERY_HOME=str(folder / "home")):
        yield


def write_market(folder: Path, study: str, instruments: int, seed: int, years: float = 2.5, *further: str) -> Path:
    """Simulates a market and puts the study beside it; returns the study's file."""
    size = ("--instruments", str(instruments), "--years", str(years), "--seed", str(seed))
    done("simulate", *size, *further, "--out", str(folder / "market"))
    file = folder / "market/study.yaml"
    file.write_text(study)
    return file


@contextmanager
def careful_run(folder: Path, further: str = "") -> Iterator[Path]:
    """Runs the careful study on a market of three years, at a home of its own; gives the run's folder."""
    with at_home(folder):
        done("run", str(write_market(folder, careful_study(further), 40, 8, 3)), "--out", str(folder / "run"))
        yield folder / "run"


def check_help(command: list[str]) -> str:
    """Checks that a command's help has an example of it, and returns the help."""
    answer = orrery(*command, "--help")
    assert answer.returncode == 0
    assert "Example:" in answer.stdout
    assert f"orrery {' '.join(command)}" in answer.stdout
    return answer.stdout
