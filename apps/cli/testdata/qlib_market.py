"""A small qlib binary store and a workflow on it, the same bits wherever it is made.

Prices are products of fractions with a power of two below, and chance is a linear congruential generator in whole
numbers, so that no library's rounding or generator has a say.
"""

import datetime
from pathlib import Path

import numpy

SYMBOLS = 30
SESSIONS = 420
FIELDS = ("open", "high", "low", "close", "volume", "vwap", "factor")

# Subsampling without a seed: LightGBM's own seeds decide. Member names join and leave the market "index".
WORKFLOW = """\
qlib_init:
    provider_uri: "{store}"
    region: us
market: &market index
data_handler_config: &data_handler_config
    start_time: 2018-01-01
    end_time: 2019-08-09
    fit_start_time: 2018-04-02
    fit_end_time: 2019-01-31
    instruments: *market
    infer_processors:
        - class: RobustZScoreNorm
          kwargs: {{fields_group: feature, clip_outlier: true}}
        - class: Fillna
          kwargs: {{fields_group: feature}}
    learn_processors:
        - class: DropnaLabel
        - class: CSRankNorm
          kwargs: {{fields_group: label}}
    label: ["Ref($close, -2) / Ref($close, -1) - 1"]
port_analysis_config: &port_analysis_config
    strategy:
        class: TopkDropoutStrategy
        module_path: qlib.contrib.strategy
        kwargs: {{signal: <PRED>, topk: 8, n_drop: 2}}
    backtest:
        start_time: 2019-04-01
        end_time: 2019-08-07
        account: 100000000
        exchange_kwargs: {{deal_price: close, open_cost: 0.0005, close_cost: 0.0005, min_cost: 0}}
task:
    model:
        class: LGBModel
        module_path: qlib.contrib.model.gbdt
        kwargs:
            loss: mse
            colsample_bytree: 0.8
            subsample: 0.7
            subsample_freq: 1
            learning_rate: 0.1
            lambda_l1: 1.5
            lambda_l2: 4.0
            max_depth: 6
            num_leaves: 20
            num_boost_round: 40
            early_stopping_rounds: 15
            num_threads: 1
    dataset:
        class: DatasetH
        module_path: qlib.data.dataset
        kwargs:
            handler:
                class: Alpha158
                module_path: qlib.contrib.data.handler
                kwargs: *data_handler_config
            segments:
                train: [2018-04-02, 2019-01-31]
                valid: [2019-02-01, 2019-03-29]
                test: [2019-04-01, 2019-08-09]
"""


class Chance:
    """Whole numbers of Knuth's 64-bit linear congruential generator."""

    def __init__(self, seed: int) -> None:
        self.state = seed

    def below(self, limit: int) -> int:
        """A number of 0 … limit - 1."""
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % limit


def calendar() -> list[str]:
    """Weekdays from 2018-01-01 on."""
    day = datetime.date(2018, 1, 1)
    days = []
    while len(days) < SESSIONS:
        if day.weekday() < 5:
            days.append(day.isoformat())
        day += datetime.timedelta(days=1)
    return days


def raw_bars(chance: Chance) -> dict[str, numpy.ndarray]:
    """One name's raw prices, with a two-for-one split and sessions without a bar."""
    rows = {field: numpy.full(SESSIONS, numpy.nan) for field in FIELDS}
    close = 20.0 + chance.below(60)
    split = 100 + chance.below(250)
    for i in range(SESSIONS):
        if i == split:
            close /= 2.0
        close = round(close * (1.0 + (chance.below(81) - 40) / 1024.0) * 4096.0) / 4096.0
        opening = round(close * (1.0 + (chance.below(41) - 20) / 1024.0) * 4096.0) / 4096.0
        if chance.below(60) == 0:
            continue  # nothing was traded
        rows["open"][i], rows["close"][i] = opening, close
        rows["high"][i] = max(opening, close) * (1.0 + chance.below(16) / 1024.0)
        rows["low"][i] = min(opening, close) * (1.0 - chance.below(16) / 1024.0)
        rows["vwap"][i] = (rows["high"][i] + rows["low"][i]) / 2.0
        rows["volume"][i] = 1000.0 + chance.below(9000)
        rows["factor"][i] = 0.5 if i < split else 1.0
    return rows


def adjusted(rows: dict[str, numpy.ndarray]) -> dict[str, numpy.ndarray]:
    """As qlib keeps them: prices times the factor, volume divided by it."""
    result = {field: rows[field] * rows["factor"] for field in ("open", "high", "low", "close", "vwap")}
    return {**result, "volume": rows["volume"] / rows["factor"], "factor": rows["factor"]}


def write_store(folder: Path) -> None:
    """Writes the store in the layout of qlib's scripts/dump_bin.py."""
    chance = Chance(7)
    days = calendar()
    listed, members = [], []
    for number in range(SYMBOLS):
        name = f"S{number:02d}"
        first = chance.below(90) if number % 7 == 3 else 0
        last = SESSIONS - 1 - (chance.below(120) if number % 9 == 4 else 0)
        rows = adjusted(raw_bars(chance))
        target = folder / "features" / name.lower()
        target.mkdir(parents=True)
        for field in FIELDS:
            numpy.hstack([[first], rows[field][first : last + 1]]).astype("<f4").tofile(target / f"{field}.day.bin")
        listed.append(f"{name}\t{days[first]}\t{days[last]}\n")
        joins = 150 + chance.below(100) if number % 5 == 1 else first
        members.append(f"{name}\t{days[joins]}\t{days[last]}\n")
    (folder / "calendars").mkdir()
    (folder / "calendars/day.txt").write_text("\n".join(days) + "\n")
    (folder / "instruments").mkdir()
    (folder / "instruments/all.txt").write_text("".join(listed))
    (folder / "instruments/index.txt").write_text("".join(members))
