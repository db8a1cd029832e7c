"""How the numbers of a report were computed, in a few sentences."""

from tabgan.evaluation.report import Report

COLUMNS = (
    "Columns: numbers and times by the Kolmogorov-Smirnov distance (largest difference of the two cumulative "
    "distributions), all others by total variation distance (half the summed difference of the shares). Missing "
    "cells count in both. Cramér's V is not bias-corrected. How far a cell moves on average: the Wasserstein distance.",
    "Tests: two-sided KS, whose p value is found given the ties, and chi-square on counts with sparse categories "
    "merged. On large tables any difference is significant, so read the distance first. Adjusted p: Benjamini-Hochberg "
    "over all columns. Rows to tell apart: with so many rows of each table the test at 5 % would see a difference of "
    "this size in four of five tries.",
    "Noise floors: of a column, what simulated samples of the real column of the two sizes give; of the Shape and the "
    "Trend error and of pairs, what random halves of the real table give, scaled to the two sizes. Standard errors: "
    "bootstrap of the cells of a column, and of the rows for all else here. The interval of a distance covers the true "
    "distance at least 95 times of 100.",
)
PAIRS = (
    "Pairs: half the difference of Pearson's r for two numeric columns, else total variation of the contingency "
    "tables with numbers cut into 10 equal bins at the real column's edges. Association: the size of Pearson's r, or "
    "Cramér's V with its bias corrected (Bergsma 2013).",
)
WRITTEN = (
    "Keys, strings of a pattern, personal data and free text are written and not learnt, so their values have no "
    "distribution to compare. Copied cells: they equal a learnt cell that fewer than 5 learnt rows hold; beside them "
    "held-out rows, else each learnt row among the others. Shapes: letters, digits and other marks, as fine as shapes "
    "of the real column repeat. Words: in lower case; errors and floors from drawing whole texts again.",
)
BESIDE = (
    "Whole rows, kinds of rows and privacy: real rows stand in the place of the synthetic ones and show what a perfect "
    "synthesizer would get: held-out rows where enough are given, else one half of the real rows beside the other.",
)
DETECTION = (
    "Detection: three folds, as many real as synthetic rows, scored on rows the classifier was not trained on; the "
    "standard error is Hanley and McNeil's (1982). What gives rows away: the fall of the AUC when a column is shuffled "
    "among the rows that are scored.",
)
SUPPORT = ("Density and coverage: Naeem et al. (2020), on encoded rows.",)
FRECHET = (
    "Fréchet distance: between normal distributions with the means and covariances of the encoded rows, as in Heusel "
    "et al. (2017); the standard error is a jackknife's over groups of rows.",
)
COLLAPSE = (
    "Mode coverage: k-means finds kinds of real rows, and every row belongs to the nearest of them. Entropy: numbers "
    "are cut at the real deciles. Rows repeat where they are equal in every cell.",
)
UTILITY = (
    "Utility: gradient-boosted trees with the same settings learn from synthetic rows, from real rows and from both, "
    "and are scored on real rows that none of them has seen. Intervals: bootstrap of these rows, the same for all.",
)
PRIVACY = (
    "Privacy: distances between encoded rows (1 is one category that differs), from synthetic rows and from real rows "
    "in their place to the rows that were learnt from. Attacks: after Giomi et al. (2023), each beside the same attack "
    "on rows that were not learnt from; risk is what lies beyond that control. Shares have Wilson's interval.",
)


def method(report: Report) -> list[str]:
    """The sentences about what is in the report, and no others."""
    beside = report.support or report.frechet or report.collapse or report.privacy
    parts = (
        (report.columns, COLUMNS),
        (report.pairs, PAIRS),
        (report.written, WRITTEN),
        (beside, BESIDE),
        (report.detection or report.logistic_detection, DETECTION),
        (report.support, SUPPORT),
        (report.frechet, FRECHET),
        (report.collapse, COLLAPSE),
        (report.utility, UTILITY),
        (report.privacy, PRIVACY),
    )
    told = [sentence for part, sentences in parts if part for sentence in sentences]
    return [*told, f"Every random choice follows seed {report.seed}: the same tables and seed give the same report."]
