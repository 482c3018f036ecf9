"""Orrery: from market data to orders, and what to believe of the result.

    run = orrery.run("study.yaml")                        # a whole study, in a process of its own
    run.metrics["rank_ic_mean"], run.predictions, run.report
    orrery.factors.compute(frame, {"r5": "Ref($close,5)/$close-1"})     # in this process, on any library's table
    orrery.evaluate(scores, "study.yaml")                 # scores made elsewhere
    orrery.Client("http://127.0.0.1:8080").recommendations()    # what a server recommends (docs/server.md)
    orrery.sql("SELECT * FROM bars_1d", lake="lake", as_of="2018-06-30")    # what was known then

See docs/python.md.
"""

from . import errors, factors
from ._core import __version__
from .client import Client
from .comparison import Comparison, compare
from .errors import OrreryError
from .lake import sql
from .market import simulate
from .runs import Report, Run, open, run
from .scores import backtest, evaluate

__all__ = [
    "Client",
    "Comparison",
    "OrreryError",
    "Report",
    "Run",
    "__version__",
    "backtest",
    "compare",
    "errors",
    "evaluate",
    "factors",
    "open",
    "run",
    "simulate",
    "sql",
]
