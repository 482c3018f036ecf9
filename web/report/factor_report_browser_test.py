"""Opens the page of judged factors in headless Chromium, wide and narrow, light and dark. Skipped where there is none."""

from pathlib import Path

import pytest

from browser import Browser, find_chromium
from page_checks import check_page
from written_page import write_page

CHARTS = {"factor-t", "factor-decay", "factor-quantiles", "factor-growth", "factor-slices", "factor-correlations"}

pytestmark = pytest.mark.skipif(find_chromium() is None, reason="skipped, no chromium here")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_page("FactorReport.IsWrittenWhole", tmp_path_factory.mktemp("factors") / "factors.html")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 844)])
def test_charts_are_drawn_and_nothing_complains(
    page: Path, browser: Browser, width: int, height: int, theme: str
) -> None:
    check_page(browser, page, CHARTS, (width, height), theme)


def test_a_click_on_a_name_shows_that_factor(page: Path, browser: Browser) -> None:
    browser.resize(1280, 900)
    browser.open(page)
    picture = "document.querySelector('[data-chart=factor-decay] canvas').toDataURL()"
    before = browser.evaluate(picture)
    name = browser.evaluate("document.querySelectorAll('#ranking .pick')[3].textContent")
    browser.evaluate("document.querySelectorAll('#ranking .pick')[3].click()")
    assert browser.evaluate("document.getElementById('factor-choice').selectedOptions[0].textContent") == name
    assert browser.evaluate("document.querySelector('#factor-expression code').textContent") == f"{name}+</script>"
    assert browser.evaluate(picture) != before


def test_the_search_leaves_the_rows_that_hold_the_text(page: Path, browser: Browser) -> None:
    browser.resize(1280, 900)
    browser.open(page)
    browser.evaluate(
        "(() => { const search = document.getElementById('factor-search'); search.value = 'F3';"
        " search.dispatchEvent(new Event('input')); })()"
    )
    rows = "[...document.querySelectorAll('#ranking tbody tr')].filter((row) => row.getClientRects().length)"
    assert browser.evaluate(f"{rows}.map((row) => row.cells[0].textContent)") == ["f3"]
    assert browser.evaluate("document.getElementById('factor-found').textContent") == "1 of 9"
