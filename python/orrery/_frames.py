"""Tables of any library, as a stream of the Arrow C interface or as a Parquet file for the program to read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Union

from .errors import InvalidArgumentError

if TYPE_CHECKING:
    import pyarrow

#: Anything that is a table: pandas, polars, pyarrow, or any object with `__arrow_c_stream__`.
Frame = Any
#: A frame, or the path of a Parquet or CSV file.
FrameOrPath = Union[Frame, str, "os.PathLike[str]"]

DATE_NAMES = ("date", "datetime", "timestamp")
SYMBOL_NAMES = ("symbol", "instrument", "ticker")


def is_path(value: object) -> bool:
    return isinstance(value, (str, os.PathLike))


def with_index_as_columns(frame: Frame) -> Frame:
    """Turns what pandas keeps in an index with names, such as (date, symbol), into columns; others are as they are."""
    if type(frame).__module__.partition(".")[0] != "pandas":
        return frame
    if type(frame).__name__ == "Series":
        frame = frame.to_frame(frame.name if frame.name is not None else "score")
    named = [name for name in frame.index.names if name is not None]
    return frame.reset_index() if named and not set(named) & set(frame.columns) else frame


def stream_of(frame: Frame) -> Any:
    """Returns the frame's stream of the Arrow C interface. Errors: InvalidArgumentError for what is no table."""
    frame = with_index_as_columns(frame)
    if hasattr(frame, "__arrow_c_stream__"):
        return frame.__arrow_c_stream__()
    return arrow_table(frame).__arrow_c_stream__()


def arrow_table(frame: Frame) -> pyarrow.Table:
    """Returns the frame as a pyarrow table, without a copy where its library allows that."""
    import pyarrow as pa

    frame = with_index_as_columns(frame)
    if isinstance(frame, pa.Table):
        return frame
    if hasattr(frame, "__arrow_c_stream__"):
        return pa.table(frame)
    if hasattr(frame, "__arrow_c_array__"):
        return pa.Table.from_batches([pa.record_batch(frame)])
    if isinstance(frame, dict):
        return pa.table(frame)
    if type(frame).__module__.partition(".")[0] == "pandas":
        return pa.Table.from_pandas(frame, preserve_index=False)
    raise InvalidArgumentError(
        "a table is wanted (pandas, polars, pyarrow, or anything with __arrow_c_stream__), found "
        f"{type(frame).__module__}.{type(frame).__qualname__}"
    )


def _renamed(table: pyarrow.Table) -> pyarrow.Table:
    """Calls the date and the symbol what the program calls them, and the only other column `score`."""
    names = [name.lower() for name in table.column_names]
    for wanted, accepted in (("date", DATE_NAMES), ("symbol", SYMBOL_NAMES)):
        found = next((name for name in accepted if name in names), None)
        if found is None:
            raise InvalidArgumentError(f"the scores need a column '{wanted}'; found: {', '.join(table.column_names)}")
        names[names.index(found)] = wanted
    others = [name for name in names if name not in ("date", "symbol")]
    if "score" not in others and len(others) == 1:
        names[names.index(others[0])] = "score"
    return table.rename_columns(names)


def _is_text(kind: pyarrow.DataType) -> bool:
    import pyarrow as pa

    texts = (pa.string(), pa.large_string(), *([pa.string_view()] if hasattr(pa, "string_view") else []))
    return kind in texts or (pa.types.is_dictionary(kind) and kind.value_type in texts)


def _as_plain_text(column: pyarrow.ChunkedArray) -> pyarrow.ChunkedArray:
    """Turns categories and views, which not every writer takes, into texts."""
    import pyarrow as pa

    def plain(chunk: pyarrow.Array) -> pyarrow.Array:
        if pa.types.is_dictionary(chunk.type):
            return chunk.dictionary.cast(pa.string()).take(chunk.indices)
        return chunk.cast(pa.string())

    return pa.chunked_array([plain(chunk) for chunk in column.chunks], pa.string())


def _with_plain_texts(table: pyarrow.Table) -> pyarrow.Table:
    for index, field in enumerate(table.schema):
        if _is_text(field.type):
            table = table.set_column(index, field.name, _as_plain_text(table.column(index)))
    return table


def _with_dates(table: pyarrow.Table) -> pyarrow.Table:
    """Casts the date column, whatever its unit or text, to days."""
    import pyarrow as pa

    index = table.column_names.index("date")
    column = table.column(index)
    if pa.types.is_string(column.type):
        column = column.cast(pa.timestamp("s"))
    return table.set_column(index, "date", column.cast(pa.date32(), safe=False))


def scores_file(scores: FrameOrPath, folder: Path) -> Path:
    """Returns the file of scores that the program reads; a frame is written to `folder`."""
    import pyarrow.parquet as pq

    if is_path(scores):
        return Path(scores)
    path = folder / "scores.parquet"
    pq.write_table(_with_dates(_renamed(_with_plain_texts(arrow_table(scores)))), path)
    return path


def prices_file(prices: FrameOrPath, folder: Path) -> Path:
    """Returns the file of prices that the program reads; a frame is written to `folder`."""
    import pyarrow.parquet as pq

    if is_path(prices):
        return Path(prices)
    path = folder / "prices.parquet"
    pq.write_table(_with_plain_texts(arrow_table(prices)), path)
    return path
