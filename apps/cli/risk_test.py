"""`orrery risk report`: what a book of weights or a run may lose, held against NumPy and SciPy."""

import csv
import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from program import at_home, check_help, done, orrery, study_of, write_market
from scipy import stats

NAMES = ["ALFA", "BRAVO", "CHARLIE", "INDEX"]
WEIGHTS = {"ALFA": 0.7, "BRAVO": 0.5, "CHARLIE": -0.2}
PERIODS = 600


class Book:
    """Files of a book, and its returns."""

    def __init__(self, folder: Path) -> None:
        random = np.random.default_rng(8)
        market = random.standard_t(4, (PERIODS, 1)) * 0.006
        own = random.normal(0, 0.01, (PERIODS, 3))
        self.returns = np.hstack([market * [1.2, 0.8, 1.0] + own, market]).round(7)
        self.whole = self.returns[:, :3] @ np.array(list(WEIGHTS.values()))
        self.days = np.busday_offset("2019-01-01", np.arange(PERIODS), roll="forward")
        self.table, self.weights, self.volumes = (folder / f"{name}.csv" for name in ("returns", "weights", "volumes"))
        with self.table.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["date", *NAMES, "LATE"])
            for day, row in zip(self.days, self.returns, strict=True):
                late = "0.01" if day > np.datetime64("2021-01-01") else ""
                writer.writerow([str(day), *(repr(float(value)) for value in row), late])
        self.weights.write_text("name,weight\n" + "".join(f"{name},{weight}\n" for name, weight in WEIGHTS.items()))
        self.volumes.write_text("name,traded\nALFA,2000000\nBRAVO,100000\nCHARLIE,1000000\n")

    def report(self, *arguments: str) -> dict:
        answer = orrery("risk", "report", "--weights", str(self.weights), "--returns", str(self.table), "--json",
                        *arguments)  # fmt: skip
        assert answer.returncode == 0, answer.stderr
        return json.loads(answer.stdout)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    return Book(tmp_path_factory.mktemp("risk"))


def refused(*arguments: str) -> str:
    answer = orrery("risk", "report", *arguments)
    assert answer.returncode == 1, answer.stdout
    return answer.stderr


def test_help_says_what_there_is() -> None:
    assert "--root-of-time" in check_help(["risk", "report"])


def test_losses_are_those_of_numpy_and_scipy(book: Book) -> None:
    answer = book.report("--confidence", "0.975")
    tails = {line["method"]: line for line in answer["tails"]}
    worst = np.sort(book.whole)[:15]  # 2.5 % of 600
    assert tails["historical"]["expected_shortfall"] == pytest.approx(-worst.mean(), rel=1e-10)
    assert tails["historical"]["value_at_risk"] == pytest.approx(-np.sort(book.whole)[15], rel=1e-10)
    normal = stats.norm(book.whole.mean(), book.whole.std(ddof=1))
    assert tails["parametric"]["value_at_risk"] == pytest.approx(-normal.ppf(0.025), rel=1e-10)
    assert {line["horizon"] for line in answer["tails"]} == {1}
    assert answer["periods"] == PERIODS  # the name that begins late is not held


def test_exceptions_are_counted_as_numpy_counts_them(book: Book) -> None:
    tests = {line["method"]: line for line in book.report("--window", "250")["tests"]}["parametric"]
    windows = np.lib.stride_tricks.sliding_window_view(book.whole, 250)[:-1]
    limit = windows.mean(axis=1) + windows.std(axis=1, ddof=1) * stats.norm.ppf(0.01)
    count = int(np.sum(book.whole[250:] < limit))
    assert tests["exceptions"] == count
    assert tests["forecasts"] == 350
    assert tests["expected"] == pytest.approx(3.5)
    rate = count / 350
    ratio = 2 * (stats.binom.logpmf(count, 350, rate) - stats.binom.logpmf(count, 350, 0.01))
    assert tests["kupiec"]["p_value"] == pytest.approx(stats.chi2.sf(ratio, 1), abs=1e-9)
    low, high = tests["accepted"]
    assert tests["power"] == pytest.approx(1 - stats.binom.pmf(range(low, high + 1), 350, 0.02).sum(), abs=1e-10)


def test_positions_add_up_and_betas_are_those_of_a_regression(book: Book) -> None:
    answer = book.report("--benchmark", "INDEX", "--volumes", str(book.volumes), "--equity", "1000000")["book"]
    lines = {line["name"]: line for line in answer["positions"]}
    assert list(lines) == ["ALFA", "BRAVO", "CHARLIE"]
    assert sum(line["component"] for line in lines.values()) == pytest.approx(answer["deviation"], rel=1e-12)
    slope = stats.linregress(book.returns[:, 3], book.whole).slope
    assert answer["beta"] == pytest.approx(slope, rel=1e-10)
    # 0.5 of a million at a tenth of 100,000 a day.
    assert lines["BRAVO"]["days_to_exit"] == pytest.approx(50)
    assert lines["BRAVO"]["days_to_exit_in_drought"] == pytest.approx(200)
    assert answer["deviation_under_stress"]["hedges_fail"] > answer["deviation_under_stress"]["correlations_one"]


def test_shocks_move_by_beta_or_as_names_usually_move_together(book: Book) -> None:
    answer = book.report("--benchmark", "INDEX", "--shock", "market=-0.2", "--shock", "ALFA=-0.1,BRAVO=-0.1")["book"]
    market, names = answer["shocks"]
    assert market["loss"] == pytest.approx(0.2 * answer["beta"], rel=1e-12)
    assert 0.7 * 0.1 + 0.5 * 0.1 - 0.2 * 0.15 < names["loss"] < 0.7 * 0.1 + 0.5 * 0.1
    assert names["shock"] == "ALFA -10.0 %, BRAVO -10.0 %"


def test_covid_is_replayed_and_falls_are_listed(book: Book) -> None:
    answer = book.report()
    window = {line["name"]: line for line in answer["windows"]}["Covid"]
    inside = (book.days > np.datetime64("2020-02-19")) & (book.days <= np.datetime64("2020-03-23"))
    assert window["loss"] == pytest.approx(1 - np.prod(1 + book.whole[inside]), rel=1e-10)
    value = np.cumprod(1 + book.whole)
    deepest = (value / np.maximum(np.maximum.accumulate(value), 1) - 1).min()
    assert answer["drawdowns"][0]["depth"] == pytest.approx(deepest, rel=1e-10)


def test_tables_say_the_same_and_the_page_stands_alone(book: Book, tmp_path: Path) -> None:
    page = tmp_path / "risk.html"
    answer = orrery("risk", "report", "--weights", str(book.weights), "--returns", str(book.table), "--horizon", "10",
                    "--root-of-time", "--out", str(page))  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    assert "over 10 periods (one period's times the root)" in answer.stdout
    assert "exceptions expected" in answer.stdout
    assert "src=" not in page.read_text().split("<script")[0]


def test_a_run_is_looked_at_by_its_net_returns(tmp_path: Path) -> None:
    with at_home(tmp_path):
        study = write_market(tmp_path, study_of("risky"), 30, seed=4)
        done("run", str(study), "--out", str(tmp_path / "run"))
        answer = json.loads(done("risk", "report", str(tmp_path / "run"), "--json", "--window", "60"))
    net = np.array(pq.read_table(tmp_path / "run/equity.parquet")["net_return"].to_pylist(), dtype=float)
    net = net[np.isfinite(net)]
    tails = {line["method"]: line for line in answer["tails"]}
    normal = stats.norm(net.mean(), net.std(ddof=1))
    assert answer["periods"] == len(net)
    assert tails["parametric"]["value_at_risk"] == pytest.approx(-normal.ppf(0.01), rel=1e-9)
    assert "book" not in answer


def test_a_series_too_short_to_test_says_so(book: Book, tmp_path: Path) -> None:
    short = tmp_path / "short.csv"
    short.write_text("\n".join(book.table.read_text().splitlines()[:102]) + "\n")
    answer = orrery("risk", "report", "--weights", str(book.weights), "--returns", str(short))
    assert answer.returncode == 0, answer.stderr
    assert "Forecasts were not tested: 101 returns leave fewer than 30 horizons after the first 250." in answer.stdout


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--shock", "ALFFA=-0.1"], "'ALFFA' is none of its 5 names; did you mean 'ALFA'?"),
        (["--shock", "ALFA=much"], "expected NAME=MOVE with a move such as -0.2, found 'much'"),
        (["--shock", "market=-0.1,ALFA=-0.2"], "it can't move with others"),
        (["--benchmark", "IDX"], "'IDX' is none of its 5 names"),
        (["--prices", "other.csv"], "one of --prices and --returns"),
    ],
)
def test_mistakes_are_told(book: Book, arguments: list[str], complaint: str) -> None:
    assert complaint in refused("--weights", str(book.weights), "--returns", str(book.table), *arguments)


def test_nothing_held_and_no_run_are_told(book: Book, tmp_path: Path) -> None:
    none = tmp_path / "none.csv"
    none.write_text("name,weight\nALFA,0\n")
    assert "nothing is held" in refused("--weights", str(none), "--returns", str(book.table), "--benchmark", "INDEX")
    assert "give a run, or --weights" in refused()
    assert "no run" in refused(str(tmp_path / "nowhere"))
