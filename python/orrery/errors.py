"""What can go wrong. Every error of Orrery is an OrreryError with the code, the origin and the message of the program."""

from __future__ import annotations

from typing import ClassVar


class OrreryError(Exception):
    """The one family of errors.

    Attributes:
        code: what went wrong, such as "not_found"; the same names as in the program's logs.
        origin: who can mend it: "user" (what was given), "external" (disk, library, service), "internal" (a defect).
    """

    code: ClassVar[str] = "internal"

    def __init__(self, message: str, origin: str = "user") -> None:
        super().__init__(message)
        self.origin = origin


class InvalidArgumentError(OrreryError, ValueError):
    """A value, file or line breaks its contract; the message says which and what is allowed."""

    code = "invalid_argument"


class NotFoundError(OrreryError, LookupError):
    """A named thing (file, column, symbol, plug-in) does not exist."""

    code = "not_found"


class AlreadyExistsError(OrreryError):
    """The thing to be made exists and must not be overwritten."""

    code = "already_exists"


class DataCorruptError(OrreryError):
    """Bytes that were written whole can no longer be read."""

    code = "data_corrupt"


class IoError(OrreryError, OSError):
    """The operating system refused a read or a write."""

    code = "io"


class UnavailableError(OrreryError):
    """An outside program or library did not answer."""

    code = "unavailable"


class AccessDeniedError(OrreryError, PermissionError):
    """A server does not know who asks, or does not let them."""

    code = "access_denied"


class CancelledError(OrreryError):
    """The work was asked to stop."""

    code = "cancelled"


class InternalError(OrreryError):
    """A defect in Orrery; please report it with the message."""

    code = "internal"


_CLASSES = {
    kind.code: kind
    for kind in (
        InvalidArgumentError,
        NotFoundError,
        AlreadyExistsError,
        DataCorruptError,
        IoError,
        UnavailableError,
        AccessDeniedError,
        CancelledError,
        InternalError,
    )
}


def error_of(code: str, origin: str, message: str) -> OrreryError:
    """Makes the error of a code. A code of a newer program that is not known here makes a plain OrreryError."""
    return _CLASSES.get(code, OrreryError)(message, origin)
