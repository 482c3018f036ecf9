"""Writes qlib_alpha360.tsv: what qlib's own data layer makes of Alpha360 on one simulated instrument with gaps.

Run it in an environment of its own with pyqlib==0.9.7, pandas==2.2.3 and numpy==2.2.6:
    python orrery/factor/oracle/testdata/make_qlib_alpha360.py
"""

import logging
import tempfile
from pathlib import Path

import numpy as np
import qlib
from qlib.contrib.data.loader import Alpha360DL
from qlib.data import D

SESSIONS = 75
ROWS = (0, 10, 58, 59, 60, 70, 74)
table = Path(__file__).with_name("qlib_alpha360.tsv").open("w")
rng = np.random.default_rng(360)
close = 50 * np.exp(np.cumsum(rng.normal(0, 0.02, SESSIONS)))
bars = {
    "open": close * np.exp(rng.normal(0, 0.01, SESSIONS)),
    "high": close * np.exp(abs(rng.normal(0.02, 0.01, SESSIONS))),
    "low": close * np.exp(-abs(rng.normal(0.02, 0.01, SESSIONS))),
    "close": close,
    "volume": np.exp(rng.normal(12, 1, SESSIONS)).round(),
    "vwap": close * np.exp(rng.normal(0, 0.005, SESSIONS)),
}
for values in bars.values():
    values[[20, 33, 61]] = np.nan  # nothing was traded
bars["volume"][[45, 70]] = 0.0
bars["vwap"][50] = np.nan

store = Path(tempfile.mkdtemp())
days = np.datetime_as_string(np.busday_offset("2020-01-01", np.arange(SESSIONS), roll="forward"))
for folder in ("calendars", "instruments", "features/s"):
    (store / folder).mkdir(parents=True)
(store / "calendars/day.txt").write_text("\n".join(days) + "\n")
(store / "instruments/all.txt").write_text(f"S\t{days[0]}\t{days[-1]}\n")
for field, values in bars.items():
    np.hstack([[0], values]).astype("<f4").tofile(store / f"features/s/{field}.day.bin")

qlib.init(provider_uri=str(store), region="us", kernels=1, logging_level=logging.ERROR)
expressions, names = Alpha360DL.get_feature_config()
factors = D.features(["S"], expressions, freq="day", disk_cache=0).to_numpy()


def cells(values: np.ndarray) -> str:
    return ",".join("" if np.isnan(value) else repr(float(value)) for value in values)


print("# Alpha360 of qlib 0.9.7 on one simulated instrument. Made by make_qlib_alpha360.py.", file=table)
print(
    "# Lines: $field, tab, values by session; factor, tab, values on the sessions of 'rows'. Empty: missing.",
    file=table,
)
for field, values in bars.items():
    print(f"${field}\t{cells(values.astype('f4'))}", file=table)
print("rows\t" + ",".join(str(row) for row in ROWS), file=table)
for number, name in enumerate(names):
    print(f"{name}\t{cells(factors[list(ROWS), number])}", file=table)
