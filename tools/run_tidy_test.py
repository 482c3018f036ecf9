"""Runs the runner on a small tree with a stand-in for clang-tidy that dislikes the word `bad`."""

import json
from pathlib import Path

import pytest

import run_tidy

STAND_IN = """#!/bin/sh
if [ "$1" = --version ]; then echo 1; exit 0; fi
for file; do :; done
echo "$file" >>looked_at.txt
if grep -q bad "$file"; then echo "$file:1:1: error: bad"; exit 1; fi
"""


class Tree:
    """A tree with two sources and a header that one of them reaches through another."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("room/a.cc", '#include "room/a.h"\n')
        self.write("room/a.h", '#include "room/deep.h"\n')
        self.write("room/deep.h", "int deep();\n")
        self.write("room/b.cc", "int b();\n")
        self.write("room/b_test.cc", "bad\n")
        self.write(".clang-tidy", "Checks: all\n")
        self.write("tidy", STAND_IN)
        (root / "tidy").chmod(0o755)
        sources = ["room/a.cc", "room/b.cc", "room/b_test.cc", "room/a.cc", "gone.cc", "build/generated.cc"]
        self.write("build/generated.cc", "bad\n")
        entries = [
            {"directory": str(root), "file": str(root / name), "command": f"c++ -I{root} -O2 -o {name}.o -c {name}"}
            for name in sources
        ]
        self.write("build/compile_commands.json", json.dumps(entries))

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def run(self) -> tuple[bool, list[str]]:
        """Returns whether all passed, and which files were looked at."""
        log = self.root / "looked_at.txt"
        log.unlink(missing_ok=True)
        sources = run_tidy.sources_of(self.root / "build", self.root)
        tidy = str(self.root / "tidy")
        passed = run_tidy.run(sources, tidy, self.root / "build", 2, self.root, self.root / "cache")
        return passed, sorted(log.read_text().split()) if log.exists() else []


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def test_looks_at_own_sources_once_and_remembers_what_passed(tree: Tree) -> None:
    assert tree.run() == (True, ["room/a.cc", "room/b.cc"])
    assert tree.run() == (True, [])


def test_a_change_in_a_header_reached_through_another_counts(tree: Tree) -> None:
    tree.run()
    tree.write("room/deep.h", "long deep();\n")
    assert tree.run() == (True, ["room/a.cc"])


def test_a_change_of_the_configuration_counts(tree: Tree) -> None:
    tree.run()
    tree.write(".clang-tidy", "Checks: none\n")
    assert tree.run() == (True, ["room/a.cc", "room/b.cc"])


def test_a_finding_is_printed_and_not_remembered(tree: Tree, capsys: pytest.CaptureFixture[str]) -> None:
    tree.write("room/b.cc", "bad\n")
    assert tree.run() == (False, ["room/a.cc", "room/b.cc"])
    assert "room/b.cc:1:1: error: bad" in capsys.readouterr().out
    assert tree.run() == (False, ["room/b.cc"])


def test_flags_do_not_depend_on_where_the_repository_lies(tmp_path: Path) -> None:
    command = f"/usr/bin/c++ -I{tmp_path} -O3 -o x.o -c {tmp_path}/x.cc"
    assert run_tidy.flags_of(command, tmp_path) == ("-I.", "-O3", "./x.cc")


def test_another_compilers_precompiled_header_is_left_out(tree: Tree) -> None:
    entries = json.loads((tree.root / "build/compile_commands.json").read_text())
    header = f"{tree.root}/build/app.dir/cmake_pch.hxx"
    entries[0]["command"] += f" -Winvalid-pch -include {header} -include room/a.h"
    tree.write("build/compile_commands.json", json.dumps(entries))
    tree.run()
    (followed, *_) = json.loads((tree.root / "cache/compile_commands.json").read_text())
    assert "pch" not in followed["command"]
    assert followed["command"].endswith(" -include room/a.h")


def test_sources_that_are_compiled_as_one_are_looked_at_as_one(tree: Tree) -> None:
    entries = json.loads((tree.root / "build/compile_commands.json").read_text())
    for number, members in enumerate([["room/a.cc", "room/b.cc"], ["room/b_test.cc"]]):
        unit = f"build/room.dir/Unity/unity_{number}_cxx.cxx"
        tree.write(unit, "".join(f'#include "{tree.root}/{member}"\n' for member in members))
        entries.append({"directory": str(tree.root), "file": unit, "command": f"c++ -o x.o -c {unit}"})
    tree.write("build/compile_commands.json", json.dumps(entries[-2:]))
    assert tree.run() == (True, ["build/room.dir/Unity/unity_0_cxx.cxx"])
    assert tree.run() == (True, [])
    tree.write("room/deep.h", "long deep();\n")
    assert tree.run() == (True, ["build/room.dir/Unity/unity_0_cxx.cxx"])
