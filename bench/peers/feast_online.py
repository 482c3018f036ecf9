"""How long Feast takes to answer with online features from Redis; started by bench/online_features.py.

usage: feast_online.py VALUES.parquet REDIS_PORT FOLDER SYMBOLS REQUESTS

VALUES has a column `symbol` and a float column a feature. Each answer, as a dictionary of lists, is held against them between
two measurements. Prints milliseconds as JSON: of get_online_features alone, and with to_dict().
"""

import datetime as dt
import gc
import json
import os
import sys
import time
from pathlib import Path

os.environ["FEAST_USAGE"] = "False"

import feast
import numpy as np
import pandas as pd
from feast import Entity, FeatureStore, FeatureView, Field, FileSource, RepoConfig, ValueType
from feast.types import Float32


def open_store(values: pd.DataFrame, port: int, folder: Path) -> FeatureStore:
    features = [name for name in values if name != "symbol"]
    file = folder / "source.parquet"
    now = dt.datetime.now(dt.UTC)
    frame = values.assign(event_timestamp=now, created=now)
    frame.to_parquet(file)
    source = FileSource(path=str(file), timestamp_field="event_timestamp", created_timestamp_column="created")
    symbol = Entity(name="symbol", join_keys=["symbol"], value_type=ValueType.STRING)
    schema = [Field(name=name, dtype=Float32) for name in features]
    view = FeatureView(
        name="view", entities=[symbol], ttl=dt.timedelta(days=365), schema=schema, source=source, online=True
    )
    config = RepoConfig(
        project="bench", provider="local", registry=str(folder / "registry.db"), offline_store={"type": "file"},
        online_store={"type": "redis", "connection_string": f"127.0.0.1:{port}"}, entity_key_serialization_version=3,
    )  # fmt: skip
    store = FeatureStore(config=config)
    store.apply([symbol, view])
    store.write_to_online_store("view", frame)
    return store


def main() -> None:
    values = pd.read_parquet(sys.argv[1]).assign(symbol=lambda frame: frame.symbol.astype(str))
    count, requests = int(sys.argv[4]), int(sys.argv[5])
    store = open_store(values, int(sys.argv[2]), Path(sys.argv[3]))
    features = [name for name in values if name != "symbol"]
    names = [f"view:{name}" for name in features]
    expected = values.set_index("symbol")
    random = np.random.default_rng(1)
    alone, whole = [], []
    gc.freeze()  # as in the measurement over HTTP
    for request in range(requests + 20):
        symbols = list(random.choice(expected.index, count, replace=False))
        begin = time.perf_counter()
        answer = store.get_online_features(features=names, entity_rows=[{"symbol": one} for one in symbols])
        middle = time.perf_counter()
        found = answer.to_dict()
        end = time.perf_counter()
        if request >= 20:
            alone.append(1e3 * (middle - begin))
            whole.append(1e3 * (end - begin))
        wanted = expected.loc[symbols]
        for name in features:
            mine = np.array([np.nan if value is None else value for value in found[name]], np.float32)
            if not np.array_equal(mine, wanted[name].to_numpy(np.float32), equal_nan=True):
                raise SystemExit(f"Feast's values of {name} are not those that were written")
    result = {"version": feast.__version__, "requests": requests}
    for name, times in (("get", alone), ("to_dict", whole)):
        median, p99 = np.percentile(times, [50, 99])
        result[name] = {"median": median, "p99": p99}
    print(json.dumps(result))


if __name__ == "__main__":
    main()
