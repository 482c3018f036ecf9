"""What the browser tests share: one browser."""

from collections.abc import Iterator

import pytest

from browser import Browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as opened:
        yield opened
