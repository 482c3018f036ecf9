"""Runs the snippets of the documents, so that what they show works.

A fenced block says by the words after its language what is done with it:

    ```sh run              runs the lines as one script; it must exit with 0
    ```sh run exit=2       it must exit with 2 (a wrong usage that the page explains)
    ```console run         lines that begin with `$ ` run; the lines below each are its output (`...`: any)
    ```sh run shared       runs only where the shared real data lies ($ORRERY_SHARED); counted as skipped elsewhere
    ```sh run timeout=600  may take that many seconds (usually 120)
    ```sh norun            shown only: it needs a network, a person, or changes the machine
    ```python run          runs as a script of the Python that runs this one, with all the words above

A block of shell or Python without one of these words is an error. The blocks of a page run in order in one scratch folder, which
holds a copy of examples/, with the built program first on PATH, testing/ at $ORRERY_TESTING and an empty $ORRERY_HOME; so a later block may use what an
earlier one wrote.

usage: check_docs.py [--build FOLDER] [PAGE…]
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "docs/**/*.md", "examples/**/*.md")
LANGUAGES = ("sh", "bash", "shell", "console", "python")
USUAL_TIMEOUT = 120  # seconds
FENCE = re.compile(r"^(?P<indent> *)(?P<ticks>```+)(?P<info>[^`]*)$")


@dataclass(frozen=True)
class Snippet:
    """A fenced block of shell or Python."""

    page: str
    line: int
    language: str
    words: tuple[str, ...]
    text: str

    def has(self, word: str) -> bool:
        return word in self.words

    def number(self, name: str, usual: int) -> int:
        """Returns the value of a word `name=N`."""
        return next((int(word.partition("=")[2]) for word in self.words if word.startswith(f"{name}=")), usual)


@dataclass
class Tally:
    """What became of the snippets."""

    ran: int = 0
    skipped: int = 0
    shown: int = 0
    problems: list[str] = field(default_factory=list)


def snippets_of(page: str, text: str) -> Iterator[Snippet]:
    """Yields the blocks of shell and Python of a page."""
    opening: re.Match[str] | None = None
    first = 0
    body: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        fence = FENCE.match(line)
        if opening is None and fence:
            opening, first, body = fence, number, []
        elif opening and fence and fence["ticks"] == opening["ticks"] and not fence["info"].strip():
            language, *words = opening["info"].split() or [""]
            if language in LANGUAGES:
                yield Snippet(page, first, language, tuple(words), "\n".join(body) + "\n")
            opening = None
        elif opening:
            body.append(line.removeprefix(opening["indent"]))


def run_script(
    script: str, folder: Path, environment: dict[str, str], timeout: int, *, python: bool = False
) -> tuple[int, str]:
    """Runs a script; returns its exit code and what it wrote."""
    command = [sys.executable, "-c", script] if python else ["bash", "-euo", "pipefail", "-c", script]
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, timeout=timeout, check=False, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return -1, f"took over {timeout} s"
    return done.returncode, done.stdout


def commands_of(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yields each command of a console block with the output shown below it."""
    command: list[str] = []
    shown: list[str] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            if command:
                yield "\n".join(command), shown
            command, shown = [line[2:]], []
        elif command and command[-1].endswith("\\"):
            command.append(line.removeprefix("> "))
        else:
            shown.append(line)
    if command:
        yield "\n".join(command), shown


def agrees(shown: list[str], found: list[str]) -> bool:
    """Tells whether an output is the one shown; a line `...` stands for any lines, within a line for any text."""
    parts = []
    for line in shown:
        parts.append(
            r"(?:[^\n]*\n)*?" if line.strip() == "..." else re.escape(line).replace(r"\.\.\.", ".*") + r"\s*\n"
        )
    return re.fullmatch("".join(parts), "".join(f"{line.rstrip()}\n" for line in found)) is not None


def problem_of(snippet: Snippet, folder: Path, environment: dict[str, str]) -> str | None:
    """Runs a snippet and says what is wrong with what it did."""
    timeout = snippet.number("timeout", USUAL_TIMEOUT)
    expected = snippet.number("exit", 0)
    steps = commands_of(snippet.text) if snippet.language == "console" else [(snippet.text, None)]
    for script, shown in steps:
        code, output = run_script(script, folder, environment, timeout, python=snippet.language == "python")
        if code != expected:
            return f"exit code {code}, expected {expected}\n{output}"
        if shown and not agrees(shown, output.splitlines()):
            return f"'{script}' wrote\n{output}instead of\n" + "\n".join(shown)
    return None


def shared_folder(root: Path) -> Path:
    return Path(os.environ.get("ORRERY_SHARED", root.parent / "shared")).resolve()


def environment_of(build: Path, root: Path, home: Path) -> dict[str, str]:
    shared = str(shared_folder(root))
    path = f"{build / 'bin'}{os.pathsep}{os.environ['PATH']}"
    own = {"PATH": path, "ORRERY_SHARED": shared, "ORRERY_TESTING": str(root / "testing"), "ORRERY_HOME": str(home)}
    return os.environ | own


def check_snippet(snippet: Snippet, folder: Path, environment: dict[str, str], tally: Tally) -> None:
    where = f"{snippet.page}:{snippet.line}"
    if snippet.has("norun"):
        tally.shown += 1
    elif not snippet.has("run"):
        tally.problems.append(f"{where}: a block says neither `run` nor `norun`")
    elif snippet.has("shared") and not Path(environment["ORRERY_SHARED"]).is_dir():
        tally.skipped += 1
    else:
        start = time.monotonic()
        problem = problem_of(snippet, folder, environment)
        tally.ran += 1
        print(f"{where}: {'failed' if problem else 'ok'}, {time.monotonic() - start:.1f} s", flush=True)
        if problem:
            tally.problems.append(f"{where}: {problem}")


def check_page(page: Path, build: Path, root: Path, tally: Tally) -> None:
    """Runs a page's snippets in a scratch folder of its own."""
    name = str(page.relative_to(root))
    with tempfile.TemporaryDirectory(prefix="orrery-docs-") as scratch:
        if (root / "examples").is_dir():
            shutil.copytree(root / "examples", Path(scratch) / "examples")
        for snippet in snippets_of(name, page.read_text()):
            check_snippet(snippet, Path(scratch), environment_of(build, root, Path(scratch) / "home"), tally)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, default=ROOT / "build/release")
    parser.add_argument("--root", type=Path, default=ROOT)
    parser.add_argument("pages", nargs="*", type=Path)
    arguments = parser.parse_args()
    root = arguments.root.resolve()
    pages = [page.resolve() for page in arguments.pages] or [
        page for pattern in PAGES for page in sorted(root.glob(pattern))
    ]
    tally = Tally()
    for page in pages:
        check_page(page, arguments.build.resolve(), root, tally)
    for problem in tally.problems:
        print(problem)
    print(
        f"docs: {len(pages)} pages, {tally.ran} snippets ran, {len(tally.problems)} problems, "
        f"{tally.skipped} skipped (no shared data), {tally.shown} shown only"
    )
    return 1 if tally.problems else 0


if __name__ == "__main__":
    sys.exit(main())
