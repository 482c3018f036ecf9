"""Opens the rendered report in headless Chromium, wide and narrow, light and dark. Skipped where there is none."""

from pathlib import Path

import pytest

from browser import Browser, find_chromium
from page_checks import LOW_CONTRAST, check_page
from written_page import write_page

CHARTS = {
    "equity",
    "regimes",
    "information",
    "information-months",
    "rolling-information",
    "interval-coverage",
    "outcome-fan",
    "decay",
    "quantile-means",
    "quantile-growth",
    "importance",
    "explanation",
    "dependence",
    "sectors",
    "reliability",
    "exposure",
    "capacity",
}

pytestmark = pytest.mark.skipif(find_chromium() is None, reason="skipped, no chromium here")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_page("StudyReport.IsWrittenWhole", tmp_path_factory.mktemp("report") / "report.html")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 844), (360, 740)])
def test_charts_are_drawn_and_nothing_complains(
    report: Path, browser: Browser, width: int, height: int, theme: str
) -> None:
    check_page(browser, report, CHARTS, (width, height), theme)
    assert browser.evaluate("document.documentElement.dataset.theme") == theme
    browser.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    assert browser.evaluate(LOW_CONTRAST) == []


def test_the_button_changes_theme_and_charts(report: Path, browser: Browser) -> None:
    browser.resize(1280, 900)
    browser.open(report, "#light")
    before = browser.evaluate("getComputedStyle(document.body).backgroundColor")
    picture = browser.evaluate("document.querySelector('canvas').toDataURL()")
    browser.evaluate("document.getElementById('theme-toggle').click()")
    assert browser.evaluate("getComputedStyle(document.body).backgroundColor") != before
    assert browser.evaluate("document.querySelector('canvas').toDataURL()") != picture


def test_a_heading_sorts_the_recommendations(report: Path, browser: Browser) -> None:
    browser.resize(1280, 900)
    browser.open(report)
    rows = "[...document.querySelectorAll('#recommendations .sortable tbody tr')]"
    scores = f"{rows}.map((row) => Number(row.cells[3].dataset.value))"
    heading = "document.querySelectorAll('#recommendations .sortable th button')[3].click()"
    browser.evaluate(heading)
    ascending = browser.evaluate(scores)
    assert ascending == sorted(ascending)
    browser.evaluate(heading)
    assert browser.evaluate(scores) == sorted(ascending, reverse=True)


def test_it_is_readable_without_the_script(report: Path, browser: Browser, tmp_path: Path) -> None:
    page = report.read_text()
    plain = tmp_path / "plain.html"
    plain.write_text(page[: page.rindex("<script>")] + "</body></html>")
    browser.resize(1280, 900)
    browser.open(plain)
    assert "Sharpe ratio" in browser.evaluate("document.querySelector('main').innerText")
    assert browser.evaluate("document.querySelectorAll('details table').length") >= 6


def test_it_prints(report: Path, browser: Browser, tmp_path: Path) -> None:
    browser.open(report, "#dark")
    path = tmp_path / "report.pdf"
    browser.print_pdf(path)
    assert path.read_bytes().startswith(b"%PDF")
    assert path.stat().st_size > 50_000
