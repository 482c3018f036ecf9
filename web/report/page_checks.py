"""What holds for every page: its charts are drawn, nothing complains, nothing is fetched, all can be read."""

from pathlib import Path

from browser import Browser

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


def check_page(browser: Browser, page: Path, charts: set[str], size: tuple[int, int], theme: str) -> None:
    """Opens a page at a size (width, height) in a theme and looks at it as it first shows itself."""
    width, height = size
    browser.resize(width, height, mobile=width < 640)
    browser.open(page, f"#{theme}")
    colours = browser.evaluate(COLOURS)
    assert set(colours) == charts
    assert all(count > 10 for count in colours.values()), colours
    assert browser.problems() == []
    assert browser.requests() == [page.as_uri()]
    assert browser.evaluate("document.documentElement.scrollWidth") == width, "the page scrolls sideways"
    assert browser.evaluate(LOW_CONTRAST) == []
