"""Factors judged by the returns that followed them."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import _program
from ._frames import FrameOrPath, prices_file
from .errors import InvalidArgumentError
from .runs import Report

if TYPE_CHECKING:
    import pyarrow

    from .factors import Factors


class FactorEvaluation:
    """What is known about judged factors; the files of its folder are read when asked for (docs/evaluate.md)."""

    def __init__(self, folder: Path, summary: Mapping[str, Any]) -> None:
        self.folder = folder
        #: The factors, best first, with their main numbers at the horizon they are ranked by.
        self.ranking: list[dict[str, Any]] = list(summary["factors"])
        #: How many were tested, how many look significant, and how many would by chance.
        self.counts: dict[str, Any] = dict(summary["counts"])
        #: What the ledger of trials makes of the best one; None without a return.
        self.ledger: dict[str, Any] | None = summary["ledger"]

    @property
    def report(self) -> Report:
        """The page."""
        return Report(self.folder / "report.html")

    @property
    def details(self) -> dict[str, Any]:
        """Everything, as in `evaluation.json`."""
        loaded: dict[str, Any] = json.loads((self.folder / "evaluation.json").read_text(encoding="utf-8"))
        return loaded

    @property
    def daily(self) -> pyarrow.Table:
        """Daily series: date, factor, horizon, ic, rank_ic, long_short."""
        import pyarrow.parquet as pq

        return pq.read_table(self.folder / "daily.parquet")

    def __repr__(self) -> str:
        return f"FactorEvaluation({self.counts['sentence']!r})"


def _factor_arguments(factors: Factors) -> list[str]:
    if isinstance(factors, str):
        return ["--set", factors]
    if isinstance(factors, Mapping):
        return [part for name, text in factors.items() for part in ("--expr", f"{name}={text}")]
    return [argument for part in factors for argument in _factor_arguments(part)]


def evaluate(
    prices: FrameOrPath,
    factors: Factors,
    *,
    out: str | os.PathLike[str],
    sectors: str | os.PathLike[str] | None = None,
    horizons: Sequence[int] = (1, 5, 10, 20),
    rank_by: int = 1,
    delay: int = 1,
    quantiles: int = 5,
    cost_bps: float = 10.0,
    max_correlation: float = 0.7,
    threads: int = 0,
) -> FactorEvaluation:
    """Holds factors against the returns that followed them; each is a trial in the ledger.

    Args:
        prices: a path, or a frame with date, symbol, open, high, low, close, volume.
        factors: the name of a set, `{"name": "expression"}`, or a list of both.
        out: the folder of the results; an earlier evaluation there is replaced.
        sectors: a CSV file with symbol and sector, for the correlations within sectors.
        horizons: sessions that returns span; 1 is always among them.
        rank_by: the horizon by which factors are ranked and tested.
        delay: sessions from the factor's day to the entry; 0: at the same close, as alphalens does.
        quantiles: groups a day.
        cost_bps: cost a side of the long-short groups, in basis points.
        max_correlation: of two factors that correlate by more, the list without doubles keeps the better.
        threads: number of threads, 0 for all cores; never changes a bit.

    Raises:
        InvalidArgumentError: a factor or a setting is wrong; the message says what is allowed.
        AlreadyExistsError: the folder holds something else.
    """
    chosen = _factor_arguments(factors)
    if not chosen:
        raise InvalidArgumentError("nothing to judge: give expressions or the name of a set")
    with tempfile.TemporaryDirectory(prefix="orrery-") as scratch:
        arguments = ["factors", "evaluate", *chosen, "--in", str(prices_file(prices, Path(scratch)))]
        arguments += ["--out", os.fspath(out), "--json", "--threads", str(threads)]
        arguments += ["--horizons", ",".join(map(str, horizons)), "--rank-by", str(rank_by), "--delay", str(delay)]
        arguments += ["--quantiles", str(quantiles), "--cost-bps", str(cost_bps)]
        arguments += ["--max-correlation", str(max_correlation)]
        if sectors is not None:
            arguments += ["--sectors", os.fspath(sectors)]
        return FactorEvaluation(Path(out), json.loads(_program.call(arguments)))
