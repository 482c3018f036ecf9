"""Prints the golden splits of purged_splits_test.cc: those of skfolio 0.10.2 (pip install skfolio==0.10.2).

    python orrery/ml/purged_splits_oracle.py

A line holds the rows to learn from as half-open ranges, then the blocks that are tested, then the path that
each of them belongs to. Purged k-fold is the same class with one test fold, which skfolio's constructor
refuses only because scikit-learn's KFold does it without purging.
"""

import numpy as np
from skfolio.model_selection import CombinatorialPurgedCV


def ranges(rows):
    pieces = np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1)
    return " ".join(f"{piece[0]}-{piece[-1] + 1}" for piece in pieces)


def show(rows, folds, test_folds, purge, embargo):
    cv = CombinatorialPurgedCV(n_folds=folds, n_test_folds=2, purged_size=purge, embargo_size=embargo)
    cv.n_test_folds = test_folds
    print(f"{rows} rows, {folds} choose {test_folds}, purge {purge}, embargo {embargo}")
    paths = cv.get_path_ids()
    for split, (train, _) in enumerate(cv.split(np.zeros((rows, 1)))):
        tested = " ".join(str(block) for block in cv.test_set_index[split])
        print(f'    "{ranges(train)} | {tested} | {" ".join(str(path) for path in paths[split])}",')


show(75, 6, 2, 2, 3)
show(64, 5, 3, 3, 4)
show(53, 4, 1, 2, 1)
