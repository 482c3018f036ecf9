#!/usr/bin/env python3
"""Writes testdata/gaussian_hmm.json: what hmmlearn 0.3.3 says of a hidden Markov model.

    python3 -m venv v && v/bin/pip install numpy==2.4.6 scipy==1.17.1 hmmlearn==0.3.3
    v/bin/python orrery/risk/gaussian_hmm_oracle.py orrery/risk/testdata/gaussian_hmm.json

Each case has a model, observations that were drawn from it, their log-likelihood, the filtered probabilities of some periods
(of the observations up to there, the last of hmmlearn's smoothed ones), and the model after some iterations of expectation
maximisation (without hmmlearn's priors, which would not be the likelihood's).
"""

import json
import sys

import numpy as np
from hmmlearn.hmm import GaussianHMM

ITERATIONS = 3


def model_of(states, inputs, rng):
    model = GaussianHMM(
        states,
        covariance_type="full",
        init_params="",
        n_iter=ITERATIONS,
        tol=-np.inf,
        covars_prior=0.0,
        covars_weight=0.0,
        min_covar=0.0,
        implementation="log",
    )
    model.startprob_ = rng.dirichlet(np.ones(states))
    model.transmat_ = 0.7 * np.eye(states) + 0.3 * rng.dirichlet(5 * np.ones(states), states)
    model.means_ = rng.normal(0.0, 0.01, (states, inputs)) * (1.0 + np.arange(states))[:, None]
    roots = rng.normal(0.0, 1.0, (states, inputs, inputs)) * 0.3 + np.eye(inputs)
    scale = 0.01 * (1.0 + np.arange(states))[:, None, None]
    model.covars_ = scale**2 * roots @ roots.transpose(0, 2, 1)
    return model


def written(model):
    return {
        "start": model.startprob_.tolist(),
        "transition": model.transmat_.ravel().tolist(),
        "means": model.means_.ravel().tolist(),
        "covariances": model.covars_.ravel().tolist(),
    }


def main(file):
    cases = []
    for states, inputs, periods in ((2, 1, 60), (3, 2, 150), (4, 3, 300)):
        rng = np.random.default_rng(100 * states + inputs)
        model = model_of(states, inputs, rng)
        observations = np.round(model.sample(periods, random_state=states)[0], 6)
        places = [0, 1, periods // 2, periods - 1]
        case = {
            "states": states,
            "inputs": inputs,
            "observations": observations.ravel().tolist(),
            "model": written(model),
            "log_likelihood": model.score(observations),
            "filtered_at": places,
            "filtered": [model.predict_proba(observations[: place + 1])[-1].tolist() for place in places],
        }
        model.fit(observations)
        case |= {"iterations": ITERATIONS, "fitted": written(model), "fitted_log_likelihood": model.score(observations)}
        cases.append(case)
    with open(file, "w") as out:
        json.dump({"made_by": "orrery/risk/gaussian_hmm_oracle.py, hmmlearn 0.3.3", "cases": cases}, out)
        out.write("\n")


if __name__ == "__main__":
    main(sys.argv[1])
