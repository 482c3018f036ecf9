"""Portfolios beside Riskfolio-Lib, skfolio, Clarabel and PyPortfolioOpt: how long they take, and whether they are as good.

usage: portfolio.py ORRERY_BINARY SHARED OUT [NAMES]

orrery_portfolio_bench lies beside the binary. All run on one thread. Mean-variance has 500 names, none above 5 %, in ten
sectors of at most 20 %; beside it 5,000 names by 20 factors, risk parity and hierarchical risk parity. Every answer is
checked: limits hold, no peer's objective is better, contributions to risk are equal, weights are those of the peer.
Writes OUT/portfolio.json, prints a table, and fails where a bar or a check is missed. NAMES (500) is for a short trial.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"):
    os.environ[variable] = "1"  # before NumPy comes
warnings.filterwarnings("ignore")

import clarabel  # noqa: E402
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
import pypfopt  # noqa: E402
import riskfolio  # noqa: E402
import scipy.sparse as sp  # noqa: E402
from skfolio.optimization import MeanRisk, ObjectiveFunction  # noqa: E402

PERIODS, SECTORS, CAP, SECTOR_CAP, AVERSION = 1200, 10, 0.05, 0.2, 5.0
REPEATS, OWN_REPEATS = 3, 11
MANY, FACTORS, MOST_SECONDS = 5000, 20, 2.0
BARS = {  # how many times as fast as the peer
    "mean-variance": {"Riskfolio-Lib": 7.0, "skfolio": 3.0, "Clarabel": 1.0},
    "risk parity": {"Riskfolio-Lib": 100.0},
    "hierarchical risk parity": {"PyPortfolioOpt": 50.0},
}


def make_returns(names: int) -> np.ndarray:
    """Daily returns with a market, ten sectors and what is a name's own."""
    random = np.random.default_rng(0)
    market = random.normal(0.0003, 0.01, (PERIODS, 1)) * random.uniform(0.6, 1.4, names)
    sectors = random.normal(0, 0.006, (PERIODS, SECTORS))[:, np.arange(names) % SECTORS]
    own = random.normal(0, 1, (PERIODS, names)) * random.uniform(0.008, 0.025, names)
    return market + sectors + own + random.normal(0, 0.0003, names)


class Own:
    """orrery_portfolio_bench and a folder for its files."""

    def __init__(self, program: Path, folder: Path) -> None:
        self.program, self.folder = program, folder

    def __call__(self, objective: str, risk: list[np.ndarray], mean: np.ndarray, *, limits: bool, setting: str = ""):
        """Returns the weights and the median of the seconds."""
        factors = 0 if len(risk) == 1 else risk[1].shape[0]
        caps = [SECTORS, CAP, SECTOR_CAP] if limits else [0, 1, 1]
        numbers = [np.array([len(mean), factors, *caps], dtype=float), *risk, mean]
        np.concatenate([np.ravel(part) for part in numbers]).tofile(self.folder / "problem")
        weights = self.folder / "weights"
        command = [
            self.program,
            self.folder / "problem",
            objective,
            str(OWN_REPEATS),
            weights,
            *filter(None, [setting]),
        ]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
        if answer.returncode != 0:
            sys.exit(answer.stderr)
        return np.fromfile(weights), float(np.median(json.loads(answer.stdout)["seconds"]))


def timed(run: Callable[[], np.ndarray]) -> tuple[np.ndarray, float]:
    run()
    seconds = []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        weights = run()
        seconds.append(time.perf_counter() - begin)
    return np.asarray(weights).ravel(), float(np.median(seconds))


def membership(names: int) -> np.ndarray:
    return (np.arange(names) % SECTORS == np.arange(SECTORS)[:, None]).astype(float)


def check(holds: bool, what: str) -> None:
    if not holds:
        sys.exit(f"portfolio: {what}")


def check_limits(weights: np.ndarray) -> None:
    check(abs(weights.sum() - 1) < 1e-8, "the weights don't add up to 1")
    check(weights.min() > -1e-8 and weights.max() < CAP + 1e-8, "a weight is outside its limits")
    check((membership(len(weights)) @ weights).max() < SECTOR_CAP + 1e-8, "a sector is above its limit")


def mean_variance_peers(frame: pd.DataFrame, mean: np.ndarray, covariance: np.ndarray) -> dict[str, Callable]:
    names = frame.columns
    groups = membership(len(names))

    def by_riskfolio() -> np.ndarray:
        portfolio = riskfolio.Portfolio(returns=frame)
        portfolio.mu, portfolio.cov = pd.DataFrame([mean], columns=names), pd.DataFrame(covariance, names, names)
        portfolio.solvers, portfolio.upperlng = ["CLARABEL"], CAP
        portfolio.ainequality, portfolio.binequality = groups, np.full((SECTORS, 1), SECTOR_CAP)
        found = portfolio.optimization(model="Classic", rm="MV", obj="Utility", rf=0, l=AVERSION / 2, hist=True)
        return found.to_numpy()

    def by_skfolio() -> np.ndarray:
        model = MeanRisk(
            objective_function=ObjectiveFunction.MAXIMIZE_UTILITY,
            risk_aversion=AVERSION / 2,
            max_weights=CAP,
            groups=[[f"S{i % SECTORS}" for i in range(len(names))]],
            linear_constraints=[f"S{i} <= {SECTOR_CAP}" for i in range(SECTORS)],
        )
        return model.fit(frame).weights_

    quadratic = sp.triu(AVERSION * covariance, format="csc")
    one = sp.eye(len(names))
    rows = sp.vstack([sp.csc_matrix(np.ones((1, len(names)))), one, -one, sp.csc_matrix(groups)], format="csc")
    bounds = np.r_[1, np.full(len(names), CAP), np.zeros(len(names)), np.full(SECTORS, SECTOR_CAP)]

    def by_clarabel() -> np.ndarray:
        settings = clarabel.DefaultSettings()
        settings.verbose = False
        cones = [clarabel.ZeroConeT(1), clarabel.NonnegativeConeT(2 * len(names) + SECTORS)]
        return np.array(clarabel.DefaultSolver(quadratic, -mean, rows, bounds, cones, settings).solve().x)

    return {"Riskfolio-Lib": by_riskfolio, "skfolio": by_skfolio, "Clarabel": by_clarabel}


def bench_mean_variance(own: Own, frame: pd.DataFrame) -> dict[str, float]:
    returns = frame.to_numpy()
    mean, covariance = returns.mean(0), np.cov(returns.T)

    def utility(weights: np.ndarray) -> float:
        return float(mean @ weights - AVERSION / 2 * weights @ covariance @ weights)

    weights, seconds = own("utility", [covariance], mean, limits=True, setting=f"risk_aversion={AVERSION}")
    check_limits(weights)
    result = {"Orrery": seconds}
    for name, peer in mean_variance_peers(frame, mean, covariance).items():
        theirs, result[name] = timed(peer)
        # What theirs gains by limits that it holds less well than ours is no gain: as much as they are off.
        off = abs(theirs.sum() - 1) + np.maximum(-theirs, 0).sum() + np.maximum(theirs - CAP, 0).sum()
        off += np.maximum(membership(len(mean)) @ theirs - SECTOR_CAP, 0).sum()
        slack = np.abs(mean).max() + AVERSION * np.abs(covariance @ weights).max()
        print(f"  utility {utility(weights):.12f}, {name}'s {utility(theirs):.12f} (limits missed by {off:.1e})")
        check(utility(weights) >= utility(theirs) - 1e-8 * abs(utility(theirs)) - off * slack, f"{name}'s is better")
    return result


def bench_factors(own: Own) -> dict[str, float]:
    random = np.random.default_rng(1)
    loadings, common = random.normal(0.5, 0.6, (MANY, FACTORS)), np.diag(random.uniform(1e-5, 1e-4, FACTORS))
    specific, mean = random.uniform(1e-4, 6e-4, MANY), random.normal(3e-4, 5e-4, MANY)
    risk = [loadings, common, specific]
    weights, seconds = own("utility", risk, mean, limits=True, setting=f"risk_aversion={AVERSION}")
    check_limits(weights)
    return {"Orrery": seconds}


def bench_risk_parity(own: Own, frame: pd.DataFrame) -> dict[str, float]:
    returns = frame.to_numpy()
    mean, covariance = returns.mean(0), np.cov(returns.T)
    weights, seconds = own("risk_parity", [covariance], mean, limits=False)
    parts = weights * (covariance @ weights)
    check(np.abs(len(mean) * parts / parts.sum() - 1).max() < 1e-10, "contributions to risk differ")

    def by_riskfolio() -> np.ndarray:
        portfolio = riskfolio.Portfolio(returns=frame)
        portfolio.mu = pd.DataFrame([mean], columns=frame.columns)
        portfolio.cov = pd.DataFrame(covariance, frame.columns, frame.columns)
        portfolio.solvers = ["CLARABEL"]
        return portfolio.rp_optimization(model="Classic", rm="MV", rf=0, b=None, hist=True).to_numpy()

    theirs, peer = timed(by_riskfolio)
    check(np.abs(weights - theirs).max() < 1e-2 * weights.max(), "Riskfolio-Lib's weights differ")
    return {"Orrery": seconds, "Riskfolio-Lib": peer}


def bench_hierarchy(own: Own, frame: pd.DataFrame) -> dict[str, float]:
    weights, seconds = own("hrp", [frame.cov().to_numpy()], frame.mean().to_numpy(), limits=False)
    # It rounds correlations that come of a covariance to six places, so the weights come from the returns.
    expected = pypfopt.HRPOpt(frame).optimize()
    check(np.abs(weights - [expected[name] for name in frame.columns]).max() < 1e-10, "PyPortfolioOpt's weights differ")
    covariance = frame.cov()
    _, peer = timed(lambda: np.array(list(pypfopt.HRPOpt(cov_matrix=covariance).optimize().values())))
    return {"Orrery": seconds, "PyPortfolioOpt": peer}


def missed_bars(results: dict[str, dict[str, float]]) -> list[str]:
    missed = []
    for title, seconds in results.items():
        for name, value in seconds.items():
            ratio, bar = value / seconds["Orrery"], BARS.get(title, {}).get(name)
            print(
                f"{title:28} {name:16} {1e3 * value:10.2f} ms   {ratio:8.1f} x{'' if bar is None else f'   bar {bar:g} x'}"
            )
            if bar is not None and ratio < bar:
                missed.append(f"{title}: {ratio:.1f} times as fast as {name}, the bar is {bar:g}")
    if results["many names by factors"]["Orrery"] >= MOST_SECONDS:
        missed.append(f"{MANY} names take {results['many names by factors']['Orrery']:.2f} s")
    return missed


def main() -> int:
    program, out = Path(sys.argv[1]).with_name("orrery_portfolio_bench"), Path(sys.argv[3])
    names = int(sys.argv[4]) if len(sys.argv) > 4 else 500
    days = pd.bdate_range("2015-01-01", periods=PERIODS)
    frame = pd.DataFrame(make_returns(names), days, [f"A{i:03}" for i in range(names)])
    with tempfile.TemporaryDirectory() as folder:
        own = Own(program, Path(folder))
        results = {
            "mean-variance": bench_mean_variance(own, frame),
            "many names by factors": bench_factors(own),
            "risk parity": bench_risk_parity(own, frame),
            "hierarchical risk parity": bench_hierarchy(own, frame),
        }
    missed = missed_bars(results)
    out.mkdir(parents=True, exist_ok=True)
    (out / "portfolio.json").write_text(json.dumps({"names": names, **results}, indent=1) + "\n")
    print("\n".join(missed))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
