"""The dashboard's sources: types fit, unit tests pass, the first page is small, nothing is loaded from elsewhere."""

import gzip
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOM = Path(__file__).resolve().parent
MODULES = ROOM / "node_modules"
FIRST_PAGE_SCRIPT = 100_000  # bytes, gzip

pytestmark = pytest.mark.skipif(
    not MODULES.exists() or shutil.which("node") is None, reason="skipped, no node_modules in web/dashboard"
)


def node(tool: str, *arguments: str) -> str:
    done = subprocess.run(
        ["node", str(MODULES / tool), *arguments], cwd=ROOM, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundle")
    node("vite/bin/vite.js", "build", "--outDir", str(folder), "--emptyOutDir", "--logLevel", "warn")
    return folder


def test_types_fit() -> None:
    node("typescript/bin/tsc", "--noEmit")


def test_unit_tests_pass() -> None:
    assert "passed" in node("vitest/vitest.mjs", "run")


def test_the_first_page_is_small(bundle: Path) -> None:
    page = (bundle / "index.html").read_text()
    scripts = re.findall(r'src="/(assets/[^"]+\.js)"', page) + re.findall(r'modulepreload"[^>]*href="/([^"]+)"', page)
    assert len(scripts) >= 1
    assert sum(len(gzip.compress((bundle / script).read_bytes())) for script in scripts) < FIRST_PAGE_SCRIPT
    # The charts are large, so they come in pieces of their own.
    assert sum(1 for file in (bundle / "assets").glob("*.js") if file.stat().st_size > 150_000) == 2


def test_the_page_holds_to_the_policy(bundle: Path) -> None:
    """No inline script, and nothing that another host is asked for."""
    page = (bundle / "index.html").read_text()
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", page))
    assert not re.search(r"\son\w+=", page)
    for address in re.findall(r'(?:src|href)="([^"]+)"', page):
        assert address.startswith("/") and not address.startswith("//")
    for style in (bundle / "assets").glob("*.css"):
        assert not re.search(r"url\((?!/assets/)", style.read_text())


def test_every_package_is_pinned_with_its_digest() -> None:
    package = json.loads((ROOM / "package.json").read_text())
    wanted = package["dependencies"] | package["devDependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())
    lock = json.loads((ROOM / "package-lock.json").read_text())["packages"]
    assert all(entry.get("integrity") for path, entry in lock.items() if path)
