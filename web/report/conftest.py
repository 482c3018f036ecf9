"""What the browser tests share: one browser."""

from collections.abc import Iterator

import pytest

pytest.register_assert_rewrite("page_checks")

from browser import Browser  # noqa: E402


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as opened:
        yield opened
