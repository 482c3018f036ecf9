"""The `orrery` program in a process of its own.

It carries its own Arrow, LightGBM and what else it was built with, so that the libraries of this process may be of any
version. It tells how far it is, and what went wrong, in lines of JSON on a pipe (apps/cli/events.h).
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from ._progress import ProgressBar, make_bar
from .errors import InvalidArgumentError, NotFoundError, UnavailableError, error_of

STOP_SECONDS = 5.0
WRONG_USAGE = 2


def program_path() -> Path:
    """Returns the program: $ORRERY_BINARY, else the package's own, else the one on PATH.

    Errors: NotFoundError.
    """
    if given := os.environ.get("ORRERY_BINARY"):
        return Path(given)
    own = Path(__file__).parent / "_bin" / "orrery"
    if own.is_file():
        return own
    if found := shutil.which("orrery"):
        return Path(found)
    raise NotFoundError("the program 'orrery' is neither in the package nor on PATH, and ORRERY_BINARY is not set")


class _Conversation:
    """What the program says on its three pipes."""

    def __init__(self, bar: ProgressBar) -> None:
        self.bar = bar
        self.output = b""
        self.complaints = b""
        self.error: dict[str, str] | None = None
        self._events = b""
        self._unfinished = b""

    def take(self, pipe: str, data: bytes) -> None:
        if pipe == "output":
            self.output += data
        elif pipe == "complaints":
            self._take_complaints(data)
        else:
            self._take_events(data)

    def _take_complaints(self, data: bytes) -> None:
        """Passes on what a user's own model prints; the program's own message becomes an exception."""
        self.complaints += data
        *lines, self._unfinished = (self._unfinished + data).split(b"\n")
        for line in lines:
            if not line.startswith((b"orrery: ", b"This is a defect in Orrery")):
                print(line.decode(errors="replace"), file=sys.stderr)

    def _take_events(self, data: bytes) -> None:
        *lines, self._events = (self._events + data).split(b"\n")
        for line in lines:
            event = json.loads(line)
            if event["event"] == "progress":
                self.bar.show(event["stage"], event["done"], event["total"])
            elif event["event"] == "error":
                self.error = event


def _environment(events: int) -> dict[str, str]:
    environment = {**os.environ, "ORRERY_EVENTS_FD": str(events)}
    environment.setdefault("ORRERY_PYTHON", sys.executable)
    return environment


def _listen(process: subprocess.Popen[bytes], events: int, conversation: _Conversation) -> None:
    """Reads until all pipes are closed."""
    assert process.stdout is not None and process.stderr is not None
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout.fileno(), selectors.EVENT_READ, "output")
        selector.register(process.stderr.fileno(), selectors.EVENT_READ, "complaints")
        selector.register(events, selectors.EVENT_READ, "events")
        while selector.get_map():
            for key, _ in selector.select():
                if data := os.read(key.fd, 1 << 16):
                    conversation.take(key.data, data)
                else:
                    selector.unregister(key.fd)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Asks the program to stop as Ctrl-C does, and makes sure that it did."""
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGINT)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _fail(returncode: int, conversation: _Conversation) -> NoReturn:
    text = conversation.complaints.decode(errors="replace").strip()
    if conversation.error is not None:
        raise error_of(*(conversation.error[key] for key in ("code", "origin", "message")))
    if returncode == WRONG_USAGE:
        raise InvalidArgumentError(text)
    if returncode < 0:
        name = signal.Signals(-returncode).name
        raise UnavailableError(f"the program was ended by {name}\n{text}".rstrip(), "external")
    raise error_of("internal", "internal", text.removeprefix("orrery: "))


def call(arguments: Sequence[str | os.PathLike[str]], *, stdin: str | None = None) -> str:
    """Runs the program with a progress bar and returns what it wrote to standard output.

    Ctrl-C (KeyboardInterrupt) stops it before the exception goes on. Other threads of Python run meanwhile.
    Errors: what the program says, as the exceptions of orrery.errors.
    """
    command = [str(program_path()), *map(os.fspath, arguments)]
    reading, writing = os.pipe()
    bar = make_bar()
    conversation = _Conversation(bar)
    try:
        with subprocess.Popen(
            command,
            stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=(writing,),
            env=_environment(writing),
        ) as process:
            os.close(writing)
            writing = -1
            try:
                if process.stdin is not None:
                    with contextlib.suppress(BrokenPipeError):
                        process.stdin.write((stdin or "").encode())
                    process.stdin.close()
                _listen(process, reading, conversation)
                returncode = process.wait()
            except BaseException:
                _stop(process)
                raise
    except FileNotFoundError as error:
        raise NotFoundError(f"no such program: {command[0]}") from error
    finally:
        bar.close()
        os.close(reading)
        if writing >= 0:
            os.close(writing)
    if returncode != 0:
        _fail(returncode, conversation)
    return conversation.output.decode()


def settings_of(overrides: Mapping[str, Any]) -> list[str]:
    """Returns `--set key=value` for each value; mappings within become dotted keys, unless they are empty."""
    settings: list[str] = []

    def add(prefix: str, values: Mapping[str, Any]) -> None:
        for key, value in values.items():
            path = f"{prefix}{key}"
            if isinstance(value, Mapping) and value:
                add(f"{path}.", value)
            else:
                settings.extend(("--set", f"{path}={json.dumps(_plain(value))}"))

    add("", overrides)
    return settings


def _plain(value: Any) -> Any:
    return os.fspath(value) if isinstance(value, os.PathLike) else value


#: A study: the path of its YAML file, its YAML as a text (of several lines, or in braces), or the same as a mapping.
Study = Any


def study_argument(study: Study) -> tuple[str, str | None]:
    """Returns what names the study on the command line, and what goes to standard input."""
    if isinstance(study, Mapping):
        return "-", json.dumps(study, default=os.fspath)
    if isinstance(study, str) and ("\n" in study or study.lstrip().startswith("{")):
        return "-", study
    if isinstance(study, (str, os.PathLike)):
        return os.fspath(study), None
    raise InvalidArgumentError(
        f"a study is a path, a YAML text (of several lines, or in braces) or a mapping, found {type(study)}"
    )
