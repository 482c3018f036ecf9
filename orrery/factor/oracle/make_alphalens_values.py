"""Writes testdata/alphalens_values.tsv: what alphalens says about a made-up factor.

Made with alphalens-reloaded 0.5.1, pandas 2.3.3, scipy 1.17.1, statsmodels 0.15.0:

    pip install alphalens-reloaded==0.5.1 statsmodels==0.15.0 'pandas<3'
    python orrery/factor/oracle/make_alphalens_values.py

Input: a linear congruential generator, so that the test makes the same numbers. 27 names, 80 days; three names are
listed later, one cell of the factor in 17 is missing, and on every fifth day its values are coarse enough for ties.
"""

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import statsmodels.api as sm
from alphalens import performance, utils

DAYS, NAMES, QUANTILES, HORIZONS = 80, 27, 5, (1, 3, 7)


def make_input() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Prices and factor by day and name, as `made_up_market` of the test makes them."""
    state = 20260101

    def uniform() -> float:
        nonlocal state
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (state >> 33) / 2147483648.0

    closes = np.full((DAYS, NAMES), np.nan)
    factor = np.full((DAYS, NAMES), np.nan, dtype=np.float32)
    for name in range(NAMES):
        first = 20 + name if name % 9 == 4 else 0
        close = 50.0
        for day in range(DAYS):
            drift = uniform() - 0.5
            noise = uniform() - 0.5
            missing = uniform() < 1 / 17
            coarse = 128.0 if day % 5 == 0 else 65536.0
            if day < first:
                continue
            closes[day, name] = close
            if not missing:
                factor[day, name] = np.float32(np.floor((drift + 2.0 * noise) * coarse) / coarse)
            close = close * (1.0 + 0.01 * drift + 0.02 * (uniform() - 0.5))
    dates = pd.bdate_range("2020-01-01", periods=DAYS, tz="UTC")
    columns = [f"S{name:02d}" for name in range(NAMES)]
    return pd.DataFrame(closes, dates, columns), pd.DataFrame(factor.astype(float), dates, columns)


def newey_west_t(daily: pd.Series, horizon: int) -> float:
    """t of the mean as this project's lag rule asks for."""
    values = daily.dropna().to_numpy()
    lag = max(int(np.floor(4 * (len(values) / 100) ** (2 / 9))), horizon - 1)
    return sm.OLS(values, np.ones(len(values))).fit(cov_type="HAC", cov_kwds={"maxlags": lag}).tvalues[0]


def main() -> None:
    """Writes a line for each number: key, index, value."""
    warnings.simplefilter("ignore")
    prices, factor = make_input()
    data = utils.get_clean_factor_and_forward_returns(
        factor.stack().rename_axis(["date", "asset"]), prices, quantiles=QUANTILES, periods=HORIZONS, max_loss=1.0
    )
    lines: list[str] = []

    def put(key: str, values: pd.Series) -> None:
        lines.extend(f"{key}\t{index}\t{float(value)!r}" for index, value in enumerate(np.atleast_1d(values)))

    rank_ic = performance.factor_information_coefficient(data)
    for horizon, column in zip(HORIZONS, rank_ic.columns, strict=True):
        put(f"rank_ic_{horizon}", rank_ic[column])
        put(f"rank_ic_t_{horizon}", newey_west_t(rank_ic[column], horizon))
        pearson = data.groupby(level="date").apply(lambda day, c=column: day["factor"].corr(day[c]))
        put(f"ic_{horizon}", pearson)
        daily, _ = performance.mean_return_by_quantile(data, by_date=True, demeaned=False)
        put(f"quantile_mean_{horizon}", daily[column].groupby("factor_quantile").mean())
        excess, _ = performance.mean_return_by_quantile(data, demeaned=True)
        put(f"quantile_excess_{horizon}", excess[column])
        spread, _ = performance.compute_mean_returns_spread(daily, QUANTILES, 1)
        # alphalens 0.5.1 halves the difference, so that long and short together are worth 1; ours is the whole of it.
        put(f"long_short_{horizon}", 2.0 * spread[column])
        put(f"long_short_t_{horizon}", newey_west_t(spread[column], horizon))
        turnover = [
            performance.quantile_turnover(data["factor_quantile"], q, horizon).mean() for q in range(1, QUANTILES + 1)
        ]
        put(f"turnover_{horizon}", turnover)
        put(f"autocorrelation_{horizon}", performance.factor_rank_autocorrelation(data, horizon).mean())
    (Path(__file__).parent / "testdata" / "alphalens_values.tsv").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
