"""The dashboard in headless Chromium, on a server with simulated runs: every page, every role, every state."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from program import at_home, done
from server_fixture import ROUND, Server, serving, write_runs

from browser import Browser, find_chromium
from page_checks import LOW_CONTRAST

ROOM = Path(__file__).resolve().parent
AXE = ROOM / "node_modules/axe-core/axe.min.js"
PAGES = [
    "/",
    "/portfolio",
    "/portfolio?run=first",
    "/symbols",
    "/symbols/SIM00001",
    "/research",
    "/factors",
    "/data",
    "/models",
    "/system",
]
CHARTS = {"/": 1, "/portfolio": 3, "/portfolio?run=first": 3, "/symbols/SIM00001": 2, "/research": 1}
SHOWN = (
    "document.querySelector('header.bar') && document.querySelector('main h1') && !document.querySelector('.loading')"
)
DRAWN = "[...document.querySelectorAll('[data-chart]')].filter((box) => box.querySelector('canvas')?.width).length"
WHAT_AXE_FINDS = """axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice']}).then((found) =>
  found.violations.map((one) => one.id + ': ' + one.nodes.map((node) => node.html.slice(0, 120)).join(' | ')))"""
BUTTONS = "[...document.querySelectorAll('main button')].map((button) => button.textContent)"

pytestmark = [
    pytest.mark.skipif(find_chromium() is None, reason="skipped, no chromium here"),
    pytest.mark.skipif(not AXE.exists(), reason="skipped, no node_modules in web/dashboard"),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("dashboard")
    with at_home(folder):
        data = write_runs(folder)
        done("models", "add", str(data / "first"), "--name", "small")
        done("models", "add", str(data / "second"), "--name", "small")
        done("models", "promote", "small@1", "--reason", "the first")
        with serving(data) as server:
            yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def tokens(server: Server) -> dict[str, str]:
    return {role: server.new_token(role) for role in ("viewer", "trader", "risk_officer", "researcher")}


def log_in(browser: Browser, server: Server, token: str) -> None:
    browser.call("Network.clearBrowserCookies")
    browser.visit(server.url, "document.querySelector('.door input')")
    enter(browser, token)
    browser.wait_for(SHOWN)


def enter(browser: Browser, token: str) -> None:
    browser.evaluate("document.querySelector('.door input').focus()")
    browser.call("Input.insertText", text=token)
    browser.evaluate("new Promise((done) => requestAnimationFrame(done))")
    browser.evaluate("document.querySelector('.door button').click()")


def press(browser: Browser, key: str) -> None:
    text = {} if len(key) > 1 else {"text": key}
    browser.call("Input.dispatchKeyEvent", type="keyDown", key=key, **text)
    browser.call("Input.dispatchKeyEvent", type="keyUp", key=key)


def click(browser: Browser, text: str, within: str = "main") -> None:
    browser.evaluate(
        f"[...document.querySelectorAll('{within} button')].find((one) => one.textContent === '{text}').click()"
    )


def show(browser: Browser, server: Server, path: str) -> None:
    browser.visit(server.url + path, SHOWN)


def test_a_wrong_token_is_told_and_a_right_one_leads_where_one_was_going(browser: Browser, server: Server) -> None:
    browser.resize(1280, 900)
    browser.call("Network.clearBrowserCookies")
    browser.visit(server.url + "/research", "document.querySelector('.door input')")
    enter(browser, "orrery_wrong")
    browser.wait_for("document.querySelector('.door .fault').textContent")
    assert "unknown, expired or revoked" in browser.evaluate("document.querySelector('.door .fault').textContent")
    assert browser.evaluate(LOW_CONTRAST) == []
    browser.evaluate("document.querySelector('.door input').select()")
    enter(browser, server.token)
    browser.wait_for(SHOWN)
    assert browser.evaluate("document.querySelector('main h1').textContent") == "Research"
    assert browser.evaluate("document.cookie") == "", "scripts can't read the session"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 844)])
def test_every_page_is_drawn_readable_and_usable(
    browser: Browser, server: Server, width: int, height: int, theme: str
) -> None:
    browser.resize(width, height, mobile=width < 640)
    log_in(browser, server, server.token)
    browser.evaluate(f"localStorage.setItem('orrery-theme', '{theme}')")
    for path in PAGES:
        show(browser, server, path)
        browser.wait_for(f"{DRAWN} === {CHARTS.get(path, 0)}")
        assert browser.problems() == [], path
        assert all(address.startswith(server.url) for address in browser.requests()), path
        assert browser.evaluate("document.documentElement.dataset.theme") == theme
        assert browser.evaluate("document.documentElement.scrollWidth") == width, f"{path} scrolls sideways"
        assert "SIMULATED" in browser.evaluate("document.querySelector('.banner').textContent"), path
        assert browser.evaluate("document.querySelectorAll('.failed').length") == 0, path
        assert browser.evaluate(LOW_CONTRAST) == [], path
        browser.evaluate(AXE.read_text() + "; 0")
        assert browser.evaluate(WHAT_AXE_FINDS) == [], path


def session_with_picks(server: Server) -> str:
    """The last session with several picks whose outcome is known; later the ladder may have sold everything."""
    record = server.get("/recommendations/record", limit=10000)["items"]
    return [row["date"] for row in record if row["picks"] > 4][-1]


def test_today_shows_what_the_server_says(browser: Browser, server: Server) -> None:
    browser.resize(1280, 900)
    log_in(browser, server, server.token)
    date = session_with_picks(server)
    show(browser, server, f"/?date={date}")
    told = server.get("/recommendations", held="true", limit=1000, date=date)
    rows = (
        "[...document.querySelectorAll('main tbody tr')].map((row) => [...row.cells].map((cell) => cell.textContent))"
    )
    shown = browser.evaluate(rows)
    assert [row[1] for row in shown] == [item["symbol"] for item in told["items"]]
    assert [int(row[0]) for row in shown] == [item["rank"] for item in told["items"]]
    # Largest weight first, then only what fits a text.
    browser.evaluate("document.querySelectorAll('main th button')[2].click()")
    browser.wait_for("document.querySelectorAll('main th')[2].getAttribute('aria-sort') === 'descending'")
    heaviest = max(told["items"], key=lambda item: item["weight"])
    assert browser.evaluate(rows)[0][1] == heaviest["symbol"]
    browser.evaluate("document.querySelector('main .filter').focus()")
    browser.call("Input.insertText", text=heaviest["symbol"])
    browser.wait_for("document.querySelectorAll('main tbody tr').length === 1")


def test_an_export_has_the_rows_that_are_shown(browser: Browser, server: Server) -> None:
    log_in(browser, server, server.token)
    date = session_with_picks(server)
    show(browser, server, f"/?date={date}")
    browser.evaluate(
        "URL.createObjectURL = (blob) => { window.saved = blob.text(); return 'data:,'; }; HTMLAnchorElement.prototype.click = () => {}; 0"
    )
    click(browser, "Export CSV")
    lines = browser.evaluate("window.saved").split("\r\n")
    told = server.get("/recommendations", held="true", limit=1000, date=date)["items"]
    assert lines[0].split(",")[:3] == ["rank", "symbol", "weight"]
    assert [line.split(",")[1] for line in lines[1:-1]] == [item["symbol"] for item in told]
    assert float(lines[1].split(",")[2]) == told[0]["weight"]


def test_another_session_has_an_address_of_its_own(browser: Browser, server: Server) -> None:
    log_in(browser, server, server.token)
    last = server.get("/recommendations", limit=1)["about"]["last_session"]
    browser.wait_for("!document.querySelector('.sessions button').disabled")
    browser.evaluate("document.querySelector('.sessions button').click()")
    browser.wait_for("location.search.startsWith('?date=')")
    before = browser.evaluate("location.search")[6:]
    assert before < last
    show(browser, server, f"/?date={before}")
    assert browser.evaluate("document.querySelector('.sessions input').value") == before


def test_keys_lead_everywhere(browser: Browser, server: Server) -> None:
    browser.resize(1280, 900)
    log_in(browser, server, server.token)
    show(browser, server, f"/?date={session_with_picks(server)}")
    row = "[...document.querySelectorAll('tbody tr')].indexOf(document.activeElement)"
    for key, place in (("j", 0), ("j", 1), ("ArrowDown", 2), ("k", 1)):
        press(browser, key)
        browser.wait_for(f"{row} === {place}")
    symbol = browser.evaluate("document.activeElement.cells[1].textContent")
    press(browser, "Enter")
    browser.wait_for(f"location.pathname === '/symbols/{symbol}'")
    press(browser, "g")
    press(browser, "p")
    browser.wait_for("location.pathname === '/portfolio'")
    press(browser, "/")
    browser.wait_for("document.activeElement.id === 'symbol-search'")
    browser.call("Input.insertText", text="sim00002")
    browser.wait_for("document.querySelectorAll('#symbol-list li').length > 0")
    press(browser, "Enter")
    browser.wait_for("location.pathname === '/symbols/SIM00002'")
    press(browser, "?")
    browser.wait_for("document.querySelector('dialog[open] h2')?.textContent === 'Keys'")


def test_research_begins_with_how_far_a_run_can_be_believed(browser: Browser, server: Server) -> None:
    browser.resize(1280, 900)
    log_in(browser, server, server.token)
    show(browser, server, "/research")
    browser.wait_for("document.querySelectorAll('.trust').length > 0 && document.querySelectorAll('figure').length > 0")
    metrics = server.get("/runs/first")["metrics"]
    box = "[...document.querySelectorAll('.column')].find(c => c.querySelector('.trust') && c.textContent.includes('first'))"
    text = browser.evaluate(f"{box}.textContent")
    assert f"{metrics['rank_ic_mean']:.4f}".replace("-", "−") in text
    assert f"{metrics['detectable_rank_ic']:.4f}" in text
    first = browser.evaluate(
        "document.querySelector('.trust').compareDocumentPosition(document.querySelector('section figure'))"
    )
    assert first & 4  # the figure follows


def test_a_new_run_shows_by_itself(browser: Browser, server: Server) -> None:
    browser.resize(1280, 900)
    log_in(browser, server, server.token)
    show(browser, server, "/research")
    browser.wait_for("document.querySelector('.live')")
    rows = "document.querySelectorAll('main tbody tr').length"
    before = browser.evaluate(rows)
    shutil.copytree(server.data / "first", server.data / "copied")
    try:
        # Pages ask by themselves every 15 seconds only.
        browser.wait_for(f"{rows} === {before + 1}", 10)
    finally:
        shutil.rmtree(server.data / "copied")
    browser.wait_for(f"{rows} === {before}", 10)


def test_the_button_turns_the_colours_and_is_remembered(browser: Browser, server: Server) -> None:
    log_in(browser, server, server.token)
    ground = "getComputedStyle(document.body).backgroundColor"
    before = browser.evaluate(ground)
    browser.evaluate("document.getElementById('theme-toggle').click()")
    turned = browser.evaluate(ground)
    assert turned != before
    show(browser, server, "/")
    assert browser.evaluate(ground) == turned


def test_who_only_looks_sees_no_buttons_that_change(browser: Browser, server: Server, tokens: dict[str, str]) -> None:
    log_in(browser, server, tokens["viewer"])
    changing = {
        "Pause",
        "Resume",
        "Flatten",
        "Confirm",
        "Promote",
        "Retire",
        "Roll back",
        "Start",
        "New token",
        "Revoke",
        "Acknowledge",
    }
    for path in ("/portfolio", "/models", "/research", "/system"):
        show(browser, server, path)
        assert changing.isdisjoint(browser.evaluate(BUTTONS)), path
    assert "Recommend from it" not in browser.evaluate(BUTTONS)


def test_a_trader_pauses_after_being_asked(browser: Browser, server: Server, tokens: dict[str, str]) -> None:
    log_in(browser, server, tokens["trader"])
    show(browser, server, "/portfolio")
    buttons = browser.evaluate(BUTTONS)
    assert {"Pause", "Flatten"} <= set(buttons)
    assert "Confirm" not in buttons, "the ladder is the risk officer's"
    click(browser, "Pause")
    browser.wait_for("document.querySelector('dialog[open]')")
    click(browser, "Cancel", "dialog")
    assert server.get("/accounts/paper")["waiting"] == []
    click(browser, "Pause")
    browser.wait_for("document.querySelector('dialog[open]')")
    click(browser, "Pause", "dialog")
    browser.wait_for("document.querySelector('.waiting')?.textContent.includes('pause')")
    assert server.get("/accounts/paper")["waiting"] == ["pause"]


def test_the_daily_round_is_shown_and_its_alert_acknowledged(
    browser: Browser, server: Server, tokens: dict[str, str]
) -> None:
    log_in(browser, server, tokens["researcher"])
    show(browser, server, "/system")
    text = browser.evaluate("document.querySelector('main').innerText")
    assert "The round of 20 Dec 2019" in text
    assert "fall failed" in text
    click(browser, "Log")
    browser.wait_for("document.querySelector('dialog[open] pre')?.textContent.startsWith('0.')")
    click(browser, "Close", "dialog")
    click(browser, f"fall failed ({ROUND})")
    browser.wait_for("document.querySelector('dialog[open] pre')?.textContent.includes('nobody')")
    click(browser, "Close", "dialog")
    click(browser, "Acknowledge")
    browser.wait_for("document.querySelector('dialog[open]')")
    click(browser, "I have seen it", "dialog")
    browser.wait_for(f"!{BUTTONS}.includes('Acknowledge')")
    assert server.get("/alerts", open="true")["items"] == []
    assert server.get("/alerts")["items"][0]["acknowledged_by"] == "a researcher"


def test_a_researcher_moves_a_model_with_a_reason(browser: Browser, server: Server, tokens: dict[str, str]) -> None:
    log_in(browser, server, tokens["researcher"])
    show(browser, server, "/models")
    click(browser, "Promote")
    browser.wait_for("document.querySelector('dialog[open] input')")
    assert browser.evaluate("document.querySelector('dialog button[type=submit]').disabled"), "a reason is wanted"
    browser.evaluate("document.querySelector('dialog input').focus()")
    browser.call("Input.insertText", text="it does better")
    browser.wait_for("!document.querySelector('dialog button[type=submit]').disabled")
    click(browser, "Promote", "dialog")
    browser.wait_for("document.querySelector('h2 .chip').textContent === 'version 2 live'")
    history = server.get("/models/small/history")["items"]
    assert [one["reason"] for one in history if one["version"] == 2 and one["to"] == "live"] == ["it does better"]


def test_a_study_that_is_wrong_is_told_with_its_line(browser: Browser, server: Server, tokens: dict[str, str]) -> None:
    log_in(browser, server, tokens["researcher"])
    show(browser, server, "/system")
    browser.evaluate("document.querySelector('form input').focus()")
    browser.call("Input.insertText", text="broken")
    browser.evaluate("document.querySelector('form textarea').focus()")
    browser.call("Input.insertText", text="name: broken\nmodle: {name: ridge}\n")
    browser.wait_for("!document.querySelector('form button').disabled")
    click(browser, "Start", "form")
    browser.wait_for("document.querySelector('form .fault')")
    assert "modle" in browser.evaluate("document.querySelector('form .fault').textContent")


def test_what_there_is_not_is_told(browser: Browser, server: Server) -> None:
    log_in(browser, server, server.token)
    show(browser, server, "/symbols/NONE")
    assert "has no score here" in browser.evaluate("document.querySelector('.empty').textContent")
    browser.visit(server.url + "/no/such/page", "document.querySelector('main .empty')")
    assert "no such page" in browser.evaluate("document.querySelector('main').textContent")


def test_links_out_of_the_pages_are_answered_by_the_server(browser: Browser, server: Server) -> None:
    """The pages take over links to their own addresses; what is not theirs opens by itself, and is there."""
    log_in(browser, server, server.token)
    for path, found in (("/system", "/docs"), ("/research", "/report")):
        show(browser, server, path)
        link = f"[...document.querySelectorAll('main a')].find((one) => one.href.endsWith('{found}'))"
        assert browser.evaluate(link + ".target") == "_blank"
        address = browser.evaluate(link + ".href")
        assert "html" in server.ask("GET", address.removeprefix(server.url)).headers["Content-Type"]


def test_without_a_run_the_page_says_how_to_get_one(browser: Browser, tmp_path: Path) -> None:
    with serving(tmp_path / "data") as empty:
        browser.call("Network.clearBrowserCookies")
        browser.visit(empty.url, "document.querySelector('.door input')")
        enter(browser, empty.token)
        browser.wait_for("document.querySelector('main .empty')")
        assert "orrery run STUDY.yaml" in browser.evaluate("document.querySelector('main').textContent")


def test_a_lost_server_leaves_what_it_said_and_says_so(browser: Browser, tmp_path: Path, server: Server) -> None:
    with serving(server.data, "--config", str(state_of_its_own(tmp_path))) as other:
        log_in(browser, other, other.token)
        title = browser.evaluate("document.querySelector('h1').textContent")
        other.stop()
        browser.evaluate("window.dispatchEvent(new Event('focus'))")
        browser.wait_for("document.querySelector('.lost')")
        assert "has not answered since" in browser.evaluate("document.querySelector('.lost').textContent")
        assert browser.evaluate("document.querySelector('h1').textContent") == title
        assert browser.evaluate(LOW_CONTRAST) == []


def state_of_its_own(folder: Path) -> Path:
    config = folder / "serve.yaml"
    config.write_text(f"state: {folder / 'state'}\n")
    return config


def test_files_are_kept_by_their_names_and_the_document_is_asked_for_again(server: Server) -> None:
    page = requests.get(server.url + "/portfolio", timeout=20)
    assert page.status_code == 200
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert page.headers["Cache-Control"] == "no-cache"
    assert page.headers["Content-Security-Policy"].startswith("default-src 'self'; ")
    assert "script-src" not in page.headers["Content-Security-Policy"], "scripts come as files of the server alone"
    again = requests.get(server.url + "/", headers={"If-None-Match": page.headers["ETag"]}, timeout=20)
    assert (again.status_code, again.content) == (304, b"")
    script = page.text.split('src="')[1].split('"')[0]
    packed = requests.get(server.url + script, timeout=20)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "immutable" in packed.headers["Cache-Control"]
    plain = requests.get(server.url + script, headers={"Accept-Encoding": "identity"}, timeout=20)
    assert "Content-Encoding" not in plain.headers
    assert plain.content == packed.content
    assert requests.get(server.url + "/assets/gone.js", timeout=20).status_code == 404
    assert requests.get(server.url + "/api/v1/gone", timeout=20).headers["Content-Type"] == "application/problem+json"
