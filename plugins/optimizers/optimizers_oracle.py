"""Weights by PyPortfolioOpt, Riskfolio-Lib and skfolio, and by CVXPY where none of them has the objective.

usage: optimizers_oracle.py OUT.json      (pip install pyportfolioopt riskfolio-lib skfolio cvxpy clarabel)

The returns are made here, with three factors and rare bad days, so that variance, CVaR and drawdown disagree.
"""

import json
import sys
import warnings

import cvxpy as cp
import numpy as np
import pandas as pd
import pypfopt
import riskfolio
from scipy.cluster import hierarchy
from scipy.spatial.distance import squareform
from skfolio import RiskMeasure
from skfolio.cluster import HierarchicalClustering, LinkageMethod
from skfolio.optimization import (
    HierarchicalEqualRiskContribution,
    HierarchicalRiskParity,
    MaximumDiversification,
    MeanRisk,
    NestedClustersOptimization,
    RiskBudgeting,
)

warnings.filterwarnings("ignore")
NAMES, PERIODS, CAP, SECTOR_CAP = 12, 150, 0.25, 0.4
TIGHT = {"tol_gap_abs": 1e-13, "tol_gap_rel": 1e-13, "tol_feas": 1e-13}


def make_returns() -> np.ndarray:
    random = np.random.default_rng(7)
    loadings = random.normal(0.5, 0.6, (NAMES, 3))
    factors = random.normal(0.0005, 0.008, (PERIODS, 3))
    own = random.normal(0, 1, (PERIODS, NAMES)) * random.uniform(0.005, 0.02, NAMES)
    bad = (random.uniform(size=(PERIODS, NAMES)) < 0.02) * random.uniform(0.02, 0.08, (PERIODS, NAMES))
    return np.round(factors @ loadings.T + own - bad + random.uniform(0, 0.0015, NAMES), 6)


R = make_returns()
FRAME = pd.DataFrame(
    R, columns=[f"N{i:02d}" for i in range(NAMES)], index=pd.bdate_range("2020-01-01", periods=PERIODS)
)
MEAN, COVARIANCE = R.mean(0), np.cov(R.T)
SECTORS = np.arange(NAMES) % 3
CURRENT = np.full(NAMES, 1 / NAMES)
BENCHMARK = np.linspace(1, 3, NAMES) / np.linspace(1, 3, NAMES).sum()


LEAST = MeanRisk(risk_measure=RiskMeasure.VARIANCE, solver_params=TIGHT)
# skfolio moves the weights of HERC to what its solver holds for the nearest allowed ones.
CLUSTERED = {HierarchicalEqualRiskContribution: ("herc", 1e-7), NestedClustersOptimization: ("nco", 1e-6)}
CLUSTERING = {"herc": "hierarchical_clustering_estimator", "nco": "clustering_estimator"}


def frontier(bounds=(0, 1), **options):
    return pypfopt.EfficientFrontier(
        pd.Series(MEAN, FRAME.columns),
        pd.DataFrame(COVARIANCE, FRAME.columns, FRAME.columns),
        weight_bounds=bounds,
        solver="CLARABEL",
        solver_options=TIGHT,
        **options,
    )


def weights_of(answer) -> list[float]:
    return [float(value) for value in (answer.values() if isinstance(answer, dict) else np.ravel(answer))]


def solve(objective, *constraints) -> list[float]:
    problem = cp.Problem(cp.Minimize(objective), list(constraints))
    problem.solve(solver="CLARABEL", **TIGHT)
    return weights_of(problem.variables()[0].value if len(problem.variables()) == 1 else W.value)


W = cp.Variable(NAMES)
LONG = [cp.sum(W) == 1, W >= 0]
S = cp.psd_wrap(COVARIANCE)
VARIANCE = cp.quad_form(W, S)


def capped() -> list:
    return [*LONG, W <= CAP, *[cp.sum(W[k == SECTORS]) <= SECTOR_CAP for k in range(3)]]


def riskfolio_weights(method: str, **options) -> list[float]:
    portfolio = riskfolio.Portfolio(returns=FRAME)
    portfolio.assets_stats(method_mu="hist", method_cov="hist")
    portfolio.solvers, portfolio.sol_params = ["CLARABEL"], {"CLARABEL": TIGHT}
    return weights_of(getattr(portfolio, method)(model="Classic", rf=0, hist=True, **options).to_numpy())


def skfolio_weights(model) -> list[float]:
    return weights_of(model.fit(FRAME).weights_)


def main() -> None:
    cases = []

    def add(optimizer, source, weights, parameters=None, constraints=None, **more):
        cases.append(
            {
                "optimizer": optimizer,
                "source": source,
                "parameters": parameters or {},
                "constraints": constraints or {},
                "weights": weights,
                **more,
            }
        )

    add("min_volatility", "PyPortfolioOpt", weights_of(frontier().min_volatility()))
    add("min_volatility", "Riskfolio-Lib", riskfolio_weights("optimization", rm="MV", obj="MinRisk"))
    add(
        "utility",
        "PyPortfolioOpt",
        weights_of(frontier().max_quadratic_utility(risk_aversion=4)),
        {"risk_aversion": 4.0},
    )
    add("max_sharpe", "PyPortfolioOpt", weights_of(frontier().max_sharpe(risk_free_rate=1e-4)), {"risk_free": 1e-4})
    add("max_sharpe", "Riskfolio-Lib", riskfolio_weights("optimization", rm="MV", obj="Sharpe"))
    target = float(np.sort(MEAN)[-3])
    add("target_return", "PyPortfolioOpt", weights_of(frontier().efficient_return(target)), {"target": target})
    add("target_volatility", "PyPortfolioOpt", weights_of(frontier().efficient_risk(0.009)), {"target": 0.009})
    add("cvar", "Riskfolio-Lib", riskfolio_weights("optimization", rm="CVaR", obj="MinRisk"))
    add(
        "cvar",
        "skfolio",
        skfolio_weights(MeanRisk(risk_measure=RiskMeasure.CVAR, cvar_beta=0.9, solver_params=TIGHT)),
        {"confidence": 0.9},
    )
    add("cdar", "Riskfolio-Lib", riskfolio_weights("optimization", rm="CDaR", obj="MinRisk"))
    add(
        "kelly",
        "Riskfolio-Lib",
        riskfolio_weights("optimization", rm="MV", obj="Utility", kelly="exact", l=0),
        {"fraction": 1.0},
    )
    add("risk_parity", "Riskfolio-Lib", riskfolio_weights("rp_optimization", rm="MV", b=None), tolerance=2e-5)
    budgets = np.arange(1, NAMES + 1) / np.arange(1, NAMES + 1).sum()
    add(
        "risk_parity",
        "skfolio",
        skfolio_weights(
            RiskBudgeting(
                risk_measure=RiskMeasure.VARIANCE,
                risk_budget=dict(zip(FRAME.columns, budgets, strict=True)),
                solver_params=TIGHT,
            )
        ),
        risk_budgets=list(budgets),
        tolerance=2e-5,
    )
    add("max_diversification", "skfolio", skfolio_weights(MaximumDiversification(solver_params=TIGHT)))
    # CVXPY, where constraints and costs are of our own choosing.
    limits = {"cap": CAP, "sector_cap": SECTOR_CAP}
    add("min_volatility", "CVXPY", solve(VARIANCE, *capped()), constraints=limits)
    add(
        "utility",
        "CVXPY",
        solve(-MEAN @ W + 2 * VARIANCE, *capped(), cp.norm1(W - CURRENT) <= 0.6),
        {"risk_aversion": 4.0},
        {**limits, "turnover": 0.3},
    )
    costs = 0.0004 * cp.norm1(W - CURRENT) + 0.003 * cp.sum(cp.power(cp.abs(W - CURRENT), 1.5))
    add(
        "utility",
        "CVXPY",
        solve(-MEAN @ W + 2 * VARIANCE + costs, *capped()),
        {"risk_aversion": 4.0},
        {**limits, "linear_cost": 0.0004, "power_cost": 0.003},
    )
    add(
        "utility",
        "CVXPY",
        solve(-MEAN @ W + 2 * VARIANCE, cp.sum(W) == 1, W >= -0.1, W <= CAP, cp.norm1(W) <= 1.5),
        {"risk_aversion": 4.0},
        {"low": -0.1, "cap": CAP, "gross": 1.5},
    )
    difference = cp.quad_form(W - BENCHMARK, S)
    add("tracking_error", "CVXPY", solve(1e3 * difference, *LONG, W <= 0.1), constraints={"cap": 0.1})
    robust = 1.5 / np.sqrt(PERIODS) * cp.norm2(np.linalg.cholesky(COVARIANCE).T @ W)
    add(
        "worst_case",
        "CVXPY",
        solve(-MEAN @ W + 2 * VARIANCE + robust, *capped()),
        {"risk_aversion": 4.0, "deviations": 1.5, "periods": float(PERIODS)},
        limits,
    )
    add("kelly", "CVXPY", solve(-cp.sum(cp.log(1 + R @ W)) / PERIODS, *capped()), {"fraction": 1.0}, limits)
    add("max_sharpe", "CVXPY", sharpe_by_homogenisation(), {}, limits)
    add_hierarchies(add)
    add_clusters(add)
    add("cdar", "CVXPY", drawdown_program(0.8), {"confidence": 0.8}, limits)
    with open(sys.argv[1], "w") as file:
        json.dump({"returns": R.tolist(), "benchmark": list(BENCHMARK), "cases": cases}, file, separators=(",", ":"))


def tied_covariance() -> pd.DataFrame:
    """Correlations of 1/2 within three groups and 1/4 across them, and volatilities of powers of 2: all of it exact."""
    groups = np.arange(NAMES) * 5 % NAMES // 4
    correlation = np.where(groups[:, None] == groups, 0.5, 0.25)
    np.fill_diagonal(correlation, 1.0)
    volatility = 2.0 ** -(4 + np.arange(NAMES) % 3)
    return pd.DataFrame(correlation * np.outer(volatility, volatility), FRAME.columns, FRAME.columns)


def add_hierarchies(add) -> None:
    tied = tied_covariance()
    for linkage in ("single", "complete", "average", "ward"):
        settings = {"linkage": linkage}
        add("hrp", "PyPortfolioOpt", hrp(pypfopt.HRPOpt(FRAME), linkage), settings, tolerance=1e-10)
        add(
            "hrp",
            "PyPortfolioOpt",
            hrp(pypfopt.HRPOpt(cov_matrix=tied), linkage),
            settings,
            covariance=tied.to_numpy().ravel().tolist(),
            tolerance=1e-10,
        )
        add(
            "hrp",
            "skfolio",
            skfolio_weights(skfolio_model(HierarchicalRiskParity, linkage)),
            {**settings, "order": "turned"},
            tolerance=1e-10,
        )
        for order, turned in (("merged", False), ("turned", True)):
            portfolio = riskfolio.HCPortfolio(returns=FRAME)
            found = portfolio.optimization(model="HRP", rm="MV", linkage=linkage, leaf_order=turned)
            add(
                "hrp",
                "Riskfolio-Lib",
                weights_of(found.to_numpy()),
                {**settings, "order": order},
                tolerance=1e-10,
            )
    columns = hierarchy.linkage(np.sqrt((1 - FRAME.corr().to_numpy()) / 2), "single")
    order = [FRAME.columns[i] for i in hierarchy.leaves_list(columns)]
    found = pypfopt.HRPOpt._raw_hrp_allocation(FRAME.cov(), order)[FRAME.columns]
    add("hrp", "SciPy", weights_of(found.to_numpy()), {"distance": "columns"}, tolerance=1e-10)


def add_clusters(add) -> None:
    for linkage in ("single", "complete", "average", "ward"):
        settings = {"linkage": linkage}
        for model in (HierarchicalEqualRiskContribution, NestedClustersOptimization):
            name, tolerance = CLUSTERED[model]
            options = {"risk_measure": RiskMeasure.VARIANCE} if name == "herc" else {"inner_estimator": LEAST}
            options |= {"outer_estimator": LEAST, "cv": "ignore"} if name == "nco" else {}
            options[CLUSTERING[name]] = HierarchicalClustering(linkage_method=LinkageMethod(linkage), max_clusters=4)
            add(
                name,
                "skfolio",
                skfolio_weights(model(**options)),
                {**settings, "clusters": 4},
                tolerance=tolerance,
            )
        add("herc", "Riskfolio-Lib", clustered("HERC", "MV", linkage), settings, tolerance=1e-10)
        add(
            "herc",
            "Riskfolio-Lib",
            clustered("HERC", "vol", linkage),
            {**settings, "risk": "volatility"},
            tolerance=1e-10,
        )
        add(
            "herc", "Riskfolio-Lib", clustered("HERC2", "MV", linkage), {**settings, "within": "equal"}, tolerance=1e-10
        )
        # Their solver stops at 1e-8 of the standard deviation.
        add("nco", "Riskfolio-Lib", clustered("NCO", "MV", linkage), settings, tolerance=5e-5)
    # By CVXPY: Riskfolio-Lib's solver stops too early where two names earn almost the same.
    settings = {"linkage": "ward", "clusters": 2, "goal": "max_sharpe"}
    add("nco", "CVXPY", nested_ratios(), settings, tolerance=1e-5)


def nested_ratios() -> list[float]:
    distance = np.sqrt((1 - FRAME.corr().to_numpy()) / 2)
    tree = hierarchy.linkage(squareform(distance, checks=False), "ward")
    labels = hierarchy.fcluster(tree, 2, criterion="maxclust")
    parts = np.zeros((2, NAMES))
    for part in range(2):
        members = np.flatnonzero(labels == part + 1)
        parts[part, members] = best_ratio(MEAN[members], COVARIANCE[np.ix_(members, members)])
    return weights_of(best_ratio(parts @ MEAN, parts @ COVARIANCE @ parts.T) @ parts)


def best_ratio(mean: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    y = cp.Variable(len(mean))
    scale = mean.max()
    risk = cp.quad_form(y, cp.psd_wrap(covariance / covariance.max()))
    cp.Problem(cp.Minimize(risk), [mean / scale @ y == 1, y >= 0]).solve(solver="CLARABEL", **TIGHT)
    return y.value / y.value.sum()


def clustered(model: str, risk: str, linkage: str, **options) -> list[float]:
    portfolio = riskfolio.HCPortfolio(returns=FRAME, solvers=["CLARABEL"])
    found = portfolio.optimization(model=model, rm=risk, linkage=linkage, leaf_order=False, **options)
    return weights_of(found.to_numpy())


def hrp(model, linkage: str) -> list[float]:
    weights = model.optimize(linkage_method=linkage)
    return [float(weights[name]) for name in FRAME.columns]


def skfolio_model(kind, linkage: str, **options):
    clustering = HierarchicalClustering(linkage_method=LinkageMethod(linkage), **options)
    return kind(risk_measure=RiskMeasure.VARIANCE, hierarchical_clustering_estimator=clustering)


def sharpe_by_homogenisation() -> list[float]:
    y, k = cp.Variable(NAMES), cp.Variable()
    constraints = [
        1e3 * MEAN @ y == 1,
        cp.sum(y) == k,
        y >= 0,
        y <= CAP * k,
        k >= 0,
        *[cp.sum(y[j == SECTORS]) <= SECTOR_CAP * k for j in range(3)],
    ]
    cp.Problem(cp.Minimize(cp.quad_form(y, S)), constraints).solve(solver="CLARABEL", **TIGHT)
    return weights_of(y.value / k.value)


def drawdown_program(confidence: float) -> list[float]:
    sums = np.cumsum(R, 0) @ W
    peaks, beyond, quantile = cp.Variable(PERIODS), cp.Variable(PERIODS), cp.Variable()
    objective = quantile + cp.sum(beyond) / ((1 - confidence) * PERIODS)
    constraints = [
        *capped(),
        peaks >= sums,
        peaks >= 0,
        peaks[1:] >= peaks[:-1],
        beyond >= 0,
        beyond >= peaks - sums - quantile,
    ]
    cp.Problem(cp.Minimize(objective), constraints).solve(solver="CLARABEL", **TIGHT)
    return weights_of(W.value)


main()
