"""Opens the page of a book's risks in headless Chromium, wide and narrow, light and dark. Skipped where there is none."""

from pathlib import Path

import pytest

from browser import Browser, find_chromium
from page_checks import check_page
from written_page import write_page

CHARTS = {"tail-forecasts", "equity", "outcome-fan"}

pytestmark = pytest.mark.skipif(find_chromium() is None, reason="skipped, no chromium here")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_page("RiskReport.IsWrittenWhole", tmp_path_factory.mktemp("risk") / "risk.html")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 844)])
def test_charts_are_drawn_and_nothing_complains(
    page: Path, browser: Browser, width: int, height: int, theme: str
) -> None:
    check_page(browser, page, CHARTS, (width, height), theme)
