"""Factors, computed in this process on tables of any library.

The work is done outside the interpreter lock. Values are those of `orrery factors compute` to the bit.
"""

from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from . import _core
from ._frames import Frame, stream_of
from .errors import InvalidArgumentError
from .factor_evaluation import FactorEvaluation as FactorEvaluation
from .factor_evaluation import evaluate as evaluate

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

#: Factors by name, the name of a set, or several of both.
Factors = str | Mapping[str, str] | Sequence[str | Mapping[str, str]]


class Table:
    """Factor values: date, symbol and one float32 column a factor, in the order of the frame's rows.

    Any reader of the Arrow C interface takes it without a copy: `polars.from_arrow(table)`, `pyarrow.table(table)`.
    """

    def __init__(self, content: _core.FactorTable) -> None:
        self._content = content

    @property
    def column_names(self) -> builtins.list[str]:
        return self._content.column_names

    def __len__(self) -> int:
        return len(self._content)

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self._content.__arrow_c_stream__(requested_schema)

    def __arrow_c_schema__(self) -> Any:
        return self._content.__arrow_c_schema__()

    def to_arrow(self) -> pyarrow.Table:
        """Returns a pyarrow table over the same memory."""
        import pyarrow as pa

        return pa.table(self)

    def to_pandas(self) -> pandas.DataFrame:
        """Returns a pandas frame with date and symbol as columns."""
        return self.to_arrow().to_pandas()

    def to_polars(self) -> polars.DataFrame:
        """Returns a polars frame over the same memory."""
        import polars

        return polars.DataFrame(self)

    def __repr__(self) -> str:
        names = self.column_names
        shown = ", ".join(names[:8]) + (f", … {len(names) - 8} more" if len(names) > 8 else "")
        return f"Table({len(self)} rows: {shown})"


class Explanation(NamedTuple):
    """How far an expression reaches from the row that it is computed for."""

    expression: str
    look_back_rows: int  #: row t reads rows from t − look_back_rows on; operators without end (EMA) count 1
    look_ahead_rows: int  #: row t reads rows up to t + look_ahead_rows; more than 0 is legal in labels only


def _definitions(factors: Factors) -> builtins.list[tuple[str, str]]:
    if isinstance(factors, str):
        return _core.factor_set(factors)
    if isinstance(factors, Mapping):
        return builtins.list(factors.items())
    return [pair for part in factors for pair in _definitions(part)]


def compute(frame: Frame, factors: Factors, *, precision: str = "float32", threads: int = 0) -> Table:
    """Computes factors over a long frame of prices.

    Args:
        frame: one row a symbol and day: date (dates, timestamps or YYYY-MM-DD), symbol (text), and the numbers that the
            expressions name with a `$`: open, high, low, close, volume, or any other. pandas (also indexed by date and
            symbol), polars, pyarrow, anything with `__arrow_c_stream__`; columns are read where they lie. Prices are
            taken as they are, so give adjusted ones. `$vwap` is (high + low + close)/3 where there is no such column.
            A text column `sector` makes the
            groups of `$sector`. The sessions are the dates found in the frame; a symbol's missing day is a missing value of every window.
        factors: `{"name": "expression"}` (docs/factors.md), the name of a set such as "alpha158", or a list of both.
        precision: "float32", as qlib does, or "float64" within expressions; the values come out as float32.
        threads: number of threads, 0 for all cores; never changes a bit.

    Returns:
        date, symbol and one column a factor; row i belongs to row i of the frame. NaN where there is no value.
        No value of day t depends on a later row.

    Raises:
        InvalidArgumentError: an expression is wrong or looks ahead (the text with a caret, the nearest name), two rows
            have one symbol and day, or the frame is no table.
        NotFoundError: a set or a column of that name does not exist.
    """
    if precision not in ("float32", "float64"):
        raise InvalidArgumentError(f"precision is float32 or float64, found {precision!r}")
    definitions = _definitions(factors)
    if not definitions:
        raise InvalidArgumentError("nothing to compute: give expressions or the name of a set")
    return Table(_core.compute_factors(stream_of(frame), definitions, precision == "float64", threads))


def sets() -> builtins.list[str]:
    """Returns the names of the sets of factors that come with Orrery."""
    return _core.factor_set_names()


def list(set: str = "alpha158") -> dict[str, str]:
    """Returns a set's factors: name → expression, in the set's order. Raises NotFoundError."""
    return dict(_core.factor_set(set))


def explain(factor: str) -> Explanation:
    """Says how far an expression, or a factor of alpha158 given by its name, reaches back and ahead.

    Raises InvalidArgumentError with a caret under what is wrong.
    """
    expression = list().get(factor, factor)
    return Explanation(expression, *_core.explain("factor", expression))
