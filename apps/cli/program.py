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


def study_of(name: str, further: str = "") -> str:
    """A study of a simulated market that runs in seconds."""
    return f"""name: {name}
data: {{path: ohlcv.parquet}}
factors: {{extra: {{r5: "Ref($close,5)/$close-1", v20: "Std($close/Ref($close,1)-1,20)"}}}}
preprocess: {{label: cs_rank_norm, features: [robust_zscore, {{clip: 3}}, {{fill_na: 0}}]}}
model: {{name: ridge}}
validation: {{train: 1y, valid: 3m, test: 6m}}
portfolio: {{strategy: topk_dropout, k: 5, drop: 1}}
baselines: false
{further}"""


@contextmanager
def at_home(folder: Path) -> Iterator[None]:
    """Registers models in a home of its own."""
    with patch.dict(ENVIRONMENT, ORRERY_HOME=str(folder / "home")):
        yield


def write_market(folder: Path, study: str, instruments: int, seed: int) -> Path:
    """Simulates a market of 2.5 years and puts the study beside it; returns the study's file."""
    size = ("--instruments", str(instruments), "--years", "2.5", "--seed", str(seed))
    done("simulate", *size, "--out", str(folder / "market"))
    file = folder / "market/study.yaml"
    file.write_text(study)
    return file


def check_help(command: list[str]) -> str:
    """Checks that a command's help has an example of it, and returns the help."""
    answer = orrery(*command, "--help")
    assert answer.returncode == 0
    assert "Example:" in answer.stdout
    assert f"orrery {' '.join(command)}" in answer.stdout
    return answer.stdout
