"""Opens the rendered report in headless Chromium, wide and narrow, light and dark. Skipped where there is none."""

from pathlib import Path

import pytest

from browser import Browser, find_chromium
from written_page import write_page

CHARTS = {
    "equity",
    "information",
    "information-months",
    "rolling-information",
    "decay",
    "quantile-means",
    "quantile-growth",
    "importance",
    "sectors",
    "reliability",
    "exposure",
    "capacity",
}

pytestmark = pytest.mark.skipif(find_chromium() is None, reason="skipped, no chromium here")

# Of each chart: how many colours its canvas shows. A chart that was not drawn has one.
COLOURS = """Object.fromEntries([...document.querySelectorAll('[data-chart]')].map((element) => {
  const canvas = element.querySelector('canvas');
  if (!canvas || !canvas.width) return [element.dataset.chart, 0];
  const pixels = new Uint32Array(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.buffer);
  return [element.dataset.chart, new Set(pixels).size];
}))"""

# Every text whose contrast with what lies behind it is below WCAG AA: 4.5, or 3 for large text.
LOW_CONTRAST = """(() => {
  const parse = (text) => {
    const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number);
    return [r, g, b, a];
  };
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const behind = (element) => {
    const layers = [];
    for (let e = element; e; e = e.parentElement) layers.push(parse(getComputedStyle(e).backgroundColor));
    return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255, 1]);
  };
  const light = (c) => [0.2126, 0.7152, 0.0722].reduce((sum, weight, i) => {
    const v = c[i] / 255;
    return sum + weight * (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  }, 0);
  const found = [];
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!own || ['SCRIPT', 'STYLE'].includes(element.tagName) || !element.getClientRects().length) continue;
    const style = getComputedStyle(element);
    const ground = behind(element);
    const [a, b] = [light(over(parse(style.color), ground)), light(ground)].sort((x, y) => y - x);
    const large = parseFloat(style.fontSize) >= 24;
    if ((a + 0.05) / (b + 0.05) < (large ? 3 : 4.5)) found.push(element.textContent.trim().slice(0, 40));
  }
  return found;
})()"""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_page("StudyReport.IsWrittenWhole", tmp_path_factory.mktemp("report") / "report.html")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 844), (360, 740)])
def test_charts_are_drawn_and_nothing_complains(
    report: Path, browser: Browser, width: int, height: int, theme: str
) -> None:
    browser.resize(width, height, mobile=width < 640)
    browser.open(report, f"#{theme}")
    colours = browser.evaluate(COLOURS)
    assert set(colours) == CHARTS
    assert all(count > 10 for count in colours.values()), colours
    assert browser.problems() == []
    assert browser.requests() == [report.as_uri()]
    assert browser.evaluate("document.documentElement.scrollWidth") == width, "the page scrolls sideways"
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
