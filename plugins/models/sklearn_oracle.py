"""Makes testdata/sklearn_oracle.json: what scikit-learn's models give on the same samples.

The numbers are made once, in an environment of its own, and kept:

    python -m venv oracle && oracle/bin/pip install scikit-learn==1.9.1 numpy==2.2.6
    oracle/bin/python plugins/models/sklearn_oracle.py

Weighted cases: the samples' weights. Where scikit-learn takes none (PCA, neighbours), whole weights are samples that stand
there so often, or what its neighbours' labels are weighed by.
"""

import json
from pathlib import Path

import numpy as np
from sklearn.decomposition import PCA
from sklearn.linear_model import BayesianRidge, ElasticNet, Lasso, LinearRegression, LogisticRegression
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import StandardScaler

TRAIN, TEST, FEATURES = 90, 30, 6
EXACT = {"tol": 1e-13, "max_iter": 1_000_000}


def make_samples() -> dict[str, np.ndarray]:
    """Features of unlike sizes that correlate, one almost a sum of two others; float32, as Orrery's panels."""
    random = np.random.default_rng(11)
    x = random.standard_normal((TRAIN + TEST, FEATURES))
    x[:, 3] = x[:, 0] + 0.5 * x[:, 3]
    x[:, 4] = x[:, 1] - x[:, 2] + 0.05 * x[:, 4]
    x = (x * [1.0, 2.0, 0.5, 1.0, 3.0, 0.1] + [0.0, 1.0, -2.0, 0.3, 0.0, 5.0]).astype("f4")
    x[TRAIN] = x[7]  # a test sample that was trained on
    y = x @ [0.5, -0.2, 0.0, 0.1, 0.05, 0.0] + random.standard_normal(TRAIN + TEST)
    weights = random.integers(1, 4, TRAIN).astype("f8")
    return {"x": x[:TRAIN].astype("f8"), "y": y[:TRAIN], "weights": weights, "test": x[TRAIN:].astype("f8")}


def scaled(samples: dict, standardize: bool, weights: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    if not standardize:
        return samples["x"], samples["test"]
    scaler = StandardScaler().fit(samples["x"], sample_weight=weights)
    return scaler.transform(samples["x"]), scaler.transform(samples["test"])


def by_estimator(model: object) -> callable:
    def scores(x: np.ndarray, y: np.ndarray, weights: np.ndarray | None, test: np.ndarray) -> np.ndarray:
        return model.fit(x, y, sample_weight=weights).predict(test)

    scores.estimator = model
    return scores


def logistic(**settings: object) -> callable:
    model = LogisticRegression(solver="newton-cholesky", tol=1e-12, max_iter=1000, **settings)
    return lambda x, y, weights, test: model.fit(x, y > 0.3, sample_weight=weights).predict_proba(test)[:, 1]


def components(count: float) -> callable:
    def scores(x: np.ndarray, y: np.ndarray, weights: np.ndarray | None, test: np.ndarray) -> np.ndarray:
        times = np.ones(len(y), int) if weights is None else weights.astype(int)
        x, y = np.repeat(x, times, axis=0), np.repeat(y, times)
        pca = PCA(n_components=count, svd_solver="full").fit(x)
        return LinearRegression().fit(pca.transform(x), y).predict(pca.transform(test))

    return scores


def neighbours(k: int, by_distance: bool) -> callable:
    def scores(x: np.ndarray, y: np.ndarray, weights: np.ndarray | None, test: np.ndarray) -> np.ndarray:
        distances, points = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(x).kneighbors(test)
        exact = np.sqrt(((test[:, None, :] - x[points]) ** 2).sum(axis=2))
        assert np.allclose(distances, exact, atol=1e-6)
        shares = np.ones(len(y))[points] if weights is None else weights[points]
        if by_distance:
            on_top = exact == 0.0
            near = np.where(on_top.any(axis=1, keepdims=True), on_top, 1.0 / np.where(exact == 0.0, 1.0, exact))
            shares = shares * near
        return (shares * y[points]).sum(axis=1) / shares.sum(axis=1)

    return scores


# Model, Orrery's settings, whether samples are weighed, and the oracle.
CASES = [
    ("lasso", {"alpha": 0.05, "standardize": False}, False, by_estimator(Lasso(alpha=0.05, **EXACT))),
    ("lasso", {"alpha": 0.3}, False, by_estimator(Lasso(alpha=0.3, **EXACT))),
    (
        "lasso",
        {"alpha": 0.05, "standardize": False, "fit_intercept": False},
        False,
        by_estimator(Lasso(alpha=0.05, fit_intercept=False, **EXACT)),
    ),
    ("lasso", {"alpha": 0.02}, True, by_estimator(Lasso(alpha=0.02, **EXACT))),
    (
        "elastic_net",
        {"alpha": 0.1, "l1_ratio": 0.3, "standardize": False},
        False,
        by_estimator(ElasticNet(alpha=0.1, l1_ratio=0.3, **EXACT)),
    ),
    ("elastic_net", {"alpha": 0.1, "l1_ratio": 0.7}, True, by_estimator(ElasticNet(alpha=0.1, l1_ratio=0.7, **EXACT))),
    ("elastic_net", {"alpha": 0.2, "l1_ratio": 0.0}, False, by_estimator(ElasticNet(alpha=0.2, l1_ratio=0.0, **EXACT))),
    ("logistic", {"C": 1.0, "standardize": False}, False, logistic()),
    ("logistic", {"C": 0.1}, True, logistic(C=0.1)),
    ("logistic", {"C": 0.5, "standardize": False, "fit_intercept": False}, False, logistic(C=0.5, fit_intercept=False)),
    ("logistic", {"C": 10.0, "class_weight": "balanced"}, True, logistic(C=10.0, class_weight="balanced")),
    ("bayesian_ridge", {"standardize": False}, False, by_estimator(BayesianRidge(tol=1e-12, max_iter=10000))),
    ("bayesian_ridge", {}, True, by_estimator(BayesianRidge(tol=1e-12, max_iter=10000))),
    (
        "bayesian_ridge",
        {
            "standardize": False,
            "fit_intercept": False,
            "alpha_1": 2.0,
            "alpha_2": 0.5,
            "lambda_1": 3.0,
            "lambda_2": 0.1,
        },
        False,
        by_estimator(
            BayesianRidge(
                tol=1e-12, max_iter=10000, fit_intercept=False, alpha_1=2.0, alpha_2=0.5, lambda_1=3.0, lambda_2=0.1
            )
        ),
    ),
    ("pca_regression", {"n_components": 3.0, "standardize": False}, False, components(3)),
    ("pca_regression", {"n_components": 0.8}, True, components(0.8)),
    ("pca_regression", {"n_components": 6.0}, False, components(6)),
    ("knn", {"k": 7}, False, neighbours(7, False)),
    ("knn", {"k": 7, "weights": "distance"}, True, neighbours(7, True)),
    ("knn", {"k": 90, "weights": "distance"}, False, neighbours(90, True)),
]


def main() -> None:
    samples = make_samples()
    cases = []
    for model, parameters, weighted, oracle in CASES:
        weights = samples["weights"] if weighted else None
        x, test = scaled(samples, parameters.get("standardize", True), weights)
        scores = oracle(x, samples["y"], weights, test)
        case = {"model": model, "parameters": parameters, "weighted": weighted, "scores": scores.tolist()}
        if model == "bayesian_ridge":
            fitted = oracle.estimator.fit(x, samples["y"], sample_weight=weights)
            case["deviations"] = fitted.predict(test, return_std=True)[1].tolist()
        cases.append(case)
    golden = {name: values.tolist() for name, values in samples.items()} | {"cases": cases}
    path = Path(__file__).with_name("testdata") / "sklearn_oracle.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
