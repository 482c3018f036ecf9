"""Compares every #include with the table of rooms in tools/layers.toml, and looks for clocks and random numbers.

Nothing outside orrery/base asks the system for the time or for randomness, and nothing is built for the machine that
builds it. Tests (x_test.cc), benches (x_bench.cc, bench/) and testing/ may include anything; nothing else includes
testing/. Prints `file:line: what is wrong` and exits with 1 where there is anything.

usage: check_layers.py [--root FOLDER]
"""

import argparse
import fnmatch
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
CALL_RULES = [
    (re.compile(r"\b(system|steady|high_resolution)_clock::now\b"), "reads a clock"),
    (re.compile(r"\brandom_device\b"), "asks the system for random numbers"),
    (re.compile(r"(?<![\w.:>])(?:std::)?s?rand\s*\("), "uses C's random numbers"),
    (re.compile(r"(?<![\w.:>])(?:std::|::)?time\s*\(\s*(?:NULL|nullptr|0|&\w+)?\s*\)"), "asks the system for the time"),
    (re.compile(r"\bstd::(mt19937|default_random_engine|minstd_rand)"), "makes its own random generator"),
]
NATIVE_BUILD = re.compile(r"-m(arch|cpu|tune)=native")
COMMENT_OR_TEXT = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.DOTALL)
BUILD_FILES = ("CMakeLists.txt", "*.cmake", "CMakePresets.json", "Makefile", "*.toml", "*.sh")


@dataclass(frozen=True)
class Violation:
    """Something that the table does not allow."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


def is_free(file: str) -> bool:
    """Tells whether a file may include anything: tests, benches and what serves them."""
    return file.endswith(("_test.cc", "_bench.cc")) or file.split("/")[0] in ("testing", "bench", "fuzz")


def without_comments_and_texts(code: str) -> str:
    """Blanks comments and string literals, keeping the lines."""
    return COMMENT_OR_TEXT.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), code)


def own_folder(path: str, depth: int) -> str:
    return "/".join(path.split("/")[:depth])


class Layers:
    """The table of who may include what."""

    def __init__(self, table: dict) -> None:
        self.rooms: dict[str, list[str]] = table["rooms"]
        self.headers: dict[str, list[str]] = table["headers"]
        self.plugins: dict[str, str | list[str]] = table["plugins"]
        self.plugin_headers: list[str] = table["apps"]["plugin_headers"]
        self.server_header: str = table["apps"]["server_header"]
        self.bindings: list[str] = table["bindings"]["rooms"]
        self.libraries: dict[str, list[str]] = table["libraries"]

    def rooms_of(self, file: str) -> list[str]:
        """Returns the rooms that a file may include."""
        top, name = file.split("/")[:2]
        if top == "orrery":
            return [name, *self.rooms.get(name, [])]
        if top == "plugins":
            interface = self.plugins.get(name, "base")
            return ["base", "market", *([interface] if isinstance(interface, str) else interface)]
        if top == "python":
            return self.bindings
        return list(self.rooms)

    def own_problem(self, file: str) -> str | None:
        """Says what is wrong with the file's own place."""
        top, name = file.split("/")[:2]
        if top == "orrery" and name not in self.rooms:
            return f"the room '{name}' is not in tools/layers.toml"
        if top == "plugins" and name not in self.plugins and file.count("/") > 1:
            return f"the kind of plug-in '{name}' is not in tools/layers.toml"
        return None

    def project_problem(self, file: str, header: str) -> str | None:
        """Says why `file` may not include the project's header, if so."""
        if header.startswith("testing/"):
            return f"only tests and benches may include {header}"
        allowed = self.rooms_of(file)
        if header.startswith("orrery/"):
            name = file.split("/")[1]
            if header.split("/")[1] in allowed or header in self.headers.get(name, []):
                return None
            return f"{own_folder(file, 2)} may not include {header}; it may include: {', '.join(sorted(allowed))}"
        if own_folder(header, 2) == own_folder(file, 2):
            return None
        if file.startswith("apps/") and header == self.server_header:
            return None
        if file.startswith("apps/") and header.startswith("plugins/") and header.split("/")[-1] in self.plugin_headers:
            return None
        return f"{own_folder(file, 2)} may not include {header}"

    def library_problem(self, file: str, header: str) -> str | None:
        """Says why `file` may not include the library's header, if so."""
        for prefix, patterns in self.libraries.items():
            if header.startswith(prefix):
                if any(fnmatch.fnmatch(file, pattern) for pattern in patterns):
                    return None
                return f"{header} may be included only in: {', '.join(patterns)}"
        is_standard = "/" not in header and "." not in header
        return None if is_standard else f"{header} belongs to no library in tools/layers.toml"


def check_includes(layers: Layers, file: str, code: str) -> Iterator[Violation]:
    for number, line in enumerate(code.splitlines(), 1):
        if not (found := INCLUDE.match(line)):
            continue
        quote, header = found.groups()
        problem = layers.project_problem(file, header) if quote == '"' else layers.library_problem(file, header)
        if problem:
            yield Violation(file, number, problem)


def check_calls(file: str, code: str) -> Iterator[Violation]:
    if file.startswith("orrery/base/"):
        return
    for number, line in enumerate(without_comments_and_texts(code).splitlines(), 1):
        for pattern, does in CALL_RULES:
            if pattern.search(line):
                yield Violation(file, number, f"{does}; only orrery/base may")


def check_source(layers: Layers, file: str, code: str) -> Iterator[Violation]:
    """Checks one C++ file of orrery/, plugins/, apps/ or python/."""
    if is_free(file):
        return
    if problem := layers.own_problem(file):
        yield Violation(file, 1, problem)
    else:
        yield from check_includes(layers, file, code)
    yield from check_calls(file, code)


def check_build_file(file: str, text: str) -> Iterator[Violation]:
    for number, line in enumerate(text.splitlines(), 1):
        if NATIVE_BUILD.search(line.split("#")[0]):
            yield Violation(file, number, "builds for this machine only; the floor is x86-64-v3")


def check_tree(layers: Layers, root: Path, files: list[str]) -> list[Violation]:
    """Checks the named files below `root`."""
    violations: list[Violation] = []
    for file in files:
        path = PurePosixPath(file)
        if (
            path.parts[0] in ("orrery", "plugins", "apps", "python")
            and path.suffix in (".cc", ".h")
            and len(path.parts) > 2
        ):
            violations += check_source(layers, file, (root / file).read_text())
        elif any(fnmatch.fnmatch(path.name, pattern) for pattern in BUILD_FILES):
            violations += check_build_file(file, (root / file).read_text())
    return violations


def tracked_files(root: Path) -> list[str]:
    """Returns the files that git tracks or would track, without those that are deleted."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return sorted({name for name in listing.stdout.split("\0") if name and (root / name).is_file()})


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent)
    root = parser.parse_args().root
    layers = Layers(tomllib.loads((root / "tools/layers.toml").read_text()))
    files = tracked_files(root)
    violations = check_tree(layers, root, files)
    for violation in violations:
        print(violation)
    print(f"layers: {len(files)} files looked at, {len(violations)} violations")
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
