"""Questions to a lake in SQL (docs/sql.md)."""

from __future__ import annotations

import os
import tempfile
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pyarrow as pa
from pyarrow import ipc

from . import _program

_UTC = timezone(timedelta(0))


def _moment(as_of: str | date | datetime) -> str:
    """A moment as the program takes it. A datetime without a time zone is UTC, a date its first moment."""
    if isinstance(as_of, datetime):
        moment = as_of.replace(tzinfo=_UTC) if as_of.tzinfo is None else as_of.astimezone(_UTC)
        return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return as_of if isinstance(as_of, str) else as_of.isoformat()


def sql(
    query: str,
    *,
    lake: str | os.PathLike[str] = "lake",
    as_of: str | date | datetime | None = None,
    threads: int = 0,
) -> pa.Table:
    """Asks a lake in DuckDB's SQL.

    Table NAME has the latest version of each fact, NAME_history all versions. A query reads the lake's tables and
    nothing else, and writes nothing.

    Args:
        lake: the lake's folder, or its address on S3 (docs/lake.md).
        as_of: what was known at this moment (UTC), of every table; absent: all.
        threads: number of threads; 0 is all cores. Changes the time, never the result.

    Returns:
        The rows; pandas, polars and others take them without a copy where they can.

    Errors:
        InvalidArgumentError with DuckDB's message; NotFoundError for a table or lake that is not there;
        UnavailableError where DuckDB's library is missing.
    """
    with tempfile.TemporaryDirectory(prefix="orrery_sql_") as folder:
        answer, question = Path(folder) / "answer.arrow", Path(folder) / "query.sql"
        question.write_text(query, encoding="utf-8")
        _program.call(
            ["sql", "--file", question, "--lake", lake, "--out", answer, "--threads", str(threads),
             *(["--as-of", _moment(as_of)] if as_of is not None else [])]
        )  # fmt: skip
        with pa.memory_map(str(answer)) as source:
            return ipc.open_file(source).read_all()
