"""The examples of docs/server.md, run as they stand against a server."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from program import ROOT, at_home
from server_fixture import Server, serving, write_runs

from browser import Browser, find_chromium


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("examples")
    with at_home(folder), serving(write_runs(folder)) as server:
        yield server


def example(language: str) -> str:
    text = (ROOT / "docs/server.md").read_text()
    chapter = re.search(r"^## Examples$(.*?)^## ", text, re.MULTILINE | re.DOTALL).group(1)
    found = re.findall(rf"^```{language}[^\n]*\n(.*?)^```$", chapter, re.MULTILINE | re.DOTALL)
    assert len(found) == 1, language
    return found[0]


def environment(server: Server) -> dict[str, str]:
    return {**os.environ, "ORRERY": server.url, "TOKEN": server.token}


def test_curl(server: Server, tmp_path: Path) -> None:
    text = example("sh")
    date = server.get("/recommendations")["about"]["date"]
    assert "2020-05-29" in text
    script = "set -e\n" + text.replace("2020-05-29", date)
    said = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, cwd=tmp_path, env=environment(server), check=True
    )
    decoder, documents, rest = json.JSONDecoder(), [], said.stdout.lstrip()
    while rest:
        document, end = decoder.raw_decode(rest)
        documents.append(document)
        rest = rest[end:].lstrip()
    held, decision, scores = documents
    assert held["items"] == server.get("/recommendations", held="true", sort="-weight", limit=50)["items"]
    assert decision["stages"]
    assert {row["symbol"] for row in scores["items"]} <= {"SIM00001", "SIM00002"}
    assert (tmp_path / "equity.arrow").stat().st_size > 1000


def test_python(server: Server, tmp_path: Path) -> None:
    """With the package that is installed here; make test installs it."""
    known = subprocess.run([sys.executable, "-c", "import orrery; orrery.Client"], cwd=tmp_path, check=False)
    if known.returncode != 0:
        pytest.skip("skipped, the package is not installed here")
    said = subprocess.run(
        [sys.executable, "-c", example("python")],
        capture_output=True, text=True, cwd=tmp_path, env=environment(server), check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stderr
    names = server.get("/recommendations", limit=1)["total"]
    assert said.stdout.splitlines()[-1] == f"{names} names"


@pytest.mark.skipif(find_chromium() is None, reason="skipped, no chromium here")
def test_javascript(server: Server) -> None:
    with Browser() as browser:
        browser.visit(server.url, "document.querySelector('.door input')")
        told = browser.evaluate(
            f"(async (ORRERY, TOKEN) => {{ const said = []; const console = {{ log: (...words) => said.push(words) }};"
            f"{example('js')}; return said; }})({json.dumps(server.url)}, {json.dumps(server.token)})"
        )
    held = server.get("/recommendations", held="true")
    assert told == [[held["about"]["date"], held["total"]], ["snapshot", 2]]
