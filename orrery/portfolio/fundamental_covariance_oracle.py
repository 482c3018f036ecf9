"""A fundamental factor covariance by pandas and statsmodels, for the test beside.

usage: fundamental_covariance_oracle.py OUT.json      (pip install numpy==2.4.6 pandas statsmodels==0.15.0)
"""

import json
import sys

import numpy as np
import pandas as pd
import statsmodels.api as sm

PERIODS, NAMES, BEFORE = 100, 14, 25
SECTORS = ["Energy"] * 4 + ["Tech"] * 5 + ["Lonely", "", "Banks", "Banks", "Banks"]


def standardised(values: pd.Series) -> pd.Series:
    return ((values - values.mean()) / values.std()).clip(-3, 3).fillna(0.0)


def main() -> None:
    random = np.random.default_rng(17)
    market = random.normal(0, 0.01, (PERIODS, 1)) * random.uniform(0.5, 1.5, NAMES)
    returns = pd.DataFrame(
        np.round(market + random.normal(0, 0.012, (PERIODS, NAMES)) * random.uniform(0.5, 2, NAMES), 6)
    )
    size = pd.Series(np.round(random.normal(10, 2, NAMES), 3))
    size[3] = np.nan
    large = [s if s and SECTORS.count(s) >= 3 else "others" for s in SECTORS]
    dummies = pd.get_dummies(pd.Series(large), dtype=float)[["Banks", "Energy", "Tech", "others"]]

    def exposures(period: int) -> pd.DataFrame:
        past = returns.iloc[period - BEFORE : period]
        mean = past.mean(axis=1)
        beta = past.apply(lambda name: sm.OLS(name, sm.add_constant(mean)).fit().params.iloc[1])
        styles = {"size": size, "beta": beta, "volatility": past.std(), "momentum": np.log1p(past).sum()}
        return pd.concat([dummies, pd.DataFrame({key: standardised(value) for key, value in styles.items()})], axis=1)

    factor_returns, squares = [], []
    for period in range(BEFORE, PERIODS):
        fit = sm.OLS(returns.iloc[period], exposures(period)).fit()
        factor_returns.append(fit.params.to_numpy())
        squares.append(fit.resid**2 / (1 - fit.get_influence().hat_matrix_diag))
    now = exposures(PERIODS).to_numpy()
    whole = now @ np.cov(np.array(factor_returns).T) @ now.T + np.diag(np.mean(squares, axis=0))
    case = {
        "returns": returns.to_numpy().tolist(), "sectors": SECTORS, "size": [None if np.isnan(s) else s for s in size],
        "factors": now.shape[1], "covariance": whole.tolist(),
    }  # fmt: skip
    with open(sys.argv[1], "w") as out:
        json.dump(case, out)
        out.write("\n")


if __name__ == "__main__":
    main()
