"""`orrery data validate` as a person uses it, on a file and on a lake."""

import json
import math
import random
from pathlib import Path

from program import check_help, orrery


def prices(unit_errors: range) -> str:
    """A year of one share, with some days in pence."""
    source = random.Random(3)
    lines = ["date,symbol,open,high,low,close,volume,note"]
    close = 20.0
    for day in range(250):
        close *= math.exp(0.01 * source.gauss(0, 1))
        unit = 100 if day in unit_errors else 1
        row = [round(close * factor, 4) * unit for factor in (1.0, 1.01, 0.99, 1.0)]
        date = f"2021-{1 + day // 25:02d}-{1 + day % 25:02d}"
        lines.append(f"{date},AAA,{','.join(str(value) for value in row)},{1000 + day},kept as it is")
    return "\n".join(lines) + "\n"


def test_help_has_an_example() -> None:
    assert "--repair" in check_help(["data", "validate"])


def test_a_file_is_looked_at_and_written_anew(tmp_path: Path) -> None:
    (tmp_path / "prices.csv").write_text(prices(range(100, 110)))
    answer = orrery("data", "validate", "--file", "prices.csv", cwd=tmp_path)
    assert answer.returncode == 0, answer.stderr
    assert "100x unit, repairable: prices" in answer.stdout
    assert "--repair --out FILE" in answer.stdout
    arguments = ("data", "validate", "--file", "prices.csv", "--repair", "--out", "fixed.csv", "--json")
    said = json.loads(orrery(*arguments, cwd=tmp_path).stdout)
    assert [(one["kind"], one["fate"]) for one in said["findings"]] == [("100x unit", "repaired")]
    fixed = (tmp_path / "fixed.csv").read_text().splitlines()
    right = prices(range(0)).splitlines()
    assert fixed[:101] == right[:101]
    assert fixed[111:] == right[111:]
    for given, expected in zip(fixed[101:111], right[101:111], strict=True):
        a, b = given.split(","), expected.split(",")
        assert (a[:2], a[6:]) == (b[:2], b[6:])
        assert all(math.isclose(float(x), float(y), rel_tol=1e-12) for x, y in zip(a[2:6], b[2:6], strict=True))
    assert orrery("data", "validate", "--file", "fixed.csv", "--strict", cwd=tmp_path).returncode == 0
    assert orrery("data", "validate", "--file", "prices.csv", "--strict", cwd=tmp_path).returncode == 1


def test_a_lake_keeps_what_was_known(tmp_path: Path) -> None:
    (tmp_path / "prices.csv").write_text(prices(range(100, 110)))
    assert orrery("import", "prices", "prices.csv", cwd=tmp_path).returncode == 0
    answer = orrery("data", "validate", "--repair", cwd=tmp_path)
    assert answer.returncode == 0, answer.stderr
    assert "added: 10 rows to bars_1d, 0 rows to corporate_actions" in answer.stdout
    read = ("data", "read", "bars_1d", "--rows", "300", "--json")
    before = json.loads(orrery(*read, "--as-of", "2022-01-01", cwd=tmp_path).stdout)
    after = json.loads(orrery(*read, "--as-of", "2100-01-01", cwd=tmp_path).stdout)
    assert [row["close"] > 1000 for row in before].count(True) == 10
    assert all(row["close"] < 1000 for row in after)
    assert [row["source"] for row in after].count("repair") == 10
    notes = json.loads(orrery("data", "read", "quarantine", "--json", cwd=tmp_path).stdout)
    assert [note["reason"] for note in notes] == ["repaired: 100x unit"]
    again = orrery("data", "validate", cwd=tmp_path)
    assert "nothing is wrong" in again.stdout
    # The same file again says nothing new of its own, so that the repair stays.
    assert orrery("import", "prices", "prices.csv", cwd=tmp_path).returncode == 0
    assert "nothing is wrong" in orrery("data", "validate", cwd=tmp_path).stdout


def test_what_does_not_go_together_is_said(tmp_path: Path) -> None:
    answer = orrery("data", "validate", "--file", "prices.csv", "--repair", cwd=tmp_path)
    assert answer.returncode != 0
    assert "--out FILE" in answer.stderr
    answer = orrery("data", "validate", "--out", "fixed.csv", cwd=tmp_path)
    assert answer.returncode != 0
    assert "--file" in answer.stderr
