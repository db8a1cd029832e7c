import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).parents[2]
REVIEWS = ROOT / "sample_data" / "reviews.csv"
ORIGINAL = ROOT.parent / "shared" / "data" / "clothing_reviews"


@pytest.fixture(scope="module")
def reviews() -> pd.DataFrame:
    return pd.read_csv(REVIEWS)


def test_columns_and_rows(reviews):
    assert list(reviews.columns) == [
        "product_id",
        "age",
        "rating",
        "recommended",
        "positive_feedback",
        "division",
        "department",
        "class",
        "preference_cluster",
    ]
    assert len(reviews) == 21_138
    assert set(reviews["rating"]) == {1, 2, 3, 4, 5}
    assert set(reviews["recommended"]) == {0, 1}


def test_product_ids_have_a_long_tail(reviews):
    counts = reviews["product_id"].value_counts()
    assert len(counts) > 1_000
    assert counts.iloc[0] > 500
    assert counts.median() < 10


def test_missing_cells_are_kept_where_the_original_has_them(reviews):
    missing = reviews.isna().sum()
    assert missing[missing > 0].to_dict() == {"division": 12, "department": 12, "class": 12}


def test_clusters_are_three_groups_ordered_by_size_that_differ_in_behaviour(reviews):
    sizes = reviews["preference_cluster"].value_counts()
    assert list(sizes.index) == [0, 1, 2]
    assert sizes.min() > 1_000
    means = reviews.groupby("preference_cluster")[["age", "recommended"]].mean()
    assert means["recommended"].max() - means["recommended"].min() > 0.9
    assert means["age"].max() - means["age"].min() > 10


@pytest.mark.skipif(not ORIGINAL.is_dir(), reason=f"the original data is not at {ORIGINAL}")
def test_script_makes_the_same_bytes_again(tmp_path):
    script = ROOT / "sample_data" / "make_reviews.py"
    again = tmp_path / "reviews.csv"
    subprocess.run([sys.executable, script, ORIGINAL, "-o", again], check=True)
    assert again.read_bytes() == REVIEWS.read_bytes()
