"""Make `reviews.csv` out of the Women's Clothing E-Commerce Reviews: `python sample_data/make_reviews.py FOLDER`.

FOLDER holds the original's `train.csv`; its `test.csv` is left alone, so that it stays unseen. Titles and review texts
are dropped, the other columns get short names, and rows, their order and their missing cells stay as they are.

One column is added: `preference_cluster`, three behavioural groups found by k-means on the other columns without
`product_id`. Age, rating, recommended and the logarithm of one plus the positive feedback are scaled to mean 0 and
variance 1; division, department and class are one-hot vectors of length 1/2, so that three text columns do not outweigh
the four numbers (a missing cell is a vector of zeros). Label 0 is the largest group, 2 the smallest.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.preprocessing import StandardScaler

COLUMNS = {
    "Clothing ID": "product_id",
    "Age": "age",
    "Rating": "rating",
    "Recommended IND": "recommended",
    "Positive Feedback Count": "positive_feedback",
    "Division Name": "division",
    "Department Name": "department",
    "Class Name": "class",
}
NUMBERS = ["age", "rating", "recommended", "positive_feedback"]
TEXTS = ["division", "department", "class"]
TEXT_WEIGHT = 0.5
CLUSTERS = 3
SEED = 0


def features(reviews: pd.DataFrame) -> NDArray[np.float64]:
    """The matrix that k-means sees: one row per review, scaled numbers and then weighted one-hot vectors."""
    numbers = reviews[NUMBERS].assign(positive_feedback=np.log1p(reviews["positive_feedback"]))
    one_hot = pd.get_dummies(reviews[TEXTS], dtype=np.float64).to_numpy()
    return np.hstack([StandardScaler().fit_transform(numbers), TEXT_WEIGHT * one_hot])


def preference_clusters(reviews: pd.DataFrame) -> NDArray[np.intp]:
    """A label in 0..2 for each review; 0 is the largest group."""
    labels = KMeans(CLUSTERS, n_init=10, max_iter=1_000, tol=0, random_state=SEED).fit_predict(features(reviews))
    by_size = np.argsort(-np.bincount(labels), kind="stable")
    return np.argsort(by_size)[labels]


def make_reviews(source: Path, target: Path) -> None:
    """Read `source`/train.csv and write `target`."""
    original = pd.read_csv(source / "train.csv", usecols=list(COLUMNS))
    reviews = original[list(COLUMNS)].rename(columns=COLUMNS)
    reviews = reviews.assign(preference_cluster=preference_clusters(reviews))
    reviews.to_csv(target, index=False, lineterminator="\n")


def main() -> None:
    """Parse the command line and write the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("source", type=Path, help="folder with the original train.csv")
    parser.add_argument("-o", "--output", type=Path, default=Path(__file__).with_name("reviews.csv"))
    arguments = parser.parse_args()
    make_reviews(arguments.source, arguments.output)


if __name__ == "__main__":
    main()
