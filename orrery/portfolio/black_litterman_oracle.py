"""Expected returns after views by PyPortfolioOpt, for black_litterman_test.cc.

usage: black_litterman_oracle.py OUT.json      (pip install pyportfolioopt)
"""

import json
import sys

import numpy as np
import pandas as pd
from pypfopt import BlackLittermanModel
from pypfopt.black_litterman import market_implied_prior_returns

NAMES = 6


def main() -> None:
    random = np.random.default_rng(11)
    mixing = random.normal(0, 0.01, (NAMES, NAMES))
    covariance = mixing @ mixing.T + np.diag(random.uniform(1e-5, 1e-4, NAMES))
    market = random.uniform(1, 5, NAMES)
    prior = market_implied_prior_returns(market, 2.5, covariance, 1e-4)
    views = np.zeros((4, NAMES))
    views[0, 2] = 1
    views[1, [0, 1]], views[1, 4] = 0.5, -1
    views[2, 5], views[2, 3] = 1, -1
    views[3, [3, 4]] = 0.5
    returns = np.array([0.002, -0.0005, 0.001, 0.0015])
    answers = []
    for confidences in ([0.5, 0.5, 0.5, 0.5], [0.1, 0.9, 0.35, 0.6], [1.0, 0.2, 0.7, 0.999]):
        model = BlackLittermanModel(
            pd.DataFrame(covariance),
            pi=np.asarray(prior).reshape(-1, 1),
            P=views,
            Q=returns,
            omega="idzorek",
            view_confidences=confidences,
        )
        answers.append({"confidences": confidences, "returns": model.bl_returns().tolist()})
    default = BlackLittermanModel(pd.DataFrame(covariance), pi=np.asarray(prior).reshape(-1, 1), P=views, Q=returns)
    answers.append({"confidences": [0.5] * 4, "returns": default.bl_returns().tolist()})
    made = {
        "covariance": covariance.ravel().tolist(),
        "market": (market / market.sum()).tolist(),
        "prior": np.ravel(prior).tolist(),
        "views": views.tolist(),
        "view_returns": returns.tolist(),
        "answers": answers,
    }
    with open(sys.argv[1], "w") as file:
        json.dump(made, file, separators=(",", ":"))


main()
