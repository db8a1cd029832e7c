"""What is known of whole rows: can they be told apart, do they cover the real ones, do they repeat?"""

from dataclasses import dataclass

from tabgan.evaluation.results.numbers import Beside, Caveat, Estimate


@dataclass(frozen=True, kw_only=True)
class Driver:
    """A column that gives the synthetic rows away.

    Attributes:
        column: its name.
        importance: by how much the AUC falls when the column's cells are shuffled among the rows that are scored.
            Columns that say the same share their importance.
    """

    column: str
    importance: Estimate


@dataclass(frozen=True, kw_only=True)
class DetectionResult:
    """How well a classifier tells real rows from synthetic ones: 0.5 not at all, 1.0 always.

    Attributes:
        classifier: "gradient boosting" or "logistic regression".
        auc: the mean area under the ROC curve over the held-out folds.
        standard_error: of `auc` for the rows that were scored (Hanley and McNeil 1982).
        fold_aucs: one for each held-out fold.
        n_per_class: the rows of each table that were used.
        drivers: the columns, the one that gives most away first; empty for logistic regression.
        caveats: reasons to read this number with care.
    """

    classifier: str
    auc: float
    standard_error: float
    fold_aucs: tuple[float, ...]
    n_per_class: int
    drivers: tuple[Driver, ...] = ()
    caveats: tuple[Caveat, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SupportResult:
    """Do synthetic rows lie where real rows lie, and everywhere there (Naeem et al. 2020)?

    Attributes:
        density: how many real neighbourhoods a synthetic row lies in, relative to what is expected; low where rows
            are not like real ones.
        coverage: the share of real rows that have a synthetic row in their neighbourhood; low where kinds of rows
            are lost.
        k: a real row's neighbourhood reaches to its k-th nearest real row.
        n_per_side: the real rows, and as many synthetic rows (or second real ones).
        caveats: reasons to read these numbers with care.
    """

    density: Beside
    coverage: Beside
    k: int
    n_per_side: int
    caveats: tuple[Caveat, ...] = ()


@dataclass(frozen=True, kw_only=True)
class FrechetResult:
    """The Fréchet distance of the encoded rows, the counterpart of images' FID (Heusel et al. 2017).

    Attributes:
        distance: between normal distributions of the means and covariances of the encoded rows, squared as FID is; its
            floor is that of a second real sample.
        n_features: the width of an encoded row.
        n_per_side: the rows of each side.
        caveats: reasons to read this number with care.
    """

    distance: Estimate
    n_features: int
    n_per_side: int
    caveats: tuple[Caveat, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A kind of real row, found by k-means.

    Attributes:
        real, synthetic: the share of each table's rows that belong to it.
        described: what its rows have in common, in words.
    """

    real: Estimate
    synthetic: Estimate
    described: str


@dataclass(frozen=True, kw_only=True)
class CollapseResult:
    """Has the synthesizer collapsed onto few kinds of rows?

    Attributes:
        distinct: the share of rows that differ, out of as many rows of each side.
        most_repeated: the share of the row that occurs most often.
        entropy: the mean over the columns of the entropy of their cells, numbers cut at the real deciles, in bits.
        cluster_entropy: of the shares of the clusters, in bits.
        coverage: the share of clusters that hold at least a tenth of the rows that they should.
        clusters: the largest real one first.
        n_per_side: the rows of each side.
        caveats: reasons to read these numbers with care.
    """

    distinct: Beside
    most_repeated: Beside
    entropy: Beside
    cluster_entropy: Beside
    coverage: Beside
    clusters: tuple[Cluster, ...]
    n_per_side: int
    caveats: tuple[Caveat, ...] = ()
