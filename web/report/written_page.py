"""Pages that the report's test program writes, for the browser tests."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("ORRERY_BINARY", ROOT / "build/release/bin/orrery")).parent / "orrery_report_test"


def write_page(test: str, path: Path) -> Path:
    """Has a test of the report room write its page; the test is skipped where the program is not built."""
    if not BINARY.exists():
        pytest.skip(f"skipped, {BINARY.name} is not built")
    subprocess.run(
        [BINARY, f"--gtest_filter={test}"],
        check=True,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "ORRERY_REPORT_FIXTURE": str(path)},
    )
    return path
