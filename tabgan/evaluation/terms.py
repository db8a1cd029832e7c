"""What the measures are called and what they mean: the same words in findings, scores and every rendering.

A *kind of row* is a cluster of real rows; *mode coverage* is the share of kinds that are kept.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Term:
    """A measure in words.

    Attributes:
        name: what it is called.
        meaning: a sentence, or two, that anyone can follow.
    """

    name: str
    meaning: str


SHAPE = Term("Shape error", "How far single columns lie apart on average: 0 % the same, 100 % nothing in common.")
TREND = Term(
    "Trend error", "How differently pairs of columns go together on average: 0 % the same, 100 % nothing alike."
)
TREND_SEPARATE = Term(
    "Trend error, own edges",
    "With bins of each table's own, as SDMetrics 0.11 and TabSyn compute it; only to compare with published figures.",
)
DETECTION = Term(
    "Detection AUC", "How well a classifier tells real rows from synthetic ones: 0.5 not at all, 1.0 always."
)
DRIVERS = Term(
    "What gives synthetic rows away",
    "By how much the AUC falls when a column is shuffled. Columns that say the same share their importance.",
)
DENSITY = Term("Density", "Do synthetic rows lie where real rows are dense? Low where rows are unlike real ones.")
COVERAGE = Term("Coverage", "The share of real rows with a synthetic row nearby. Low where kinds of rows are lost.")
FRECHET = Term(
    "Fréchet distance",
    "Between the means and covariances of encoded rows, the table's counterpart of the FID of images: 0 is the same.",
)
MODE_COVERAGE = Term(
    "Mode coverage",
    "The share of the kinds of real rows (clusters) that still have at least a tenth of the rows that they should.",
)
DISTINCT = Term(
    "Distinct rows", "The share of rows that differ from each other. Low where the synthesizer repeats itself."
)
MOST_REPEATED = Term("Most repeated row", "The share of the row that occurs most often.")
ENTROPY = Term("Entropy of a column, bits", "How varied the cells of a column are, on average.")
MODE_ENTROPY = Term("Entropy of the kinds of rows, bits", "How evenly rows spread over the kinds.")
UTILITY = Term(
    "Utility", "What a model loses on real rows when it has learnt from synthetic rows in place of real ones."
)
COPIES = Term("Exact copies", "The share of rows that equal a learnt row in every cell.")
NEAR_COPIES = Term("Near copies", "The share of rows as near to a learnt row as 1 in 100 real rows is.")
DISTANCE = Term(
    "Distance to the closest row", "The median distance to the nearest learnt row. Low where learnt rows are followed."
)
CLOSE_DISTANCE = Term("… of the closest 5 %", "The distance that a twentieth of the rows are within.")
DISTANCE_RATIO = Term(
    "Distance ratio", "The nearest learnt row's distance over the second nearest's. Low where single rows are followed."
)
NEARER = Term(
    "Nearer to learnt rows", "The share of synthetic rows that lie nearer to a learnt row than to a held-out one."
)
MEMBERSHIP = Term(
    "Membership AUC", "How well an attacker tells learnt rows from others by distances: 0.5 not at all, 1.0 always."
)
CAUGHT = Term(
    "… at 1 % false alarms", "The share of learnt rows that are named while 1 in 100 of the others is named wrongly."
)
RISK = Term("Risk", "What the table gives away of learnt rows beyond what it gives away of others: 0 % is none.")

MISSING_CELLS = Term("Missing cells", "The share of cells that are missing.")
DISTINCT_CELLS = Term("Distinct cells", "The share of cells that differ from each other, out of as many of each side.")
REPEATED_KEYS = Term("Repeated keys", "The share of keys that another row has as well. A key should have none.")
COPIED_CELLS = Term(
    "Copied cells",
    "The share of cells that equal a learnt cell which few learnt rows hold. Of real rows: another one's cell.",
)
CELL_SHAPES = Term(
    "Shape of cells",
    "Total variation of where digits, letters and other marks stand, whichever they are: 0 the same.",
)
KNOWN_SHAPES = Term("Known shapes", "The share of cells whose shape real cells have too. Low where formats are broken.")
TEXT_LENGTH = Term("Length of texts", "KS D of the lengths in words: 0 the same, 1 nothing in common.")
WORDS_LONG = Term("Words in a text", "So many words, or fewer, has this share of the texts.")
WORD_USE = Term("Use of words", "Total variation of how often words occur, the rare ones together: 0 the same.")
SHARED_RUNS = Term(
    "Passages in common", "The share of texts that have words in a row in common with a learnt text, word for word."
)

DISTANCES = {"ks_d": "KS D", "total_variation": "total variation"}
DISTANCE_MEANING = (
    "Distance: KS D for numbers and times, total variation for categories; 0 the same, 1 nothing in common."
)
TESTS = {"ks": "KS", "chi2": "χ²"}
UTILITY_MEASURES = {"auc": "AUC", "macro_auc": "macro AUC", "macro_f1": "macro F1", "r2": "R²", "rmse": "RMSE"}
LESS_IS_BETTER = ("rmse",)
SMALL_GAP = 0.02
"""A loss of a model below this does not matter; of measures with a unit, as a share."""
TASKS = {"binary": "two classes", "multiclass": "more than two classes", "regression": "numbers"}
PARTS = {
    "written": "keys, texts and personal data",
    "support": "density and coverage",
    "frechet": "Fréchet distance",
    "collapse": "mode coverage and repeated rows",
}
"""What parts of a report are called that have another name for programs."""
FLOOR_MEANING = "The noise floor is what two samples of the real table, of these sizes, would give."
ERROR_MEANING = "± is one standard error, brackets hold a 95 % interval."

WRITTEN = {
    "key": "key",
    "pattern": "strings of a pattern",
    "personal": "personal data",
    "text": "free text",
}
"""What columns hold that are written and not learnt."""


def percent(share: float) -> str:
    """A share for a sentence: a percentage of two digits, as short as it can be.

    >>> percent(0.5), percent(0.0312), percent(0.00004), percent(1.0)
    ('50 %', '3.1 %', '0.004 %', '100 %')
    """
    number = 100 * share
    if abs(number) >= 10 or number == 0:
        return f"{number:.0f} %"
    return f"{number:.2g} %"
