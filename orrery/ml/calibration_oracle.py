"""Makes testdata/calibration_oracle.json: what scikit-learn's calibrators make of the same scores and events.

The numbers are made once, in an environment of its own, and kept:

    python -m venv oracle && oracle/bin/pip install scikit-learn==1.9.1 numpy==2.2.6
    oracle/bin/python orrery/ml/calibration_oracle.py

Isotonic: IsotonicRegression as CalibratedClassifierCV uses it. Platt: its sigmoid, whose optimiser stops at a slope of 1e-6 or so
in the sum, and beside it the same likelihood minimised by scipy's Newton method to rounding.
"""

import json
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from sklearn.calibration import _sigmoid_calibration
from sklearn.isotonic import IsotonicRegression

CASES = [(300, 0.4, 0.3, 0.0), (2000, 0.005, 1.0, -1.0), (50, 0.5, 0.0, 0.0), (400, 0.1, 2.0, 0.5)]


def platt(scores: np.ndarray, events: np.ndarray) -> list[float]:
    """Slope and intercept of the likelihood with Platt's targets; scikit-learn's sigmoid is 1 / (1 + exp(a f + b))."""
    happened = events.sum()
    others = len(events) - happened
    targets = np.where(events > 0, (happened + 1) / (happened + 2), 1 / (others + 2))

    def loss(at: np.ndarray) -> float:
        odds = at[0] * scores + at[1]
        return np.sum(np.logaddexp(0, odds) - targets * odds)

    def slope(at: np.ndarray) -> np.ndarray:
        miss = 1 / (1 + np.exp(-(at[0] * scores + at[1]))) - targets
        return np.array([miss @ scores, miss.sum()])

    def curvature(at: np.ndarray) -> np.ndarray:
        p = 1 / (1 + np.exp(-(at[0] * scores + at[1])))
        rows = np.stack([scores, np.ones_like(scores)])
        return (rows * (p * (1 - p))) @ rows.T

    best = minimize(loss, np.zeros(2), jac=slope, hess=curvature, method="trust-exact", options={"gtol": 1e-11})
    return best.x.tolist()


def make_case(number: int, count: int, rate: float, strength: float, shift: float) -> dict:
    random = np.random.default_rng(number)
    scores = random.standard_normal(count).round(2 if number % 2 else 12)  # ties in every other case
    odds = strength * 2 * scores + np.log(rate / (1 - rate)) + shift * 0.3
    events = (random.random(count) < 1 / (1 + np.exp(-odds))).astype(float)
    asked = np.concatenate([np.linspace(-5, 5, 41), scores[:40]])
    isotonic = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(scores, events)
    a, b = _sigmoid_calibration(scores, events)
    return {
        "scores": scores.tolist(),
        "events": events.tolist(),
        "asked": asked.tolist(),
        "isotonic": isotonic.predict(asked).tolist(),
        "sklearn_platt": [-float(a), -float(b)],
        "platt": platt(scores, events),
    }


def main() -> None:
    cases = [make_case(number, *case) for number, case in enumerate(CASES)]
    path = Path(__file__).parent / "testdata" / "calibration_oracle.json"
    path.write_text(json.dumps(cases) + "\n")
    for case in cases:
        print(sum(case["events"]), case["sklearn_platt"], case["platt"])


if __name__ == "__main__":
    main()
