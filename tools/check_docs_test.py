"""Runs pages with right and wrong snippets."""

from pathlib import Path

import pytest

import check_docs


def check(tmp_path: Path, text: str) -> check_docs.Tally:
    page = tmp_path / "page.md"
    page.write_text(text)
    tally = check_docs.Tally()
    check_docs.check_page(page, tmp_path / "build", tmp_path, tally)
    return tally


def block(info: str, body: str) -> str:
    return f"Some words.\n\n```{info}\n{body}\n```\n"


@pytest.mark.parametrize(
    ("info", "body"),
    [
        ("sh run", "true"),
        ("sh run exit=2", "exit 2"),
        ("console run", "$ printf 'one\\ntwo\\n'\none\ntwo"),
        ("console run", "$ printf 'one\\ntwo\\nthree\\n'\none\n..."),
        ("console run", "$ echo took 3.14 s\ntook ... s"),
        ("console run", "$ echo a \\\n> b\na b\n$ echo c\nc"),
        ("console run", "$ echo not shown"),
        ("python run", "from pathlib import Path\nassert Path('examples')"),
    ],
)
def test_a_right_snippet_passes(tmp_path: Path, info: str, body: str) -> None:
    tally = check(tmp_path, block(info, body))
    assert (tally.ran, tally.problems) == (1, [])


@pytest.mark.parametrize(
    ("info", "body", "says"),
    [
        ("sh run", "exit 3", "page.md:3: exit code 3, expected 0"),
        ("sh run", "false | true", "exit code 1"),
        ("sh run", "echo $no_such_name", "unbound variable"),
        ("sh run exit=2", "true", "exit code 0, expected 2"),
        ("sh run timeout=1", "sleep 5", "took over 1 s"),
        ("console run", "$ echo one\ntwo", "instead of"),
        ("console run", "$ printf 'one\\nmore\\n'\none", "instead of"),
        ("sh", "true", "neither `run` nor `norun`"),
        ("python run", "raise ValueError('wrong')", "ValueError: wrong"),
        ("python", "pass", "neither `run` nor `norun`"),
    ],
)
def test_a_wrong_snippet_is_found_with_its_place(tmp_path: Path, info: str, body: str, says: str) -> None:
    tally = check(tmp_path, block(info, body))
    assert len(tally.problems) == 1
    assert tally.problems[0].startswith("page.md:3: ")
    assert says in tally.problems[0]


def test_blocks_that_are_shown_only_or_no_shell_do_not_run(tmp_path: Path) -> None:
    tally = check(tmp_path, block("sh norun", "exit 1") + block("yaml", "a: 1") + block("", "exit 1"))
    assert (tally.ran, tally.shown, tally.problems) == (0, 1, [])


def test_blocks_of_a_page_share_a_scratch_folder_with_the_examples(tmp_path: Path) -> None:
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples/study.yaml").write_text("name: x\n")
    tally = check(tmp_path, block("sh run", "cp examples/study.yaml copy.yaml") + block("sh run", "cat copy.yaml"))
    assert (tally.ran, tally.problems) == (2, [])
    assert not (tmp_path / "copy.yaml").exists()


def test_the_built_program_comes_first_on_the_path(tmp_path: Path) -> None:
    program = tmp_path / "build/bin/orrery"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\necho built\n")
    program.chmod(0o755)
    assert check(tmp_path, block("console run", "$ orrery\nbuilt")).problems == []


def test_snippets_that_need_shared_data_are_skipped_without_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORRERY_SHARED", str(tmp_path / "absent"))
    tally = check(tmp_path, block("sh run shared", "exit 1"))
    assert (tally.ran, tally.skipped, tally.problems) == (0, 1, [])


def test_a_block_in_a_list_is_read_without_its_indent() -> None:
    text = "- a point\n\n  ```sh run\n  cat <<X\n  a\n  X\n  ```\n"
    (snippet,) = check_docs.snippets_of("page.md", text)
    assert snippet.text == "cat <<X\na\nX\n"


def test_a_longer_fence_may_show_a_fence() -> None:
    assert list(check_docs.snippets_of("page.md", "````md\n```sh\nexit 1\n```\n````\n")) == []
