"""Makes the expected values of feature_selection_test.cc: IC and greedy walk by pandas and plain loops."""

import numpy as np
import pandas as pd

ROWS, NAMES, TOP, LIMIT = 12, 30, 4, 0.7


class Congruential:
    """The generator of the test, number by number."""

    def __init__(self) -> None:
        self.state = 2024

    def below(self, limit: int) -> int:
        self.state = (self.state * 1103515245 + 12345) & 0x7FFFFFFF
        return (self.state >> 8) % limit


def make_case() -> pd.DataFrame:
    """One row a cell: session, name, y, eligible and the eight features."""
    random = Congruential()
    cells = []
    for row in range(ROWS):
        for name in range(NAMES):
            y = random.below(41) - 20
            a = y + random.below(31) - 15
            b = y + random.below(61) - 30
            third = a + random.below(7) - 3
            fourth = b + random.below(21) - 10
            noise = [random.below(50), random.below(5), random.below(100)]
            label = np.nan if random.below(12) == 0 else y
            eligible = random.below(10) != 0
            values = [float(v) for v in (a, b, third, fourth, -a, *noise)]
            values = [np.nan if random.below(9) == 0 else v for v in values]
            cells.append([row, name, label, eligible, *values])
    return pd.DataFrame(cells, columns=["row", "name", "y", "eligible", *(f"f{i}" for i in range(8))])


def mean_ic(samples: pd.DataFrame, feature: str, method: str) -> float:
    """Mean over the sessions of the correlation with the label, over pairs that are both there."""
    daily = [day[feature].corr(day["y"], method=method) for _, day in samples.groupby("row")]
    return float(np.nanmean(daily))


def mean_correlation(samples: pd.DataFrame, a: str, b: str, method: str) -> float:
    """Mean over the sessions of the correlation of two features; a missing value counts as the mean."""
    daily = []
    for _, day in samples.groupby("row"):
        both = day[[a, b]].rank() if method == "spearman" else day[[a, b]]
        daily.append(unit(both[a]) @ unit(both[b]))
    return float(np.mean(daily))


def unit(values: pd.Series) -> np.ndarray:
    """Centred, of length 1, zero where missing."""
    centred = (values - values.mean()).fillna(0.0).to_numpy()
    return centred / np.sqrt((centred**2).sum())


def select(samples: pd.DataFrame, method: str) -> None:
    """Prints every candidate in the order of the walk."""
    ics = {f: mean_ic(samples, f, method) for f in samples.columns if f.startswith("f")}
    chosen: list[str] = []
    for feature in sorted(ics, key=lambda f: -abs(ics[f])):
        if len(chosen) == TOP:
            break
        alike = ((kept, mean_correlation(samples, feature, kept, method)) for kept in chosen)
        resembles, correlation = next(((k, c) for k, c in alike if abs(c) > LIMIT), ("", 0.0))
        if not resembles:
            chosen.append(feature)
        print(f'{{"{feature}", {ics[feature]!r}, "{resembles}", {correlation!r}}},')


if __name__ == "__main__":
    case = make_case()
    learned = case[case["eligible"] & case["y"].notna() & case["row"].between(1, 10)]
    for kind in ("spearman", "pearson"):
        print(kind)
        select(learned, kind)
