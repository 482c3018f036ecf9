"""Makes files.zip beside it, with pandas 2.2.3, PyTables 3.11 and h5py 3.16, which the tests do not need then.

usage: python testing/hdf5/make.py    (in an environment with pandas, tables and h5py)
"""

import tempfile
import warnings
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pandas as pd

HERE = Path(__file__).parent
FOLDER = Path(tempfile.mkdtemp())


def bars() -> pd.DataFrame:
    """Made-up bars with every type that the reader knows."""
    days = pd.to_datetime(["2024-07-02", "2024-07-03", "2024-07-05"])
    return pd.DataFrame(
        {
            "symbol": ["AAA", "BBB", "ZÜR"],
            "open": [10.0, 10.5, 0.1],
            "high": [11.0, 10.75, 0.2],
            "low": [9.5, 10.25, 0.05],
            "close": [10.5, np.nan, 0.125],
            "volume": [1000, 2**53 + 1, 0],
            "note": ["first", None, "third"],
            "small": np.array([1.5, -2.5, np.nan], "f4"),
            "good": [True, False, True],
            "seen": pd.to_datetime(["2024-07-02 20:00:00.123456789", None, "2024-07-05 20:00:00.0"]),
        },
        index=pd.Index(days, name="date"),
    )


def make_store() -> None:
    warnings.simplefilter("ignore")
    frame = bars()
    levels = frame.set_index("symbol", append=True)
    with pd.HDFStore(FOLDER / "store.h5", "w", complevel=5, complib="zlib") as store:
        store.put("fixed", frame)
        store.put("table", frame, format="table", index=False)
        store.put("columns", frame, format="table", index=False, data_columns=True)
        store.put("levels/fixed", levels)
        store.put("levels/table", levels, format="table", index=False)
        store.put("unnamed", frame[["close"]].rename_axis(None))
        store.put("counted", frame[["close"]].reset_index(drop=True), format="table", index=False)
        store.put(
            "category", frame[["close"]].assign(kind=pd.Categorical(["x", None, "y"])), format="table", index=False
        )
        store.put("nothing", frame.iloc[:0])
        store.put("series", frame["close"])


def make_plain() -> None:
    frame = bars()
    days = [day.strftime("%Y-%m-%d") for day in frame.index]
    with h5py.File(FOLDER / "plain.h5", "w") as file:
        records = np.zeros(3, [("date", "i8"), ("symbol", "S5"), ("close", "f8"), ("volume", "u4"), ("pair", "f8", 2)])
        records["date"] = [20240702, 20240703, 20240705]
        records["symbol"] = [symbol.encode() for symbol in frame["symbol"]]
        records["close"] = frame["close"]
        records["volume"] = [1000, 4_000_000_000, 0]
        file["records"] = records
        group = file.create_group("columns")
        group["date"] = np.array(days, h5py.string_dtype())
        for name in ("symbol", "note"):
            group[name] = np.array([text or "" for text in frame[name]], h5py.string_dtype())
        for name in ("open", "high", "low", "close", "small"):
            group.create_dataset(name, data=frame[name], compression="gzip", shuffle=True)
        group["volume"] = frame["volume"]
        group["good"] = frame["good"]
        group["matrix"] = np.zeros((3, 2))
        file["matrix"] = np.zeros((3, 2))
    with h5py.File(FOLDER / "packed.h5", "w") as file:
        file.create_group("prices").create_dataset("close", data=np.arange(100.0), compression="lzf")


def make_prices() -> None:
    frame = bars()[["symbol", "open", "high", "low", "close", "volume"]].fillna({"close": 10.5})
    frame.to_hdf(FOLDER / "prices.h5", key="prices", format="table", index=False)


if __name__ == "__main__":
    make_store()
    make_plain()
    make_prices()
    with zipfile.ZipFile(HERE / "files.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(FOLDER.iterdir()):  # an entry without a time of its own
            archive.writestr(zipfile.ZipInfo(path.name), path.read_bytes(), zipfile.ZIP_DEFLATED)
