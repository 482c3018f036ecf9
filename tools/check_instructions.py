"""Checks that no instruction of AVX-512 can run on a machine without it.

usage: check_instructions.py BUILD_FOLDER

Code for AVX-512 lies in the objects named *avx512*, in functions that only their own object can call. Anywhere else, or
in a function that the linker may share between objects (an inline function or a template), the program could end up with
an AVX-512 copy of something that every machine runs. The one exception says so in its name: a function called *_wide is
declared for AVX-512 itself (attribute target), so each of its copies is for AVX-512 and its caller asks the processor
first; what it calls without inlining is held to the rule. Disassembles all objects of the program and its plug-ins.
"""

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

FUNCTION = re.compile(r"^[0-9a-f]+ <(.+)>:$")
# Registers that AVX-512 alone has, and masks.
AVX512 = re.compile(r"zmm\d|[xy]mm(?:1[6-9]|2\d|3[01])\b|\{k[0-7]\}")


def own_name(symbol: str) -> str:
    """Returns a C++ function's name without its namespaces and template arguments; another symbol as it is."""
    rest = re.sub(r"^_ZN?", "", symbol)
    name = symbol
    while length := re.match(r"\d+", rest):
        end = length.end() + int(length[0])
        name, rest = rest[length.end() : end], rest[end:]
    return name


def functions_with_avx512(disassembly: str) -> set[str]:
    """Returns the names of the functions that hold an instruction of AVX-512."""
    found = set()
    function = ""
    for line in disassembly.splitlines():
        if head := FUNCTION.match(line):
            function = head[1]
        elif AVX512.search(line):
            found.add(function)
    return found


def shared_functions(symbols: str) -> set[str]:
    """Returns the functions of an object that others may call or that the linker may merge, from the output of nm."""
    rows = (line.split() for line in symbols.splitlines())
    return {row[-1] for row in rows if len(row) >= 3 and row[-2] in "TWVu"}


def output_of(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def complaints(path: Path) -> list[str]:
    found = functions_with_avx512(output_of("objdump", "-d", "--no-show-raw-insn", str(path)))
    if "avx512" in path.name:
        found &= shared_functions(output_of("nm", str(path)))
    found = {name for name in found if not own_name(name).endswith("_wide")}
    return [f"{path}: {name} has instructions of AVX-512" for name in sorted(found)]


def objects(build: Path) -> list[Path]:
    folders = [build / "orrery", build / "plugins", build / "apps"]
    found = [path for folder in folders for path in folder.rglob("*.o")]
    return [path for path in found if not path.name.endswith(("_test.cc.o", "_bench.cc.o"))]


def main() -> int:
    paths = objects(Path(sys.argv[1]))
    kernels = [path for path in paths if "avx512" in path.name]
    if not kernels:
        print(f"{sys.argv[1]}: no object for AVX-512 found among {len(paths)}: nothing was checked", file=sys.stderr)
        return 1
    with ThreadPoolExecutor() as pool:
        found = [line for lines in pool.map(complaints, paths) for line in lines]
    for line in found:
        print(line, file=sys.stderr)
    print(f"instructions: {len(paths)} objects, {len(kernels)} of them for AVX-512, {len(found)} complaints")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
