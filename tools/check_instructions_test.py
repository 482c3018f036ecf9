"""The check of instructions finds what it is for."""

import subprocess
from pathlib import Path

import check_instructions


def compile_source(folder: Path, name: str, source: str) -> Path:
    (folder / f"{name}.cc").write_text(source)
    path = folder / f"{name}.cc.o"
    subprocess.run(["c++", "-O2", "-c", str(folder / f"{name}.cc"), "-o", str(path)], check=True)
    return path


VECTOR = """
typedef float Lanes __attribute__((vector_size(64)));
#pragma GCC push_options
#pragma GCC target("avx512f")
{keyword} void {name}(Lanes* x) {{ *x = *x + *x; }}
{rest}
#pragma GCC pop_options
"""


def test_wide_code_in_an_ordinary_object_is_found(tmp_path: Path) -> None:
    path = compile_source(tmp_path, "ordinary", VECTOR.format(keyword="", name="twice", rest=""))
    assert len(check_instructions.complaints(path)) == 1


def test_wide_code_that_the_linker_may_share_is_found(tmp_path: Path) -> None:
    inline = VECTOR.format(
        keyword="__attribute__((noinline)) inline",
        name="twice",
        rest="static void use(Lanes* x) { twice(x); }\n"
        "void (*const kUse)(Lanes*) = use; extern void (*const kTable)(Lanes*); void (*const kTable)(Lanes*) = use;",
    )
    path = compile_source(tmp_path, "kernels_avx512", inline)
    assert any("twice" in line for line in check_instructions.complaints(path))


def test_wide_code_of_its_own_object_passes(tmp_path: Path) -> None:
    own = VECTOR.format(
        keyword="__attribute__((noinline)) static",
        name="twice",
        rest="extern void (*const kTable)(Lanes*); void (*const kTable)(Lanes*) = twice;",
    )
    path = compile_source(tmp_path, "kernels_avx512", own)
    assert check_instructions.functions_with_avx512(check_instructions.output_of("objdump", "-d", str(path)))
    assert check_instructions.complaints(path) == []


def test_a_function_declared_wide_passes_and_what_it_calls_does_not(tmp_path: Path) -> None:
    path = compile_source(
        tmp_path,
        "ordinary",
        VECTOR.format(
            keyword="__attribute__((noinline))",
            name="twice",
            rest="namespace a { template <int kWide> void run_wide(Lanes* x) { twice(x); *x = *x * *x; }\n"
            "template void run_wide<3>(Lanes*); }",
        ),
    )
    wide = check_instructions.functions_with_avx512(check_instructions.output_of("objdump", "-d", str(path)))
    assert {check_instructions.own_name(name) for name in wide} == {"twice", "run_wide"}
    assert [line.rsplit(": ", 1)[1] for line in check_instructions.complaints(path)] == [
        "_Z5twicePDv16_f has instructions of AVX-512"
    ]


def test_the_name_of_a_function_is_the_last_before_its_template_arguments() -> None:
    assert check_instructions.own_name("_ZN6orrery3runINS_6a_wideEEEvi") == "run"
    assert check_instructions.own_name("_Z8run_widev") == "run_wide"
    assert check_instructions.own_name("run_wide") == "run_wide"


def test_ordinary_code_passes(tmp_path: Path) -> None:
    path = compile_source(tmp_path, "ordinary", "int twice(int x) { return 2 * x; }\n")
    assert check_instructions.complaints(path) == []
