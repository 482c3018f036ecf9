"""Writes qlib_ic.csv: qlib's own daily IC of the workflow and store of qlib_market.py.

Run it in an environment of its own with pyqlib==0.9.7, lightgbm==4.7.0 (as here), pandas==2.2.3 and numpy==2.2.6:
    python apps/cli/testdata/make_qlib_ic.py
Handler, model and label are made from the workflow by qlib itself. IC: Pearson correlation of score and label, day by
day, over the names that have both; the label as D.features computes it.
"""

import logging
import os
import tempfile
from pathlib import Path

import qlib
import yaml
from qlib.data import D
from qlib.utils import init_instance_by_config
from qlib_market import WORKFLOW, write_store

os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")
table = Path(__file__).resolve().with_name("qlib_ic.csv").open("w")
folder = Path(tempfile.mkdtemp())
os.chdir(folder)  # qlib leaves its records where it runs
write_store(folder / "store")
workflow = yaml.safe_load(WORKFLOW.format(store=folder / "store"))
qlib.init(provider_uri=str(folder / "store"), region="us", kernels=1, logging_level=logging.ERROR)
dataset = init_instance_by_config(workflow["task"]["dataset"])
model = init_instance_by_config(workflow["task"]["model"])
model.fit(dataset, verbose_eval=1000)
score = model.predict(dataset, segment="test").rename("score").reset_index()
label = D.features(D.instruments("index"), ["Ref($close, -2)/Ref($close, -1)-1"], "2019-04-01", "2019-08-09")
label.columns = ["label"]
pairs = score.merge(label.reset_index(), on=["datetime", "instrument"], how="left").dropna()
print("date,ic,pairs", file=table)
for day, group in pairs.groupby("datetime"):
    print(f"{day.date()},{float(group['score'].corr(group['label']))!r},{len(group)}", file=table)
