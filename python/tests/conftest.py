"""A simulated market with a study beside it, and a ledger of trials of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import orrery

STUDY = """name: small
data: {path: ohlcv.parquet, sectors: sectors.csv}
factors: {extra: {r5: "Ref($close,5)/$close-1", v20: "Std($close/Ref($close,1)-1,20)"}}
preprocess: {label: cs_rank_norm, features: [robust_zscore, {clip: 3}, {fill_na: 0}]}
model: {name: ridge}
validation: {train: 1y, valid: 3m, test: 6m}
portfolio: {strategy: topk_dropout, k: 5, drop: 1}
baselines: false
"""


@pytest.fixture(scope="session", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keeps the user's ledger of trials out of the tests, and other programs than the package's own."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("ORRERY_BINARY", raising=False)
        patch.setenv("ORRERY_HOME", str(folder))
        yield folder


@pytest.fixture(scope="session")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = orrery.simulate(tmp_path_factory.mktemp("market") / "m", instruments=20, years=2.5, seed=3, clean=True)
    (folder / "study.yaml").write_text(STUDY)
    return folder


@pytest.fixture(scope="session")
def run(market: Path, tmp_path_factory: pytest.TempPathFactory) -> orrery.Run:
    return orrery.run(market / "study.yaml", out=tmp_path_factory.mktemp("runs") / "run")
