"""A server's recommendations, runs and accounts, by REST and by stream (docs/server.md)."""

from __future__ import annotations

import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa
from pyarrow import ipc

from .errors import (
    AccessDeniedError,
    AlreadyExistsError,
    InternalError,
    InvalidArgumentError,
    NotFoundError,
    OrreryError,
    UnavailableError,
)

#: A day: "2024-01-31", or a `datetime.date`.
Day = str | date

_ARROW = "application/vnd.apache.arrow.stream"
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 30.0  # seconds between two attempts to follow a stream again
_ERRORS: dict[int, type[OrreryError]] = {
    400: InvalidArgumentError,
    401: AccessDeniedError,
    403: AccessDeniedError,
    404: NotFoundError,
    409: AlreadyExistsError,
    422: InvalidArgumentError,
    429: UnavailableError,
    503: UnavailableError,
}


@dataclass(frozen=True)
class Change:
    """What a stream has told.

    Attributes:
        reset: what was known before is to be forgotten: the first message, or after the server was started again.
        rows: whole rows, those that are new or have changed.
        removed: names of the rows that are gone.
        skipped: updates of these rows that were passed over, because they were not taken fast enough.
        about: what all rows share, where it has changed; else None.
    """

    reset: bool
    rows: list[dict[str, Any]]
    removed: list[str]
    skipped: int
    about: dict[str, Any] | None


def _refusal(status: int, body: bytes) -> OrreryError:
    try:
        problem = json.loads(body)
    except ValueError:
        problem = {}
    text = problem.get("detail") or f"the server answered with {status}"
    for field in problem.get("errors", []):
        text += f"; {field['field']}: {field['detail']}"
    return _ERRORS.get(status, InternalError)(text, "external" if status >= 500 else "user")


class Client:
    """Asks a server of `orrery serve`.

        client = orrery.Client("http://127.0.0.1:8080", token="orrery_…")
        client.recommendations(held=True).to_pandas()

    Rows come as `pyarrow.Table`s, all pages of them. What the server refuses is an OrreryError with its words and the
    fields at fault: InvalidArgumentError, NotFoundError, AccessDeniedError, UnavailableError.

    Args:
        url: where the server is.
        token: an API token or a JWT; absent: the environment variable ORRERY_TOKEN.
        timeout: seconds to wait for an answer.
    """

    def __init__(self, url: str = "http://127.0.0.1:8080", token: str | None = None, timeout: float = 60.0) -> None:
        self.url = url.rstrip("/")
        self.timeout = timeout
        self._token = os.environ.get("ORRERY_TOKEN", "") if token is None else token

    def __repr__(self) -> str:
        return f"Client({self.url!r})"

    def ask(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """Asks for a document under /api/v1, such as `ask("GET", "/runs/first")`; None where it has no content."""
        data = None if body is None else json.dumps(body).encode()
        answer, _ = self._send(method, path, "application/json", data, query)
        return json.loads(answer) if answer else None

    def rows(self, path: str, **query: Any) -> pa.Table:
        """All rows of an operation that answers with rows, such as `rows("/trials", sort="-sharpe")`."""
        parts = []
        query = {"limit": 10_000, **query}
        while True:
            answer, following = self._send("GET", path, _ARROW, None, query)
            parts.append(ipc.open_stream(answer).read_all())
            if not following:
                return pa.concat_tables(parts)
            query["cursor"] = following

    def recommendations(
        self, date: Day | None = None, *, run: str | None = None, held: bool = False, symbol: str | None = None
    ) -> pa.Table:
        """One session's names: score, rank, probability, expected return with its interval, weight, reasons.

        Args:
            date: the session; absent: the last.
            run: absent: the one that is recommended from.
            held: only names that are held now or were before.
            symbol: only this name.
        """
        return self.rows("/recommendations", date=date, run=run, held=held or None, symbol=symbol)

    def history(
        self, symbol: str, *, run: str | None = None, first: Day | None = None, last: Day | None = None
    ) -> pa.Table:
        """What was said of one name, session by session."""
        return self.rows(f"/recommendations/{_part(symbol)}", run=run, **{"from": first, "to": last})

    def record(self, *, run: str | None = None) -> pa.Table:
        """How earlier recommendations did against the universe, session by session."""
        return self.rows("/recommendations/record", run=run)

    def performance(self, *, run: str | None = None, first: Day | None = None, last: Day | None = None) -> pa.Table:
        """The account of a run: equity, returns, costs, exposure, session by session."""
        return self.rows("/performance", run=run, **{"from": first, "to": last})

    def bars(
        self,
        symbol: str,
        *,
        run: str | None = None,
        first: Day | None = None,
        last: Day | None = None,
        adjusted: bool = True,
    ) -> pa.Table:
        """The bars of a name that a run read."""
        query = {"from": first, "to": last, "adjusted": None if adjusted else False}
        return self.rows(f"/bars/{_part(symbol)}", run=run, **query)

    def factors(
        self, symbol: str, *, run: str | None = None, first: Day | None = None, last: Day | None = None
    ) -> pa.Table:
        """What a run's model reads of a name: date, factor, value, percentile; the last 20 sessions without days."""
        return self.rows(f"/factors/{_part(symbol)}", run=run, **{"from": first, "to": last})

    def runs(self) -> pa.Table:
        """All runs, the last finished first."""
        return self.rows("/runs")

    def predict(self, **question: Any) -> dict[str, Any]:
        """Scores by a stored model: `predict(model="daily@3", symbols=["AAPL"], explain=5)`."""
        return self.ask("POST", "/predictions", question)

    def follow(
        self, stream: str, symbols: Sequence[str] | None = None, *, run: str | None = None, again: bool = True
    ) -> Iterator[Change]:
        """Follows "signals", "factors" or "performance": first all rows as they stand, then what changes, for ever.

        After a cut it goes on where it was. Needs the package `websockets` (`pip install orrery[stream]`).

        Args:
            symbols: names of the rows; absent: all.
            again: False ends with the first cut instead of connecting again.
        """
        from websockets.exceptions import ConnectionClosed, InvalidStatus
        from websockets.sync.client import connect

        epoch, place, wait = "", "", _FIRST_WAIT
        while True:
            address = self._address(f"/stream/{stream}", symbols and ",".join(symbols), run, place)
            try:
                with connect(address, additional_headers=self._headers(), open_timeout=self.timeout) as connection:
                    for text in connection:
                        wait = _FIRST_WAIT
                        message = json.loads(text)
                        if message["type"] == "problem":
                            raise AccessDeniedError(message["detail"])
                        if message.get("epoch"):
                            epoch = message["epoch"]
                        place = f"{epoch}:{message['sequence']}"
                        yield _change(message)
            except InvalidStatus as refused:
                status = refused.response.status_code
                if status not in (429, 503) or not again:
                    raise _refusal(status, refused.response.body or b"") from None
            except (OSError, ConnectionClosed) as cut:
                if not again:
                    raise UnavailableError(f"the stream was cut: {cut}", "external") from None
            else:
                if not again:
                    return
            time.sleep(wait)
            wait = min(_LONGEST_WAIT, 2 * wait)

    def _address(self, path: str, symbols: str | None, run: str | None, after: str) -> str:
        query = {"symbols": symbols, "run": run, "after": after}
        given = urllib.parse.urlencode({name: value for name, value in query.items() if value})
        return "ws" + self.url.removeprefix("http") + path + ("?" + given if given else "")

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"} if self._token else {}

    def _send(
        self, method: str, path: str, accept: str, body: bytes | None, query: dict[str, Any]
    ) -> tuple[bytes, str | None]:
        """Returns the answer's bytes, and the cursor of the page after it."""
        words = {True: "true", False: "false"}
        given = {
            name: words[value] if isinstance(value, bool) else str(value)
            for name, value in query.items()
            if value is not None
        }
        address = f"{self.url}/api/v1{path}" + ("?" + urllib.parse.urlencode(given) if given else "")
        request = urllib.request.Request(address, body, {"Accept": accept, **self._headers()}, method=method)
        if body is not None:
            request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=self.timeout) as answer:
                return answer.read(), answer.headers.get("X-Next-Cursor")
        except urllib.error.HTTPError as refused:
            raise _refusal(refused.code, refused.read()) from None
        except (urllib.error.URLError, TimeoutError) as fault:
            raise UnavailableError(
                f"{self.url} does not answer: {getattr(fault, 'reason', fault)}", "external"
            ) from None


def _part(name: str) -> str:
    return urllib.parse.quote(name, safe="")


def _change(message: dict[str, Any]) -> Change:
    return Change(
        reset=message.get("reset", False),
        rows=message["rows"],
        removed=message.get("removed", []),
        skipped=message.get("skipped", 0),
        about=message.get("about"),
    )
