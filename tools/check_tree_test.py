"""Plants violations and expects each to be found, and nothing else."""

from pathlib import Path

import pytest

import check_tree


def messages(text: str, file: str = "docs/page.md") -> list[str]:
    return [violation.message for violation in check_tree.check_text(file, text)]


@pytest.mark.parametrize(
    "text",
    [
        "data lies in " + "/wo" + "rk/data",
        'open("' + "/ho" + 'me/me/prices.csv")',
        "path=" + "/ro" + "ot/x",
        "cd " + "/tm" + "p/x",
        "--extra-index" + "-url https://example.org",
        "https://registry.npmjs" + ".org/left-pad",
        "see pypi" + ".org",
        "// TO" + "DO: later",
        "# FIX" + "ME",
        "this is not imple" + "mented",
        "TEST(Ledger, DIS" + "ABLED_balances)",
    ],
)
def test_finds_a_line_that_must_not_be(text: str) -> None:
    assert len(messages(f"first line\n{text}\n")) == 1


@pytest.mark.parametrize(
    "text",
    [
        "https://example.org/home/page",
        "../work/thing",
        "build/tmp/x",
        "a framework/",
        "${HOME}/work/",
        "is implemented",
    ],
)
def test_lets_pass_what_only_looks_alike(text: str) -> None:
    assert messages(text) == []


def test_finds_a_long_file_unless_another_program_wrote_it() -> None:
    text = "line\n" * 801
    assert len(messages(text, "orrery/base/long.cc")) == 1
    assert messages(text, "web/package-lock.json") == []
    assert messages("line\n" * 800, "orrery/base/long.cc") == []


def test_finds_a_large_file_and_does_not_read_a_binary_one_as_text(tmp_path: Path) -> None:
    (tmp_path / "large.bin").write_bytes(b"\0" * 1_000_001)
    (tmp_path / "small.bin").write_bytes(b"\0" + b"TO" + b"DO")
    assert len(list(check_tree.check_file(tmp_path, "large.bin"))) == 1
    assert list(check_tree.check_file(tmp_path, "small.bin")) == []


def test_finds_a_room_without_a_readme() -> None:
    files = ["orrery/base/error.cc", "orrery/market/README.md", "orrery/market/panel.h", "plugins/CMakeLists.txt"]
    assert [violation.file for violation in check_tree.check_rooms(files)] == ["orrery/base"]
