"""Two runs beside each other."""

from __future__ import annotations

import html
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from . import _program
from .runs import Report, Run


class Comparison:
    """What differs between two runs, and whether chance explains it (docs/compare.md)."""

    def __init__(self, content: dict[str, Any], report: Report) -> None:
        self.content = content
        self.report = report

    @property
    def verdict(self) -> str:
        """The tests in words."""
        return self.content["verdict"]

    @property
    def study_differences(self) -> list[dict[str, str | None]]:
        """Keys of the studies that differ: key, a, b; None where a study leaves the key to its default."""
        return self.content["study_differences"]

    @property
    def tests(self) -> dict[str, dict[str, Any]]:
        """Paired block-bootstrap tests on the sessions of both, by what is tested, such as "rank IC": mean_a, mean_b,
        difference (A − B), low_95, high_95, p_value, sessions; None where `unavailable` says why."""
        return {test["of"]: test for test in self.content["tests"]}

    @property
    def metrics(self) -> dict[str, dict[str, float | None]]:
        """Numbers of both by key: a and b."""
        return self.content["metrics"]

    def __repr__(self) -> str:
        return f"Comparison({self.verdict!r})"

    def _repr_html_(self) -> str:
        def shown(value: float | None) -> str:
            return "–" if value is None else f"{value:.4g}"

        keys = ("mean_a", "mean_b", "difference", "low_95", "high_95", "p_value")
        head = "".join(f"<th>{text}</th>" for text in ("daily", "A", "B", "A − B", "from", "to (95 %)", "p"))
        rows = "".join(
            f"<tr><td>{html.escape(name)}</td>{''.join(f'<td>{shown(test[key])}</td>' for key in keys)}</tr>"
            for name, test in self.tests.items()
        )
        return f"<p>{html.escape(self.verdict)}</p><table><tr>{head}</tr>{rows}</table>"


def compare(
    a: Run | str | os.PathLike[str],
    b: Run | str | os.PathLike[str],
    *,
    out: str | os.PathLike[str] | None = None,
    seed: int = 7,
) -> Comparison:
    """Compares two runs: their studies, daily IC and net returns (paired, by block bootstrap), and their metrics.

    Args:
        a, b: runs, or their folders.
        out: file for the page with both side by side; the comparison holds it in any case.
        seed: of the bootstrap.

    Raises:
        NotFoundError: no run is in a folder.
    """
    folders = [os.fspath(run.folder if isinstance(run, Run) else run) for run in (a, b)]
    with tempfile.TemporaryDirectory(prefix="orrery-") as scratch:
        page = Path(out) if out is not None else Path(scratch) / "compare.html"
        text = _program.call(["compare", *folders, "--json", "--seed", str(seed), "--out", os.fspath(page)])
        report = Report(Path(out) if out is not None else None, page.read_text(encoding="utf-8"))
    return Comparison(json.loads(text), report)
