"""Prints the headline numbers of several runs side by side: demo_table.py RUN…"""

import json
import sys
from pathlib import Path

ROWS = [
    ("planted rank IC", None, "{}"),
    ("rank IC, mean a day", "rank_ic_mean", "{:.4f}"),
    ("  its t", "rank_ic_t", "{:.2f}"),
    ("annual return, net", "annual_return", "{:.2%}"),
    ("annual return, universe", "benchmark_annual_return", "{:.2%}"),
    ("Sharpe, net", "sharpe", "{:.2f}"),
    ("  its standard error", "sharpe_standard_error", "{:.2f}"),
    ("largest drawdown", "max_drawdown", "{:.2%}"),
]


def column(run: Path) -> list[str]:
    """Returns one run's cells."""
    metrics = json.loads((run / "metrics.json").read_text())
    banner = json.loads((run / "manifest.json").read_text())["banner"]
    cells = [banner.rpartition("=")[2].strip() or "real data"]
    cells += ["–" if metrics.get(key) is None else form.format(metrics[key]) for _, key, form in ROWS[1:]]
    return cells


def main() -> None:
    runs = [Path(argument) for argument in sys.argv[1:]]
    columns = [column(run) for run in runs]
    print(f"\n{'':26}" + "".join(f"{run.name:>14}" for run in runs))
    for i, (label, _, _) in enumerate(ROWS):
        print(f"{label:26}" + "".join(f"{cells[i]:>14}" for cells in columns))
    print()


if __name__ == "__main__":
    main()
