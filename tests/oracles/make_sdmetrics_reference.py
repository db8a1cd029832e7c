"""Write sdmetrics_reference.json: two small tables, and what SDMetrics 0.11.1 says of them.

SDMetrics is no dependency of this project; run this in an environment of its own:

    python -m venv /tmp/sdmetrics && /tmp/sdmetrics/bin/pip install sdmetrics==0.11.1 "pandas<2.2" "numpy<2"
    /tmp/sdmetrics/bin/python tests/oracles/make_sdmetrics_reference.py
"""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import sdmetrics
from sdmetrics.reports.single_table._properties import ColumnPairTrends, ColumnShapes

COLUMNS = {
    "colour": "categorical",
    "grade": "categorical",
    "member": "boolean",
    "age": "numerical",
    "income": "numerical",
    "spent": "numerical",
    "visited": "datetime",
}


def draw(n: int, shift: float, seed: int) -> pd.DataFrame:
    """A table whose columns hang together; `shift` moves all of them a little."""
    rng = np.random.default_rng(seed)
    base = rng.normal(size=n) + shift
    colour = np.array(["red", "green", "blue", "ochre"])[np.clip((base + rng.normal(size=n) + 2).astype(int), 0, 3)]
    grade = np.where(
        rng.random(n) < 0.15, None, rng.choice(["a", "b", "c"], n, p=[0.5, 0.3 + shift / 5, 0.2 - shift / 5])
    )
    income = np.round(np.exp(base * 0.8 + 3), 2)
    spent = np.round(income * rng.random(n), 2)
    spent[rng.random(n) < 0.1] = np.nan
    days = np.clip(rng.exponential(200, n) + 30 * base, 0, None).astype(int)
    return pd.DataFrame(
        {
            "colour": colour,
            "grade": grade,
            "member": base + rng.normal(size=n) > 0,
            "age": np.clip(40 + 9 * base + rng.normal(0, 6, n), 18, 90).astype(int),
            "income": income,
            "spent": spent,
            "visited": pd.Timestamp("2024-01-01") + pd.to_timedelta(days, unit="D"),
        }
    )


def cells(table: pd.DataFrame) -> dict[str, list[object]]:
    """Plain JSON columns, missing cells as null."""
    plain = table.assign(visited=table["visited"].dt.strftime("%Y-%m-%d")).astype(object)
    return {name: plain[name].where(plain[name].notna(), None).tolist() for name in plain}


def main() -> None:
    """Draw, ask SDMetrics, write."""
    real, synthetic = draw(160, 0.0, 1), draw(120, 0.3, 2)
    synthetic.loc[:2, "colour"] = "violet"  # a category that the real table does not have
    metadata = {"columns": {name: {"sdtype": kind} for name, kind in COLUMNS.items()}}
    shapes, trends = ColumnShapes(), ColumnPairTrends()
    shape_score = shapes.get_score(real, synthetic, metadata)
    trend_score = trends.get_score(real, synthetic, metadata)
    reference = {
        "made_with": {"sdmetrics": sdmetrics.__version__, "pandas": pd.__version__, "python": sys.version.split()[0]},
        "kinds": COLUMNS,
        "real": cells(real),
        "synthetic": cells(synthetic),
        "shape_score": shape_score,
        "shapes": dict(zip(shapes.details["Column"], shapes.details["Score"], strict=True)),
        "trend_score": trend_score,
        "trends": trends.details[["Column 1", "Column 2", "Metric", "Score"]].to_numpy().tolist(),
    }
    Path(__file__).with_name("sdmetrics_reference.json").write_text(json.dumps(reference) + "\n")


if __name__ == "__main__":
    main()
