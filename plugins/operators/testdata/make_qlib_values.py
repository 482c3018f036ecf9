"""Writes qlib_values.tsv: what qlib's own operators make of three synthetic series with gaps, ties and constant runs.

Run it in an environment of its own with pyqlib==0.9.7, pandas==2.2.3 and numpy==2.2.6 (the project does not need qlib):
    python plugins/operators/testdata/make_qlib_values.py > plugins/operators/testdata/qlib_values.tsv
The series are made here from a fixed seed; operators are called directly, without qlib's data layer.
"""

import re
import sys

import numpy as np
import pandas as pd
import qlib.data.ops as O
from qlib.data.base import Feature

rng = np.random.default_rng(42)
T = 90
a = np.exp(np.cumsum(rng.normal(0, 0.02, T))) * 50
b = np.exp(rng.normal(12, 1, T)).round()
c = rng.integers(-3, 4, T).astype(float)
c[30:45] = 2.0
for s, f in ((a, 0.06), (b, 0.06), (c, 0.04)):
    s[rng.random(T) < f] = np.nan
gap = rng.random(T) < 0.05
for s in (a, b, c):
    s[gap] = np.nan
a[0] = 50.0
b[0] = 1e5
c[0] = 1.0
b[50] = 0.0
F = {k: pd.Series(v.astype("f4"), index=range(T)) for k, v in dict(a=a, b=b, c=c).items()}


class F0(Feature):
    def __init__(self, n):
        self._name = n

    def load(self, *x):
        return F[self._name]

    def _load_internal(self, *x):
        return F[self._name]


def patch(cls):
    cls.load = lambda self, *x: self._load_internal(*x)


for n in dir(O):
    k = getattr(O, n)
    if isinstance(k, type) and issubclass(k, O.ExpressionOps):
        patch(k)
ex = """$a+$b
$a-2
2*$c
$a/$c
-1*$a
Power($a, 2)
Power($c, 3)
Power(Abs($c), 0.5)
Greater($a, $c*20)
Less($a, 50)
$a>$c*25
$a>=50
$c<1
$c<=1
$c==2
$c!=2
And($c>0, $a>50)
Or($c>0, $a>50)
Not($c>0)
If($c>0, $a, $b)
If($c>0, 1, 0)
If($a>50, $a, 0.5)
Abs($c)
Sign($c)
Sign($a-Mean($a, 5))
Log($a)
Log($b+1)
Log(Mean($a, 3))
Ref($a, 1)
Ref($a, 7)
Ref($a, -2)/Ref($a, -1)-1
Delta($a, 3)
Delta(Mean($a, 5), 4)
""".strip().split("\n")
for w in (3, 5, 20):
    for op in "Sum Mean Std Var Skew Max Min IdxMax IdxMin Med Mad Rank Count Slope Rsquare Resi WMA EMA".split():
        for f in "ac":
            ex.append(f"{op}(${f}, {w})")
    ex.append(f"Corr($a, $c, {w})")
    ex.append(f"Cov($a, $c, {w})")
    ex.append(f"Corr($a/Ref($a, 1), Log($b/Ref($b, 1)+1), {w})")
    for q in (0.2, 0.5, 0.8):
        ex.append(f"Quantile($a, {w}, {q})")
    ex.append(f"Quantile($c, {w}, 0.3)")
for w in (5, 20):
    for f in "ac":
        ex.append(f"Kurt(${f}, {w})")
ex += [
    "EMA($a, 0.3)",
    "EMA($b, 12)",
    "Mean($c>0, 5)",
    "Sum($a>Ref($a, 1), 10)",
    "Std($c>0, 5)",
    "Rank(Mean($a, 3), 10)",
    "Max($a-$c, 4)-Min($a-$c, 4)",
    "IdxMax($a, 10)/10",
    "($a-Min($a, 9))/(Max($a, 9)-Min($a, 9)+1e-12)",
    "Mean(1/$c, 4)",
    "Std(Log($b), 6)",
    "Sum(If($c>0, $a, 0-$a), 6)",
    "Mean(Abs($a/Ref($a, 1)-1), 12)",
    "($c>0)+($a>50)",
    "($c>0)*$a",
    "Corr($c, $c, 5)",
    "Slope(Log($b+1), 15)",
    "EMA(Delta($a, 1), 5)",
    "Count(Log($b), 5)",
    "Quantile(Mean($a, 3), 7, 0.25)",
    "Med(Sum($c, 4), 6)",
    "Mean(Ref($a, 2), 4)",
    "Count(Ref($a, 2), 4)",
    "IdxMin(Ref($a, 2), 4)",
]
cols = {}
for e in ex:
    p = re.sub(r"\$(\w+)", r'F0("\1")', e)
    p = re.sub(r"\b([A-Z]\w+)\(", r"O.\1(", p)
    p = p.replace("O.F0(", "F0(")
    try:
        s = eval(p).load("x", 0, T)
    except Exception as err:
        print("SKIP", e, repr(err)[:100], file=sys.stderr)
        continue
    cols[e] = np.asarray(pd.Series(s).astype("f8"))
print(
    "# Values of qlib 0.9.7 (pandas 2.2.3, numpy 2.2.6) for its own operators on three synthetic series of one instrument."
)
print("# Made by plugins/operators/testdata/make_qlib_values.py. Lines: expression, tab, values; empty for missing.")
fmt = lambda v: "" if np.isnan(v) else repr(float(v))
for k in "abc":
    print("$" + k + "\t" + ",".join(fmt(v) for v in np.asarray(F[k]).astype("f8")))
for e, v in cols.items():
    print(e + "\t" + ",".join(fmt(x) for x in v))
