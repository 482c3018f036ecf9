"""Sizes of positions in a study, each held to a calculation of its own from prices and intervals."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from program import at_home, orrery

STUDY = """name: sized
data: {path: ohlcv.parquet, sectors: sectors.csv}
factors: {extra: {r5: "Ref($close,5)/$close-1", v20: "Std($close/Ref($close,1)-1,20)"}}
preprocess: {label: cs_rank_norm, features: [robust_zscore, {clip: 3}, {fill_na: 0}]}
model: {name: ridge}
validation: {train: 1y, valid: 3m, test: 6m}
portfolio: {strategy: top_quantile, quantile: 0.3, every: 10, sizing: SIZING}
baselines: false
"""
WINDOW, YEAR, DEVIATIONS = 40, 252.0, 1.6448536269514722  # scipy.stats.norm.ppf(0.95)
SINGLE = 1e-5  # closes come in single precision, returns of 1e-2 so to 1e-5 of themselves


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("sizing")
    with at_home(folder):
        made = orrery("simulate", "--instruments", "30", "--years", "3", "--seed", "8", "--out", str(folder / "market"))
        assert made.returncode == 0, made.stderr
        yield folder / "market"


def run(market: Path, sizing: str) -> Path:
    study, out = market / "study.yaml", market.parent / "run"
    study.write_text(STUDY.replace("SIZING", sizing))
    done = orrery("run", str(study), "--out", str(out))
    assert done.returncode == 0, done.stderr
    return out


def sized(out: Path) -> pd.DataFrame:
    """Wanted and sized weights of the names that the strategy asked for, by date and symbol."""
    weights = pd.read_parquet(out / "weights.parquet")
    weights = weights[weights.reason.str.startswith("top quantile")]
    weights["wanted"] = weights.asked.fillna(weights.weight)
    assert len(weights) > 300
    return weights.set_index(["date", "symbol"])


def returns(market: Path) -> pd.DataFrame:
    """From each close to the next known one; the program alone knows which bars were good."""
    out = market / "closes.parquet"
    done = orrery("factors", "compute", "--expr", "C=$close", "--precision", "float64", "--in", str(market / "ohlcv.parquet"),
                  "--out", str(out))  # fmt: skip
    assert done.returncode == 0, done.stderr
    closes = pd.read_parquet(out).pivot(index="date", columns="symbol", values="C")
    return closes / closes.ffill().shift(1) - 1


def ledoit_wolf(table: np.ndarray) -> np.ndarray:
    """Ledoit and Wolf (2004), by their definition: the distance of each period's product from the mean product."""
    periods, names = table.shape
    apart = table - table.mean(axis=0)
    sample = apart.T @ apart / periods
    target = np.trace(sample) / names * np.eye(names)
    distance = ((sample - target) ** 2).sum() / names
    error = sum(((np.outer(row, row) - sample) ** 2).sum() for row in apart) / names / periods**2
    part = min(error, distance) / distance
    return part * target + (1 - part) * sample


def test_kelly_with_the_variance_of_the_interval(market: Path) -> None:
    out = run(market, "{kelly: 0.02, max_gross: 2, max_weight: 1}")
    weights = sized(out)
    intervals = pd.read_parquet(out / "intervals.parquet").set_index(["date", "symbol"]).reindex(weights.index)
    variance = ((intervals.upper - intervals.lower) / (2 * DEVIATIONS)) ** 2
    bet = (0.02 * intervals.expected / variance).clip(lower=0).fillna(0.0)
    gross = bet.groupby("date").sum()
    allowed = bet * (2.0 / gross.clip(lower=2.0)).reindex(bet.index, level="date")
    assert weights.weight.to_numpy() == pytest.approx(allowed.to_numpy(), abs=1e-12)
    assert (weights.weight > 0).sum() > 50
    assert weights.reason.str.contains("sized by Kelly").any()


def test_confidence_and_volatility_scale_each_weight(market: Path) -> None:
    out = run(market, f"{{confidence: width, volatility: 0.25, window: {WINDOW}, max_weight: 0.2}}")
    weights = sized(out)
    intervals = pd.read_parquet(out / "intervals.parquet").set_index(["date", "symbol"]).reindex(weights.index)
    sure = 1 / (intervals.upper - intervals.lower)
    sure = sure.where(np.isfinite(sure) & (sure > 0))
    sure = np.minimum(sure, 10 * sure.groupby("date").transform("median"))
    factor = (sure / sure.groupby("date").transform("mean")).fillna(1.0)
    volatility = np.sqrt(YEAR) * returns(market).rolling(WINDOW, min_periods=WINDOW // 2).std().stack()
    expected = weights.wanted * factor * np.minimum(0.25 / volatility.reindex(weights.index), 2.0)
    expected = expected.clip(upper=0.2)
    gross = expected.groupby("date").sum()
    expected *= (1.0 / gross.clip(lower=1.0)).reindex(expected.index, level="date")
    assert weights.weight.to_numpy() == pytest.approx(expected.to_numpy(), rel=SINGLE)
    assert factor.std() > 0.05


def test_the_portfolio_is_scaled_to_its_volatility(market: Path) -> None:
    out = run(market, f"{{target_volatility: 0.08, window: {WINDOW}}}")
    weights = sized(out)
    history = returns(market)
    cut = 0
    for date, rows in weights.groupby("date"):
        names = rows.index.get_level_values("symbol")
        table = history.loc[:date, names].iloc[-WINDOW:].fillna(0.0).to_numpy()
        order = np.argsort(names)
        wanted = rows.wanted.to_numpy()
        promised = np.sqrt(YEAR * wanted @ ledoit_wolf(table) @ wanted)
        scale = min(0.08 / promised, 1.0 / wanted.sum())
        cut += scale * wanted.sum() < 1.0 - 1e-9
        assert rows.weight.to_numpy()[order] == pytest.approx(scale * wanted[order], rel=SINGLE), date
    assert cut > 10


def test_limits_of_the_strategy_hold_after_the_sizes(market: Path) -> None:
    study = market / "limits.yaml"
    study.write_text(
        STUDY.replace("top_quantile, quantile: 0.3, every: 10", "min_volatility, candidates: 15, window: 80").replace(
            "SIZING", "{confidence: score, target_volatility: 0.5}"
        )
    )
    out = market.parent / "limits"
    done = orrery("run", str(study), "--out", str(out))
    assert done.returncode == 0, done.stderr
    weights = pd.read_parquet(out / "weights.parquet")
    weights = weights[weights.reason.str.contains("sized by confidence, target volatility")]
    sectors = pd.read_csv(market / "sectors.csv").set_index("symbol")["sector"]
    assert weights.weight.max() <= 0.2 + 1e-12
    assert weights.groupby("date").weight.sum().max() <= 1.0 + 1e-12
    by_sector = weights.assign(sector=weights.symbol.map(sectors)).groupby(["date", "sector"]).weight.sum()
    assert by_sector.max() <= 0.3 + 1e-12
    assert weights.reason.str.contains("held to a limit").any()


@pytest.mark.parametrize(
    ("sizing", "complaint"),
    [
        ("{kelly: 0}", "kelly must be above 0"),
        ("{confidence: sure}", "portfolio.sizing.confidence"),
        ("{confidence: deviation}", "needs the deviation that a model gives"),
        ("{target: 0.1}", "unknown key; allowed: confidence, volatility, target_volatility, kelly"),
    ],
)
def test_sizes_that_make_no_sense_are_refused(market: Path, sizing: str, complaint: str) -> None:
    study = market / "bad.yaml"
    study.write_text(STUDY.replace("SIZING", sizing))
    answer = orrery("run", str(study), "--out", str(market.parent / "bad"))
    assert answer.returncode == 1
    assert complaint in answer.stderr
