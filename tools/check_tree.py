"""Checks what every tracked file must keep to, whatever its language.

No machine's paths, no package registry's host, no file over 1 MB or 800 lines, no promise instead of a thing, no
disabled test, a README in every room. Prints `file:line: what is wrong` and exits with 1 where there is anything.

usage: check_tree.py [--root FOLDER]
"""

import argparse
import fnmatch
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from check_layers import Violation, tracked_files

LARGEST_FILE = 1_000_000  # bytes
LONGEST_FILE = 800  # lines
# Written by other programs, or by others.
LONG_BY_NATURE = ("*.lock", "*package-lock.json", "requirements/*.txt", "LICENSE", "*.svg", "*.csv", "docs/reference/*")

HOSTS = (
    r"pypi\.org",
    r"pythonhosted\.org",
    r"registry\.npmjs\.org",
    r"registry\.yarnpkg\.com",
    r"crates\.io",
    r"proxy\.golang\.org",
    r"repo1?\.maven\.(?:org|apache\.org)",
    r"deb\.debian\.org",
    r"archive\.ubuntu\.com",
    r"index\-url",
)
LINE_RULES = [
    (re.compile(r"(?<![\w.}/-])/(?:work|root|home|tmp)/"), "names a machine's path"),
    (re.compile(r"\b(?:" + "|".join(HOSTS) + ")"), "names a package registry's host"),
    (re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b"), "promises instead of doing"),
    (
        re.compile(r"\bnot (?:yet )?imple" + r"mented\b|\bcoming so" + r"on\b", re.IGNORECASE),
        "promises instead of doing",
    ),
    (re.compile(r"\bDIS" + r"ABLED_|@pytest\.mark\.sk" + r"ip\b"), "disables a test"),
]


def check_text(file: str, text: str) -> Iterator[Violation]:
    """Checks the lines of one text file."""
    lines = text.splitlines()
    if len(lines) > LONGEST_FILE and not any(fnmatch.fnmatch(file, pattern) for pattern in LONG_BY_NATURE):
        yield Violation(file, len(lines), f"has {len(lines)} lines; at most {LONGEST_FILE} are allowed")
    for number, line in enumerate(lines, 1):
        for pattern, does in LINE_RULES:
            if found := pattern.search(line):
                yield Violation(file, number, f"{does}: {found.group()}")


def check_file(root: Path, file: str) -> Iterator[Violation]:
    content = (root / file).read_bytes()
    if len(content) > LARGEST_FILE:
        yield Violation(file, 1, f"has {len(content)} bytes; at most {LARGEST_FILE} are allowed")
    if b"\0" not in content[:8192]:
        yield from check_text(file, content.decode("utf-8", errors="replace"))


def check_rooms(files: list[str]) -> Iterator[Violation]:
    """Every folder directly below orrery/, plugins/ and apps/ has a README."""
    rooms = {"/".join(file.split("/")[:2]) for file in files if re.match(r"(orrery|plugins|apps)/[^/]+/", file)}
    for room in sorted(rooms):
        if f"{room}/README.md" not in files:
            yield Violation(room, 1, "has no README.md")


def check_tree(root: Path, files: list[str]) -> list[Violation]:
    violations = list(check_rooms(files))
    for file in files:
        violations += check_file(root, file)
    return violations


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent)
    root = parser.parse_args().root
    files = tracked_files(root)
    violations = check_tree(root, files)
    for violation in violations:
        print(violation)
    print(f"tree: {len(files)} files looked at, {len(violations)} violations")
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
