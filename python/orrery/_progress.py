"""The bar that says how far a run is: a line of a terminal, a bar in a notebook, nothing elsewhere."""

from __future__ import annotations

import html
import sys
import time
from typing import Any, Protocol

QUIET_SECONDS = 1.0
BAR_WIDTH = 30


class ProgressBar(Protocol):
    """Told of each step; `close` takes the bar away."""

    def show(self, stage: str, done: int, total: int) -> None: ...
    def close(self) -> None: ...


class SilentBar:
    """Says nothing."""

    def show(self, stage: str, done: int, total: int) -> None:
        pass

    def close(self) -> None:
        pass


class TerminalBar:
    """One line on standard error for work that takes over a second."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._visible = False

    def show(self, stage: str, done: int, total: int) -> None:
        if time.monotonic() - self._start < QUIET_SECONDS:
            return
        share = min(1.0, done / total) if total else 0.0
        bar = f"[{'#' * int(share * BAR_WIDTH):<{BAR_WIDTH}}] {share:4.0%}" if total else "…"
        print(f"\r\033[K{stage[:24]:<24} {bar}", end="", file=sys.stderr, flush=True)
        self._visible = True

    def close(self) -> None:
        if self._visible:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


class NotebookBar:
    """A bar under the cell, gone when the work is done."""

    def __init__(self) -> None:
        from IPython.display import HTML, display

        self._html: Any = HTML
        self._handle = display(HTML(""), display_id=True)

    def show(self, stage: str, done: int, total: int) -> None:
        limits = f'value="{done}" max="{total}"' if total else ""
        self._handle.update(self._html(f"<progress {limits}></progress> {html.escape(stage)}"))

    def close(self) -> None:
        self._handle.update(self._html(""))


def in_notebook() -> bool:
    """Tells whether a Jupyter kernel runs this process."""
    shell = sys.modules.get("IPython")
    found = shell.get_ipython() if shell is not None else None
    return found is not None and type(found).__name__ == "ZMQInteractiveShell"


def make_bar() -> ProgressBar:
    """Returns the bar that fits where the output goes."""
    if in_notebook():
        return NotebookBar()
    return TerminalBar() if sys.stderr is not None and sys.stderr.isatty() else SilentBar()
