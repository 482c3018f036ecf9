"""Running studies, and reading what a run left."""

from __future__ import annotations

import html
import json
import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import _program
from .errors import NotFoundError

if TYPE_CHECKING:
    import pyarrow

REPORT_HEIGHT = 900  # pixels
HEADLINE = (
    ("rank_ic_mean", "rank IC, mean a day", "{:.4f}"),
    ("rank_ic_t", "its t-value (Newey–West)", "{:.2f}"),
    ("annual_return", "annual return, net", "{:.2%}"),
    ("benchmark_annual_return", "annual return of the universe, equal weight", "{:.2%}"),
    ("sharpe", "Sharpe ratio, net", "{:.2f}"),
    ("max_drawdown", "largest drawdown", "{:.2%}"),
    ("turnover_two_way", "turnover a day, both sides", "{:.2%}"),
)


class Report:
    """A page. A notebook shows it; `html` is for everything else, and `path` where it lies, if anywhere."""

    def __init__(self, path: Path | None, page: str | None = None) -> None:
        self.path = path
        self._page = page

    @property
    def html(self) -> str:
        """The page, whole: styles, charts and data are within."""
        if self._page is not None or self.path is None:
            return self._page or ""
        return self.path.read_text(encoding="utf-8")

    def _repr_html_(self) -> str:
        page = html.escape(self.html, quote=True)
        return f'<iframe srcdoc="{page}" width="100%" height="{REPORT_HEIGHT}" style="border:0"></iframe>'

    def __repr__(self) -> str:
        return f"Report({str(self.path)!r})" if self.path else "Report()"


class Run:
    """A finished run: its folder, read when asked for.

    The tables are `pyarrow.Table`s: `polars.from_arrow(run.predictions)` and `run.predictions.to_pandas()` work as they
    are, as does anything else that reads the Arrow C interface.
    """

    def __init__(self, folder: str | os.PathLike[str], verdict: Mapping[str, Any] | None = None) -> None:
        self.folder = Path(folder)
        self._told = verdict
        if not (self.folder / "manifest.json").is_file():
            raise NotFoundError(f"no run is in this folder (it has no manifest.json): {self.folder}")

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """The study as it was run, data fingerprint, seed, folds, versions; times and threads under `runtime`."""
        return self._json("manifest.json")

    @cached_property
    def metrics(self) -> dict[str, float | int | str | None]:
        """Every number of the run by its key (docs/metrics.md); None where it can't be computed."""
        return self._json("metrics.json")

    @property
    def name(self) -> str:
        """The study's name."""
        return self.manifest["name"]

    @property
    def ledger(self) -> dict[str, Any]:
        """What the ledger of trials makes of the run, now.

        `distinct_trials` on the same data and tested span; `effective_trials`, as how many independent ones they count;
        `deflated_sharpe`, the probability that the Sharpe ratio is more than the luck of so many; `pbo`, the probability
        of backtest overfitting, or None and `pbo_reason`; `trials`, all of them, failed and stopped ones too.
        """
        fingerprint = self.manifest["data"]["fingerprint"]
        trials = json.loads(_program.call(["trials", "--json"]))["trials"]
        same = [trial for trial in trials if trial["data_fingerprint"] == fingerprint]
        return {**self._verdict, "trials": same}

    @cached_property
    def _verdict(self) -> Mapping[str, Any]:
        """The program tells it of a run that it makes, and of one that it compares: here with itself."""
        if self._told is not None:
            return self._told
        folder = os.fspath(self.folder)
        return json.loads(_program.call(["compare", folder, folder, "--json"]))["a"]["ledger"]

    @property
    def report(self) -> Report:
        """The report page, shown by a notebook."""
        return Report(self.folder / "report.html")

    @property
    def predictions(self) -> pyarrow.Table:
        """Out-of-sample scores: date, symbol, score, label."""
        return self._table("predictions")

    @property
    def intervals(self) -> pyarrow.Table:
        """How sure each score is: date, symbol, expected, lower, upper (of its return), deviation (of the score)."""
        return self._table("intervals")

    @property
    def daily_ic(self) -> pyarrow.Table:
        """The information coefficient of each day."""
        return self._table("daily_ic")

    @property
    def weights(self) -> pyarrow.Table:
        """Wanted weights, by decision: date, symbol, weight (share of equity), rank, reason."""
        return self._table("weights")

    @property
    def trades(self) -> pyarrow.Table:
        """Every entry of the books, by `kind`: deposits, dividends, and fills ("trade") with their price and costs."""
        return self._table("trades")

    @property
    def equity(self) -> pyarrow.Table:
        """The account after each session."""
        return self._table("equity")

    @property
    def positions(self) -> pyarrow.Table:
        """What was held after each session."""
        return self._table("positions")

    @property
    def unfilled(self) -> pyarrow.Table:
        """Orders that could not be filled, with the reason."""
        return self._table("unfilled")

    @property
    def risk_events(self) -> pyarrow.Table | None:
        """Changes of the drawdown ladder's level; None for a study without one."""
        return self._optional_table("risk_events")

    @property
    def order_checks(self) -> pyarrow.Table | None:
        """What checks and compliance said of orders, with rule and figures; None for a study without any."""
        return self._optional_table("order_checks")

    @property
    def realised_lots(self) -> pyarrow.Table | None:
        """Realised tax lots with what wash sales deferred; None for a study without `compliance.wash_sales`."""
        return self._optional_table("realised_lots")

    @property
    def quarantine(self) -> pyarrow.Table:
        """Rows of the price file that were left out or noted, with the reason."""
        return self._table("quarantine")

    def _json(self, name: str) -> dict[str, Any]:
        return json.loads((self.folder / name).read_text(encoding="utf-8"))

    def _optional_table(self, name: str) -> pyarrow.Table | None:
        return self._table(name) if (self.folder / f"{name}.parquet").exists() else None

    def _table(self, name: str) -> pyarrow.Table:
        import pyarrow.parquet as pq

        return pq.read_table(self.folder / f"{name}.parquet")

    def __repr__(self) -> str:
        parts = [f"{key}={shape.format(self.metrics[key])}" for key, _, shape in HEADLINE[:5] if self._has_number(key)]
        return f"Run({str(self.folder)!r}: {', '.join(parts)})"

    def _has_number(self, key: str) -> bool:
        return isinstance(self.metrics.get(key), (int, float))

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<tr><td style="text-align:left">{text}</td><td>{shape.format(self.metrics[key])}</td></tr>'
            for key, text, shape in HEADLINE
            if self._has_number(key)
        )
        banner = html.escape(self.manifest.get("banner") or "")
        said = html.escape(_verdict_text(self._verdict))
        return f"<p><b>{html.escape(self.name)}</b> {banner}</p><table>{rows}</table><p>{said}</p>"


def _verdict_text(verdict: Mapping[str, Any]) -> str:
    deflated, overfitting = verdict["deflated_sharpe"], verdict["pbo"]
    return (
        f"{verdict['distinct_trials']} distinct trials on this data and span, worth {verdict['effective_trials']:.1f} "
        f"independent ones; probability that the Sharpe ratio is more than the luck of so many: "
        f"{'–' if deflated is None else f'{deflated:.2f}'}; probability of overfitting: "
        f"{verdict['pbo_reason'] if overfitting is None else f'{overfitting:.2f}'}"
    )


def run(
    study: _program.Study,
    *,
    out: str | os.PathLike[str] | None = None,
    overrides: Mapping[str, Any] | None = None,
    threads: int = 0,
    update: bool = False,
) -> Run:
    """Runs a study: prices → factors → model → portfolio → backtest → report (docs/study.md).

    Args:
        study: the path of a YAML file; or a YAML text (of several lines, or in braces) or a mapping, whose relative
            paths start at the current folder.
        out: folder of the results, replaced when an earlier run is there; `out/NAME` when not given.
        overrides: values put over the study's: `{"portfolio.k": 30}` or `{"portfolio": {"k": 30}}`.
        threads: number of threads, 0 for all cores. Changes the time, never the result.
        update: append new days to the run in `out` instead of starting afresh.

    Returns:
        The run. Its trial is in the ledger, also when it failed or was stopped.

    Raises:
        InvalidArgumentError: the study is wrong; the message names file, line and key of every problem.
        NotFoundError: a file that the study names does not exist.
        KeyboardInterrupt: after Ctrl-C, once the program has stopped; an earlier run in `out` is as it was.
    """
    name, stdin = _program.study_argument(study)
    arguments = ["run", name, "--json", "--threads", str(threads), *_program.settings_of(overrides or {})]
    if out is not None:
        arguments += ["--out", os.fspath(out)]
    if update:
        arguments.append("--update")
    summary = json.loads(_program.call(arguments, stdin=stdin))
    return Run(summary["folder"], summary.get("ledger"))


def open(folder: str | os.PathLike[str]) -> Run:
    """Opens the folder of an earlier run. Raises NotFoundError when none is there."""
    return Run(folder)
