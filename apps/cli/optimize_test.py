"""`orrery optimize`: weights from a table of returns or prices."""

import csv
import gzip
import json
import os
from pathlib import Path

import numpy as np
import pytest
from program import check_help, orrery

SHARED = Path(os.environ.get("ORRERY_SHARED", Path(__file__).resolve().parents[2].parent / "shared"))
NAMES = ["ALFA", "BRAVO", "CHARLIE", "DELTA", "ECHO", "FOXTROT"]
PERIODS = 120


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, np.ndarray]:
    """A file of returns and the returns."""
    random = np.random.default_rng(5)
    returns = random.normal(0.002, 0.01, (PERIODS, 1)) + random.normal(0, 0.01, (PERIODS, len(NAMES))).round(6)
    path = tmp_path_factory.mktemp("optimize") / "returns.csv"
    write_table(path, returns)
    return path, returns


def write_table(path: Path, rows: np.ndarray) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["date", *NAMES])
        for day, row in enumerate(rows):
            writer.writerow([str(np.datetime64("2020-01-01") + day), *(repr(float(value)) for value in row)])


def weights_of(*arguments: str) -> dict[str, float]:
    answer = orrery("optimize", *arguments, "--json")
    assert answer.returncode == 0, answer.stderr
    return {entry["name"]: entry["weight"] for entry in json.loads(answer.stdout)["weights"]}


def refused(*arguments: str) -> str:
    answer = orrery("optimize", *arguments)
    assert answer.returncode == 1, answer.stdout
    return answer.stderr


def test_help_lists_the_objectives() -> None:
    text = check_help(["optimize"])
    assert "risk_parity: " in text
    assert "confidence = 0.95" in text


def test_least_variance_is_that_of_the_closed_form(table: tuple[Path, np.ndarray], tmp_path: Path) -> None:
    path, returns = table
    limits = tmp_path / "limits.yaml"
    limits.write_text("weights: {min: -10, max: 10}\n")
    found = weights_of("--returns", str(path), "--objective", "min_volatility", "--set", "covariance=sample",
                       "--constraints", str(limits))  # fmt: skip
    solved = np.linalg.solve(np.cov(returns.T), np.ones(len(NAMES)))
    # The method stops at 1e-11 of the scaled slopes.
    assert list(found.values()) == pytest.approx(list(solved / solved.sum()), abs=1e-8)


def test_prices_are_the_same_as_their_returns(table: tuple[Path, np.ndarray], tmp_path: Path) -> None:
    path, returns = table
    prices = tmp_path / "prices.csv"
    write_table(prices, 100 * np.vstack([np.ones(len(NAMES)), np.cumprod(1 + returns, axis=0)]))
    one = weights_of("--returns", str(path), "--objective", "risk_parity")
    other = weights_of("--prices", str(prices), "--objective", "risk_parity")
    assert list(one.values()) == pytest.approx(list(other.values()), abs=1e-10)


def test_a_row_for_each_date_and_symbol_is_the_same_table(table: tuple[Path, np.ndarray], tmp_path: Path) -> None:
    path, returns = table
    bars = tmp_path / "bars.csv"
    prices = 100 * np.vstack([np.ones(len(NAMES)), np.cumprod(1 + returns, axis=0)])
    lines = [
        f"{name},{np.datetime64('2020-01-01') + day},{prices[day, i]!r}\n"
        for i, name in enumerate(NAMES)
        for day in reversed(range(PERIODS + 1))
    ]
    bars.write_text("symbol,date,close\n" + "".join(lines).replace("np.float64(", "").replace(")", ""))
    one = weights_of("--returns", str(path), "--objective", "min_volatility")
    other = weights_of("--prices", str(bars), "--objective", "min_volatility")
    assert list(one.values()) == pytest.approx(list(other.values()), abs=1e-9)


def test_weights_go_to_a_file_and_come_back_as_the_present_ones(table: tuple[Path, np.ndarray], tmp_path: Path) -> None:
    out, limits = tmp_path / "weights.csv", tmp_path / "limits.yaml"
    answer = orrery("optimize", "--returns", str(table[0]), "--objective", "equal", "--out", str(out))
    assert answer.returncode == 0, answer.stderr
    assert out.read_text().splitlines()[:2] == ["name,weight", "ALFA,0.16666666666666666"]
    limits.write_text("current: weights.csv\nturnover: 0.1\n")
    moved = weights_of("--returns", str(table[0]), "--objective", "max_sharpe", "--constraints", str(limits))
    assert sum(abs(weight - 1 / 6) for weight in moved.values()) / 2 == pytest.approx(0.1, abs=1e-8)


def test_sectors_groups_and_exposures_are_limits(table: tuple[Path, np.ndarray], tmp_path: Path) -> None:
    (tmp_path / "sectors.csv").write_text("symbol,sector\nALFA,X\nBRAVO,X\nCHARLIE,Y\nDELTA,Y\nECHO,Z\nFOXTROT,Z\n")
    (tmp_path / "beta.csv").write_text("name,beta\n" + "".join(f"{name},{i}\n" for i, name in enumerate(NAMES)))
    limits = tmp_path / "limits.yaml"
    limits.write_text(
        "weights: {max: 0.5}\nnames: {ALFA: {max: 0.05}}\nsectors: {file: sectors.csv, max: 0.4, limits: {Z: 0.3}}\n"
        "groups: {pair: {names: [ALFA, ECHO], min: 0.2}}\nexposures: {beta: {file: beta.csv, max: 2.5}}\n"
    )
    found = weights_of("--returns", str(table[0]), "--objective", "max_sharpe", "--constraints", str(limits))
    assert found["ALFA"] <= 0.05 + 1e-8
    assert found["ECHO"] + found["FOXTROT"] <= 0.3 + 1e-8
    assert found["CHARLIE"] + found["DELTA"] <= 0.4 + 1e-8
    assert found["ALFA"] + found["ECHO"] >= 0.2 - 1e-8
    assert sum(i * found[name] for i, name in enumerate(NAMES)) <= 2.5 + 1e-8


def test_constraints_that_contradict_are_named_and_no_others(table: tuple[Path, np.ndarray], tmp_path: Path) -> None:
    limits = tmp_path / "limits.yaml"
    limits.write_text("weights: {max: 0.3}\nturnover: 0.9\ngroups: {all: {names: [ALFA, BRAVO], min: 0.7}}\n")
    message = refused("--returns", str(table[0]), "--objective", "min_volatility", "--constraints", str(limits))
    assert "these constraints together: every weight <= 0.3 (6 names); group all >= 0.7" in message


def test_every_mistake_in_a_file_of_constraints_is_told_with_its_place(
    table: tuple[Path, np.ndarray], tmp_path: Path
) -> None:
    limits = tmp_path / "limits.yaml"
    limits.write_text("weights: {maxi: 0.3}\nnames: {ALFFA: {max: 1}}\ngroups: {g: {names: [ECHO]}}\nturnover: much\n")
    message = refused("--returns", str(table[0]), "--objective", "equal", "--constraints", str(limits))
    assert "limits.yaml:1:17: weights.maxi" in message
    assert "'ALFFA' is none of the 6 names with returns; did you mean 'ALFA'?" in message
    assert "limits.yaml:3:" in message
    assert "limits.yaml:4:" in message


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("date,A,B\n2020-01-01,0.1,x\n2020-01-02,0,0\n", ":2: B: expected a number, found 'x'"),
        ("date,A,B\n2020-01-02,0.1,0\n2020-01-01,0,0\n", ":3: the dates must ascend"),
        ("date,A,B\n2020-01-01,5.1,-7.2\n2020-01-02,0,0\n", "are these percent?"),
        ("date,A,B\n2020-01-01,0.1,\n2020-01-02,0,\n2020-01-03,0,0.1\n", "'B' begins last, on 2020-01-03"),
        ("date\n2020-01-01\n", "a column for each name"),
    ],
)
def test_tables_that_can_not_be_read_say_where(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(text)
    assert complaint in refused("--returns", str(path), "--objective", "equal")


def test_what_is_not_known_is_told_with_what_is(table: tuple[Path, np.ndarray]) -> None:
    assert "did you mean 'cvar'?" in refused("--returns", str(table[0]), "--objective", "cvr")
    assert "riskaversion" in refused("--returns", str(table[0]), "--objective", "utility", "--set", "riskaversion=3")
    assert "either --returns or --prices" in refused("--objective", "equal")


def expected_of(table: Path, views: Path) -> np.ndarray:
    answer = orrery("optimize", "--returns", str(table), "--objective", "max_sharpe", "--set", "covariance=sample",
                    "--views", str(views), "--json")  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    return np.array([entry["expected_return"] for entry in json.loads(answer.stdout)["weights"]])


def test_views_move_expected_returns_from_the_equilibrium(table: tuple[Path, np.ndarray], tmp_path: Path) -> None:
    (tmp_path / "market.csv").write_text("name,value\n" + "".join(f"{n},{i + 1}\n" for i, n in enumerate(NAMES)))
    views = tmp_path / "views.yaml"
    views.write_text(
        "market: market.csv\nrisk_aversion: 3\nrisk_free: 0.0001\nviews:\n  - {name: ECHO, return: 0.004, confidence: 0.8}\n"
        "  - {long: [ALFA, BRAVO], short: [DELTA], return: 0.001}\n"
    )
    covariance, picks = np.cov(table[1].T), np.array([[0, 0, 0, 0, 1, 0], [0.5, 0.5, 0, -1, 0, 0]])
    equilibrium = 3 * covariance @ np.arange(1, 7) / 21 + 0.0001
    # He & Litterman 1999, written with inverses, as in the paper.
    doubt = np.diag(np.diag(picks @ covariance @ picks.T) * [0.25, 1])
    precision = np.linalg.inv(covariance) + picks.T @ np.linalg.inv(doubt) @ picks
    wanted = np.linalg.solve(
        precision, np.linalg.solve(covariance, equilibrium) + picks.T @ np.linalg.solve(doubt, [0.004, 0.001])
    )
    assert expected_of(table[0], views) == pytest.approx(wanted, abs=1e-13)


def test_every_mistake_in_a_file_of_views_is_told_with_its_place(
    table: tuple[Path, np.ndarray], tmp_path: Path
) -> None:
    views = tmp_path / "views.yaml"
    views.write_text(
        "risk_aversion: -1\nviews:\n  - {name: ALFFA, return: 0.1}\n  - {long: [ECHO], return: 0.1, confidence: 60}\n"
        "  - {return: 0.1}\n  - {name: ECHO}\n  - {long: [ECHO], short: [ECHO], return: 0}\n"
    )
    message = refused("--returns", str(table[0]), "--objective", "max_sharpe", "--views", str(views))
    assert "views.yaml:1:" in message
    assert "'ALFFA' is none of the 6 names with returns; did you mean 'ALFA'?" in message
    for line, complaint in [(4, "views[1].confidence"), (5, "about a name"), (6, "expected what"), (7, "stands twice")]:
        assert any(f"views.yaml:{line}:" in told and complaint in told for told in message.splitlines()), message
    views.write_text("risk_aversion: 1\n")
    assert "expected a list of views" in refused(
        "--returns", str(table[0]), "--objective", "equal", "--views", str(views)
    )
    views.write_text("views: [{name: ECHO, return: 0, confidence: 1}, {name: ECHO, return: 1, confidence: 1}]\n")
    message = refused("--returns", str(table[0]), "--objective", "equal", "--views", str(views))
    assert "contradict" in message


def test_more_clusters_than_names_are_refused(table: tuple[Path, np.ndarray]) -> None:
    message = refused("--returns", str(table[0]), "--objective", "nco", "--set", "clusters=7")
    assert "clusters = 7, but there are 6 names" in message


@pytest.mark.skipif(not (SHARED / "data/riskfolio").is_dir(), reason="skipped, no shared data at data/riskfolio")
def test_hierarchical_risk_parity_of_real_prices_has_the_weights_that_riskfolio_keeps_for_its_own_tests(
    tmp_path: Path,
) -> None:
    with (SHARED / "data/riskfolio/HC_HRP.csv").open() as file:
        expected = {row[""]: float(row["MV"]) for row in csv.DictReader(file)}
    with gzip.open(SHARED / "data/riskfolio/stock_prices_3.csv.gz", "rt") as file:
        rows = list(csv.DictReader(file))[-201:]  # their tests take the last 200 returns
    prices = tmp_path / "prices.csv"
    with prices.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["date", *expected])
        writer.writerows([row["Date"], *(row[name] for name in expected)] for row in rows)
    found = weights_of("--prices", str(prices), "--objective", "hrp",
                       "--set", "order=turned", "--set", "covariance=sample")  # fmt: skip
    assert found == pytest.approx(expected, abs=1e-10)


def test_small_trades_are_left_out_or_it_is_said_that_they_can_not_be(
    table: tuple[Path, np.ndarray], tmp_path: Path
) -> None:
    limits = tmp_path / "limits.yaml"
    limits.write_text("minimum_trade: 0.2\nweights: {max: 0.4}\n")
    for objective in ("equal", "risk_parity", "max_diversification", "min_volatility"):
        found = weights_of("--returns", str(table[0]), "--objective", objective, "--constraints", str(limits))
        assert all(weight < 1e-6 or weight >= 0.2 - 1e-7 for weight in found.values()), objective
    limits.write_text("minimum_trade: 0.5\nweights: {max: 0.4}\n")
    answer = orrery("optimize", "--returns", str(table[0]), "--objective", "equal", "--constraints", str(limits))
    assert "smaller than minimum_trade" in answer.stdout


def test_a_portfolio_that_never_moves_has_no_ratio(tmp_path: Path) -> None:
    write_table(tmp_path / "cash.csv", np.full((PERIODS, len(NAMES)), 0.0001))
    answer = orrery("optimize", "--returns", str(tmp_path / "cash.csv"), "--objective", "equal")
    assert answer.returncode == 0, answer.stderr
    assert "(ratio –)" in answer.stdout
    assert "nan" not in answer.stdout


def test_what_max_names_and_no_turnover_forbid_is_told(table: tuple[Path, np.ndarray], tmp_path: Path) -> None:
    limits = tmp_path / "limits.yaml"
    common = ("--returns", str(table[0]), "--objective", "min_volatility", "--constraints", str(limits))
    limits.write_text("weights: {min: 0.02}\nmax_names: 3\n")
    assert "max_names is 3, but 6 names have limits that don't allow a weight of 0" in refused(*common)
    limits.write_text("weights: {max: 0.2}\nmax_names: 3\n")
    assert "with the 3 largest positions alone (max_names)" in refused(*common)
    limits.write_text("turnover: 0\n")
    assert "the weights add up to 1; one-way turnover <= 0" in refused(*common)


def test_a_fundamental_covariance_takes_sectors_and_styles_from_a_file(tmp_path: Path) -> None:
    """The covariance is statsmodels' (orrery/portfolio/fundamental_covariance_oracle.py); the weights its closed form."""
    root = Path(__file__).resolve().parents[2]
    case = json.loads((root / "orrery/portfolio/testdata/fundamental_covariance.json").read_text())
    names = [f"N{i:02}" for i in range(len(case["sectors"]))]
    returns, exposures, limits = (tmp_path / name for name in ("returns.csv", "exposures.csv", "limits.yaml"))
    days = np.datetime64("2020-01-01") + np.arange(len(case["returns"]))
    lines = [f"{day}," + ",".join(map(repr, row)) for day, row in zip(days, case["returns"], strict=True)]
    returns.write_text("\n".join([",".join(["date", *names]), *lines]) + "\n")
    known = zip(names, case["sectors"], case["size"], strict=True)
    rows = [f"{name},{sector},{'' if size is None else size}" for name, sector, size in known]
    exposures.write_text("symbol,sector,size\n" + "\n".join(reversed(rows)) + "\n")
    limits.write_text("weights: {min: -10, max: 10}\n")
    asked = ("--returns", str(returns), "--objective", "min_volatility", "--set", "covariance=fundamental")
    found = weights_of(*asked, "--exposures", str(exposures), "--constraints", str(limits))
    solved = np.linalg.solve(np.array(case["covariance"]), np.ones(len(names)))
    assert [found[name] for name in names] == pytest.approx(list(solved / solved.sum()), abs=1e-7)
    exposures.write_text("symbol,size\nN00,large\n")
    assert "size of N00: 'large' is no number" in refused(*asked, "--exposures", str(exposures))
    exposures.write_text("symbol,size\nN00,1\nN00,2\n")
    assert "'N00' stands twice" in refused(*asked, "--exposures", str(exposures))
