"""Plants violations in a small tree and expects each to be found, and nothing else."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import check_layers

ROOT = Path(__file__).resolve().parent.parent
LAYERS = check_layers.Layers(tomllib.loads((ROOT / "tools/layers.toml").read_text()))


def problems(file: str, code: str) -> list[str]:
    return [violation.message for violation in check_layers.check_source(LAYERS, file, code)]


@pytest.mark.parametrize(
    ("file", "include"),
    [
        ("orrery/base/error.cc", '"orrery/market/panel.h"'),
        ("orrery/factor/graph.h", '"orrery/data/table.h"'),
        ("orrery/report/page.cc", '"orrery/ml/model.h"'),
        ("orrery/ml/dataset.cc", '"plugins/models/registry.h"'),
        ("orrery/app/run_study.cc", '"apps/cli/terminal.h"'),
        ("orrery/nowhere/thing.cc", '"orrery/base/error.h"'),
        ("plugins/models/ridge.cc", '"orrery/portfolio/strategy.h"'),
        ("plugins/models/ridge.cc", '"plugins/operators/mean.h"'),
        ("plugins/nothing/thing.cc", '"orrery/base/error.h"'),
        ("apps/cli/main.cc", '"plugins/models/lightgbm/boosting.h"'),
        ("orrery/market/panel.cc", '"testing/shared_data.h"'),
        ("orrery/market/panel.cc", '"panel.h"'),
        ("orrery/data/table.h", "<arrow/api.h>"),
        ("orrery/factor/graph.cc", "<arrow/api.h>"),
        ("orrery/ml/model.cc", "<LightGBM/c_api.h>"),
        ("orrery/base/config.h", "<yaml-cpp/yaml.h>"),
        ("orrery/app/study.cc", "<yaml-cpp/yaml.h>"),
        ("plugins/operators/net.cc", "<torch/torch.h>"),
        ("orrery/market/panel.cc", "<boost/asio.hpp>"),
        ("orrery/market/panel.cc", "<gtest/gtest.h>"),
    ],
)
def test_finds_an_include_that_the_table_does_not_allow(file: str, include: str) -> None:
    assert len(problems(file, f"#pragma once\n#include {include}\n")) == 1


@pytest.mark.parametrize(
    ("file", "include"),
    [
        ("orrery/base/error.cc", '"orrery/base/error.h"'),
        ("orrery/base/error.cc", "<vector>"),
        ("orrery/base/config.cc", "<yaml-cpp/yaml.h>"),
        ("orrery/data/parquet.cc", "<arrow/api.h>"),
        ("orrery/report/page.cc", '"orrery/factor/evaluation.h"'),
        ("orrery/execution/engine.cc", '"orrery/risk/drawdown.h"'),
        ("plugins/models/lightgbm/boosting.cc", "<LightGBM/c_api.h>"),
        ("plugins/models/lightgbm/boosting.cc", '"plugins/models/registry.h"'),
        ("apps/cli/main.cc", '"plugins/models/registry.h"'),
        ("orrery/market/panel_test.cc", '"testing/shared_data.h"'),
        ("orrery/market/panel_test.cc", '"orrery/report/page.h"'),
        ("orrery/market/panel_bench.cc", "<benchmark/benchmark.h>"),
    ],
)
def test_lets_pass_what_the_table_allows(file: str, include: str) -> None:
    assert problems(file, f"#include {include}\n") == []


@pytest.mark.parametrize(
    "line",
    [
        "auto now = std::chrono::system_clock::now();",
        "auto now = std::chrono::steady_clock::now();",
        "std::random_device device;",
        "int dice = rand() % 6;",
        "int dice = std::rand() % 6;",
        "long now = time(nullptr);",
        "long now = std::time(NULL);",
        "std::mt19937 generator(1);",
    ],
)
def test_finds_clocks_and_random_numbers_outside_base(line: str) -> None:
    assert len(problems("orrery/market/panel.cc", line)) == 1
    assert problems("orrery/base/clock.cc", line) == []


@pytest.mark.parametrize(
    "line",
    [
        "// time(nullptr) would be wrong here",
        'throw user_error("no std::random_device");',
        "double event_time(int row);",
        "double x = strand(3);",
        "clock.time(row);",
    ],
)
def test_is_not_misled_by_comments_texts_and_other_names(line: str) -> None:
    assert problems("orrery/market/panel.cc", line) == []


def test_finds_a_build_for_this_machine_only() -> None:
    native = "-march=" + "native"
    assert len(list(check_layers.check_build_file("CMakeLists.txt", f"add_compile_options({native})\n"))) == 1
    assert list(check_layers.check_build_file("CMakeLists.txt", f"# never {native}\n")) == []


def test_names_file_and_line_and_fails(tmp_path: Path) -> None:
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools/layers.toml").write_text((ROOT / "tools/layers.toml").read_text())
    (tmp_path / "orrery/base").mkdir(parents=True)
    (tmp_path / "orrery/base/error.cc").write_text('#include <string>\n#include "orrery/market/panel.h"\n')
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    command = [sys.executable, ROOT / "tools/check_layers.py", "--root", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "orrery/base/error.cc:2: orrery/base may not include orrery/market/panel.h" in done.stdout


def test_this_repository_keeps_its_layers() -> None:
    assert check_layers.check_tree(LAYERS, ROOT, check_layers.tracked_files(ROOT)) == []
