"""Holds every function of TA-Lib against TA-Lib itself, from its wheel: random and real series, NaN at the head."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = (
    Path(os.environ.get("ORRERY_BINARY", ROOT / "build/release/bin/orrery")).parent / "orrery_plugins_operators_test"
)
BARS = Path(os.environ.get("ORRERY_SHARED", ROOT / "../shared")) / "data/daily_sp500_2015_2018/ohlcv.parquet"


def compare(folder: Path, *arguments: str) -> None:
    script = ROOT / "plugins/operators/testdata/compare_talib.py"
    subprocess.run([sys.executable, str(script), str(folder), *arguments], check=True)
    answer = subprocess.run(
        [str(PROGRAM), "--gtest_brief=1", "--gtest_filter=Talib*Elsewhere:Talib*TheListIsTheWheels"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "ORRERY_TALIB_VALUES": str(folder), "ORRERY_PYTHON": sys.executable},
        check=False,
    )
    assert answer.returncode == 0, answer.stdout[-4000:]
    assert "SKIPPED" not in answer.stdout, answer.stdout


def test_made_up_series(tmp_path: Path) -> None:
    compare(tmp_path, "--series", "120")


def test_real_series(tmp_path: Path) -> None:
    if not BARS.exists():
        if os.environ.get("ORRERY_REQUIRE_SHARED"):
            pytest.fail(f"{BARS} is not there")
        pytest.skip(f"no real bars at {BARS}")
    compare(tmp_path, "--series", "0", "--bars", str(BARS), "--real", "100")
