"""Runs clang-tidy on the sources of a built preset, on all cores, and remembers what has passed.

Sources that are compiled as one (a unit of CMake's) are looked at as one. A source is looked at again only when it, what
it reaches of the project, its flags, the configuration, the pinned wheels or clang-tidy itself has changed. Tests and
benches are left out. Exits with 1 where anything is found.

usage: run_tidy.py [--build FOLDER] [--jobs N] [FILE…]
"""

import argparse
import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache/tidy"
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)
UNIT = re.compile(r"/Unity/unity_\d+_cxx\.cxx$")
LEFT_OUT = ("_test.cc", "_bench.cc")
# Said by clang-tidy about other people's headers.
NOISE = re.compile(r"^\d+ warnings? generated|^Suppressed \d+|^Use -header-filter", re.MULTILINE)


@dataclass(frozen=True)
class Source:
    """A file to look at, with what it is compiled with."""

    file: str
    flags: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    source: Source
    passed: bool
    output: str
    seconds: float


def flags_of(command: str, root: Path) -> tuple[str, ...]:
    """Returns the arguments of a compile command without the compiler, the output and the folder's own path."""
    words = shlex.split(without_precompiled_header(command))[1:]
    kept = [word for i, word in enumerate(words) if word not in ("-o", "-c") and (i == 0 or words[i - 1] != "-o")]
    return tuple(word.replace(str(root), ".") for word in kept)


def sources_of(build: Path, root: Path) -> list[Source]:
    """Returns the project's own sources and units of a compile_commands.json, each once."""
    found: dict[str, Source] = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        path = Path(entry["directory"], entry["file"]).resolve()
        if not path.is_relative_to(root) or not path.is_file():
            continue
        file = str(path.relative_to(root))
        members = members_of(file, root)
        if members and not all(member.endswith(LEFT_OUT) for member in members):
            found.setdefault(file, Source(file, flags_of(entry["command"], root)))
    return list(found.values())


def members_of(file: str, root: Path) -> list[str]:
    """Returns the sources that a file of a compile command stands for: those of a unit, or itself; none for another
    one that the build has made."""
    if UNIT.search(file):
        return [member for member in included_by(file, root) if not Path(member).is_relative_to("build")]
    return [] if Path(file).is_relative_to("build") else [file]


def included_by(file: str, root: Path) -> list[str]:
    """Returns what a file includes in quotes, relative to the repository; units name their sources from the root of all."""
    names = [Path(name) for name in INCLUDE.findall((root / file).read_text())]
    return [str(name.relative_to(root)) if name.is_relative_to(root) else str(name) for name in names]


def reached_files(file: str, root: Path) -> list[str]:
    """Returns a source and what it includes of the project, directly or not, sorted."""
    reached: set[str] = set()
    waiting = [file]
    while waiting:
        current = waiting.pop()
        if current in reached or not (root / current).is_file():
            continue
        reached.add(current)
        waiting += included_by(current, root)
    return sorted(reached)


def digest_of(source: Source, surroundings: str, root: Path) -> str:
    """Returns a digest of everything that clang-tidy's verdict on a source depends on."""
    digest = hashlib.sha256(surroundings.encode())
    digest.update("\0".join(source.flags).encode())
    for file in reached_files(source.file, root):
        digest.update(f"\0{file}\0".encode() + (root / file).read_bytes())
    return digest.hexdigest()


def surroundings_of(tidy: str, root: Path) -> str:
    """Returns what every verdict depends on: the tool, its configuration, the headers of the pinned wheels."""
    version = subprocess.run([tidy, "--version"], check=True, capture_output=True, text=True).stdout
    texts = [root / ".clang-tidy", root / "requirements/build.txt"]
    return version + "".join(path.read_text() for path in texts if path.is_file())


def without_precompiled_header(command: str) -> str:
    """Drops what makes a compiler read another compiler's precompiled header."""
    return re.sub(r" -Winvalid-pch\b| -include \S*/cmake_pch\.hxx", "", command)


def write_database(build: Path, cache: Path) -> None:
    """Writes the compile commands as clang-tidy can follow them."""
    entries = json.loads((build / "compile_commands.json").read_text())
    for entry in entries:
        entry["command"] = without_precompiled_header(entry["command"])
    (cache / "compile_commands.json").write_text(json.dumps(entries))


def look_at(source: Source, tidy: str, database: Path, root: Path) -> Outcome:
    start = time.monotonic()
    command = [tidy, "-p", str(database), "--quiet"]
    if UNIT.search(source.file):
        command.append("--checks=-bugprone-suspicious-include")  # a unit is made of sources
    command.append(source.file)
    done = subprocess.run(command, cwd=root, check=False, capture_output=True, text=True)
    lines = [line for line in (done.stdout + done.stderr).splitlines() if not NOISE.match(line)]
    return Outcome(source, done.returncode == 0, "\n".join(lines), time.monotonic() - start)


def size_of(source: Source, root: Path) -> int:
    return sum((root / member).stat().st_size for member in members_of(source.file, root))


def run(sources: list[Source], tidy: str, build: Path, jobs: int, root: Path = ROOT, cache: Path = CACHE) -> bool:
    """Looks at all sources that have not passed yet, prints what was found, and returns whether all pass."""
    surroundings = surroundings_of(tidy, root)
    markers = {source: cache / digest_of(source, surroundings, root) for source in sources}
    waiting = [source for source in sources if not markers[source].exists()]
    # The large ones first, so that no core waits for one at the end.
    waiting.sort(key=lambda source: size_of(source, root), reverse=True)
    cache.mkdir(parents=True, exist_ok=True)
    write_database(build, cache)
    failed = 0
    with ThreadPoolExecutor(jobs) as pool:
        for outcome in pool.map(lambda source: look_at(source, tidy, cache, root), waiting):
            if outcome.passed:
                markers[outcome.source].touch()
            else:
                failed += 1
                print(f"{outcome.source.file}: {outcome.seconds:.1f} s\n{outcome.output}", flush=True)
    print(f"tidy: {len(sources)} sources, {len(sources) - len(waiting)} passed before, {failed} with findings")
    return failed == 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, default=ROOT / "build/release")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--tidy", default=str(ROOT / ".venv/bin/clang-tidy"), help="the program to run")
    parser.add_argument("files", nargs="*", help="only these, relative to the repository")
    arguments = parser.parse_args()
    if shutil.which(arguments.tidy) is None:
        print(f"tidy: {arguments.tidy} is not installed; run tools/setup.sh check")
        return 1
    if not (arguments.build / "compile_commands.json").is_file():
        print(f"tidy: no compile_commands.json in {arguments.build}; run tools/build.sh release")
        return 1
    sources = sources_of(arguments.build, ROOT)
    if arguments.files:
        sources = [source for source in sources if not set(arguments.files).isdisjoint(members_of(source.file, ROOT))]
    return 0 if run(sources, arguments.tidy, arguments.build, arguments.jobs) else 1


if __name__ == "__main__":
    sys.exit(main())
