"""A market whose predictability is known exactly."""

from __future__ import annotations

import os
from pathlib import Path

from . import _program


def simulate(
    out: str | os.PathLike[str],
    *,
    instruments: int = 500,
    years: float = 5.0,
    seed: int = 7,
    signal: float = 0.03,
    clean: bool = False,
) -> Path:
    """Simulates daily prices into the folder `out` (ohlcv.parquet, sectors.csv, delistings.csv; docs/simulated-market.md).

    Args:
        instruments: number of symbols.
        years: length of history.
        seed: of all randomness; the same seed gives the same bytes.
        signal: the planted rank IC, between next day's returns and the best forecast from past ones; 0: nothing is
            predictable.
        clean: no damaged rows. Without it some are planted, for the quarantine to find.

    Returns:
        The folder; an earlier simulation there is replaced.
    """
    _program.call(
        ["simulate", "--instruments", str(instruments), "--years", str(years), "--seed", str(seed),
         "--signal", str(signal), "--out", os.fspath(out), *(["--clean"] if clean else [])]
    )  # fmt: skip
    return Path(out)
