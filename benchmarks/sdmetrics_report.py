"""The quality report of SDMetrics for two Parquet files, run with the Python of an environment that has it.

    python benchmarks/sdmetrics_report.py REAL.parquet SYNTHETIC.parquet [--all]

Prints JSON: the seconds to read the files and to make the report, its two scores, and how many pairs stand behind the
second. With `--all` every pair counts and every row is used; otherwise SDMetrics decides, which draws rows and leaves
pairs that are weakly related in the real table out of the score.
"""

import argparse
import json
import platform
import time
import warnings

import pandas as pd
import sdmetrics
from sdmetrics.reports.single_table import QualityReport


def main() -> None:
    """Read, report, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tables", nargs=2)
    parser.add_argument("--all", action="store_true")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    started = time.perf_counter()
    real, synthetic = (pd.read_parquet(path) for path in options.tables)
    read = time.perf_counter()
    report = QualityReport()
    if options.all:
        report.real_correlation_threshold = report.real_association_threshold = 0
        report.num_rows_subsample = None
    columns = {
        name: {"sdtype": "numerical" if pd.api.types.is_numeric_dtype(real[name]) else "categorical"} for name in real
    }
    report.generate(real, synthetic, {"columns": columns}, verbose=False)
    made = time.perf_counter()
    scores = report.get_properties().set_index("Property")["Score"]
    pairs = report.get_details("Column Pair Trends")
    counted = pairs["Score"].notna() & pairs["Meets Threshold?"].fillna(False).astype(bool)
    print(
        json.dumps(
            {
                "seconds": {"read": read - started, "measure": made - read, "total": made - started},
                "shape": float(scores["Column Shapes"]),
                "trend": float(scores["Column Pair Trends"]),
                "pairs": {"all": len(pairs), "in_the_score": int(counted.sum())},
                "rows_drawn": report.num_rows_subsample,
                "versions": {
                    "sdmetrics": sdmetrics.__version__,
                    "pandas": pd.__version__,
                    "python": platform.python_version(),
                },
            }
        )
    )


if __name__ == "__main__":
    main()
