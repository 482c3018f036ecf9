"""The program as the tests call it: built in build/release or where ORRERY_BINARY says, with a home of its own."""

import os
import subprocess
import tempfile
from pathlib import Path

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


def check_help(command: list[str]) -> str:
    """Checks that a command's help has an example of it, and returns the help."""
    answer = orrery(*command, "--help")
    assert answer.returncode == 0
    assert "Example:" in answer.stdout
    assert f"orrery {' '.join(command)}" in answer.stdout
    return answer.stdout
