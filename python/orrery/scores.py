"""Scores that were made elsewhere, judged and traded by the code of a run."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import _program
from ._frames import FrameOrPath, prices_file, scores_file
from .runs import Run


def _call(
    command: str,
    scores: FrameOrPath,
    study: _program.Study | None,
    prices: FrameOrPath | None,
    overrides: Mapping[str, Any] | None,
    threads: int,
    more: list[str],
) -> Any:
    with tempfile.TemporaryDirectory(prefix="orrery-") as scratch:
        folder = Path(scratch)
        arguments = [command, "--predictions", str(scores_file(scores, folder)), "--json", "--threads", str(threads)]
        stdin = None
        if study is not None:
            name, stdin = _program.study_argument(study)
            arguments += ["--study", name]
        if prices is not None:
            arguments += ["--prices", str(prices_file(prices, folder))]
        arguments += [*_program.settings_of(overrides or {}), *more]
        return json.loads(_program.call(arguments, stdin=stdin))


def evaluate(
    scores: FrameOrPath,
    study: _program.Study | None = None,
    *,
    prices: FrameOrPath | None = None,
    overrides: Mapping[str, Any] | None = None,
    threads: int = 0,
) -> dict[str, Any]:
    """Judges scores: IC, rank IC, quantiles, and the performance of trading them.

    Args:
        scores: date, symbol, score; a frame of any library (also a pandas Series indexed by date and symbol), or the
            path of a Parquet file. A score of day t may use what was known at the close of t.
        study: a study whose prices, label, execution, portfolio and costs hold; without it `prices` is needed, and the
            defaults are: top 50 drop 5, fills at the next close, 5 bp commission and 5 bp slippage a side.
        prices: over the study's `data.path`: a path, or a frame with date, symbol, open, high, low, close, volume.
        overrides: values put over the study's, such as `{"portfolio.k": 30}`.
        threads: number of threads, 0 for all cores.

    Returns:
        Every number by its key (docs/metrics.md), None where it can't be computed; and under `ledger` what the ledger of
        trials, in which this one now stands, makes of it (see `Run.ledger`).

    Raises:
        InvalidArgumentError: no score has a date and symbol of the prices, or two have the same.
    """
    return _call("evaluate", scores, study, prices, overrides, threads, [])


def backtest(
    scores: FrameOrPath,
    study: _program.Study | None = None,
    *,
    prices: FrameOrPath | None = None,
    out: str | os.PathLike[str] = "out/backtest",
    overrides: Mapping[str, Any] | None = None,
    threads: int = 0,
) -> Run:
    """Trades scores and leaves a folder like a run's, with its report. Arguments and errors as `evaluate`.

    Args:
        out: folder of the results, replaced when an earlier run is there.
    """
    summary = _call("backtest", scores, study, prices, overrides, threads, ["--out", os.fspath(out)])
    return Run(summary["folder"], summary.get("ledger"))
