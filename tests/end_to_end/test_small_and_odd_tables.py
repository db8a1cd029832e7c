"""Small and odd tables at the default settings: what was planted comes back, and no table is better off shuffled.

Each table is drawn from a known law, and fresh rows of that law judge the model: a larger table that synthetic rows are
compared with, and one as large as the table that was learnt, which tells copies from likeness. What the model must beat
are the columns of the table that was learnt, each shuffled on its own: they have perfect margins and no dependence.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from math import ceil, sqrt

import numpy as np
import pandas as pd
import pytest
from scipy.spatial import cKDTree

from tabgan import TabGAN
from tabgan.evaluation.evaluator import evaluate
from tabgan.evaluation.report import OPTIONAL, Report

MARGINS = 1.5
"""The Shape error may be so many times that of the rows that were learnt, all against fresh rows."""


def labels(codes: np.ndarray, prefix: str) -> np.ndarray:
    return np.char.add(prefix, codes.astype(int).astype(str)).astype(object)


def chosen(shares: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A category for each row of `shares` (n, u), each row summing to 1."""
    return (shares.cumsum(1) < random.random((len(shares), 1))).sum(1)


def mixed(n: int, random: np.random.Generator) -> pd.DataFrame:
    """A segment, a grade that depends on it, two numbers that follow the segment, and two columns of their own."""
    segment = random.choice(3, n, p=[0.5, 0.3, 0.2])
    grade = chosen(np.array([[0.85, 0.1, 0.05], [0.1, 0.8, 0.1], [0.05, 0.15, 0.8]])[segment], random)
    age = random.normal(np.array([25.0, 45.0, 70.0])[segment], 5.0)
    income = np.exp(random.normal(age / 30, 0.2))
    return pd.DataFrame(
        {
            "segment": labels(segment, "s"),
            "grade": labels(grade, "g"),
            "age": age,
            "income": income,
            "noise": random.normal(size=n),
            "coin": labels(random.random(n) < 0.3, "c"),
        }
    )


def mixed_facts(table: pd.DataFrame) -> dict[str, float]:
    grades = table["grade"][table["segment"] == "s0"]
    return {
        "share of g0 in s0": float((grades == "g0").mean()),
        "share of s2 above 60": float((table["segment"][table["age"] > 60] == "s2").mean()),
        "rank correlation of age and income": spearman(table["age"], table["income"]),
    }


def spearman(first: pd.Series, second: pd.Series) -> float:
    return float(first.astype(float).rank().corr(second.astype(float).rank()))


def three_columns(n: int, random: np.random.Generator) -> pd.DataFrame:
    """A number, a second that is a curve of it, and a category that depends on both."""
    x = random.uniform(-2, 2, n)
    y = x**3 - x + random.normal(0, 0.3, n)
    side = (x > 0).astype(int) + (y > 0) * 2
    kept = random.random(n) < 0.9
    return pd.DataFrame({"x": x, "y": y, "side": labels(np.where(kept, side, random.integers(0, 4, n)), "q")})


def curve_facts(table: pd.DataFrame) -> dict[str, float]:
    side = table["side"][(table["x"] > 0) & (table["y"] > 0)]
    middle = table["x"].between(-1, 0)
    return {
        "spread about the curve": float((table["y"] - table["x"] ** 3 + table["x"]).abs().median()),
        "mean of y where the curve is up": float(table["y"][middle].mean()),
        "share of q3 in its quadrant": float((side == "q3").mean()),
    }


def wide(n: int, random: np.random.Generator) -> pd.DataFrame:
    """200 columns, half of them categories: each follows one of ten hidden numbers."""
    hidden = random.normal(size=(n, 10))
    columns = {}
    for place in range(200):
        score = 0.8 * hidden[:, place % 10] + 0.6 * random.normal(size=n)
        if place // 10 % 2:
            columns[f"number_{place}"] = score if place % 3 else np.exp(score)
        else:
            edges = [[0.0], [-0.5, 0.8], [-1.0, 0.0, 1.0]][place % 3]
            columns[f"category_{place}"] = labels(np.searchsorted(edges, score), "k")
    return pd.DataFrame(columns)


def wide_facts(table: pd.DataFrame) -> dict[str, float]:
    numbers = table.select_dtypes("number").rank().corr().to_numpy()
    same = np.equal.outer(np.arange(100) % 10, np.arange(100) % 10) & ~np.eye(100, dtype=bool)
    return {
        "rank correlation of numbers of one hidden number": float(numbers[same].mean()),
        "spread of the other correlations": float(numbers[~same & ~np.eye(100, dtype=bool)].std()),
    }


def rare_class(n: int, random: np.random.Generator) -> pd.DataFrame:
    """One row in a thousand is a fraud, and lies elsewhere."""
    fraud = random.random(n) < 0.001
    amount = np.exp(random.normal(np.where(fraud, 6.0, 3.0), 0.7))
    hour = np.where(fraud, random.normal(3, 1, n) % 24, random.normal(14, 4, n) % 24)
    shop = chosen(np.where(fraud[:, None], [[0.1, 0.1, 0.8]], [[0.6, 0.35, 0.05]]), random)
    return pd.DataFrame(
        {
            "amount": amount,
            "fee": amount * random.uniform(0.01, 0.03, n),
            "hour": hour,
            "shop": labels(shop, "shop "),
            "label": np.where(fraud, "fraud", "fine").astype(object),
        }
    )


def rare_facts(table: pd.DataFrame) -> dict[str, float]:
    return {
        "share of frauds": float((table["label"] == "fraud").mean()),
        "rank correlation of amount and fee": spearman(table["amount"], table["fee"]),
    }


def heavy_tails(n: int, random: np.random.Generator) -> pd.DataFrame:
    """Amounts from cents to tens of millions, two of which go together, and a tier that depends on the decade."""
    decades = random.normal(2.5, 1.5, n)
    second = 2.5 + 0.9 * (decades - 2.5) + random.normal(0, 0.6, n)
    tier = np.where(random.random(n) < 0.9, np.digitize(decades, [1.0, 2.5, 4.0]), random.integers(0, 4, n))
    return pd.DataFrame(
        {
            "amount": 10**decades,
            "turnover": 10**second,
            "pareto": (1 - random.random(n)) ** -2.0,
            "tier": labels(tier, "t"),
        }
    )


def logarithms(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(**{name: np.log10(table[name]) for name in ("amount", "turnover", "pareto")})


def heavy_facts(table: pd.DataFrame) -> dict[str, float]:
    logs = logarithms(table)
    return {
        "correlation of logarithms": float(logs["amount"].corr(logs["turnover"])),
        "share of t3 above four decades": float((logs["tier"][logs["amount"] > 4] == "t3").mean()),
        "1 in 200 of the logarithms": float(logs["amount"].quantile(0.005)),
        "199 in 200 of the logarithms": float(logs["amount"].quantile(0.995)),
        "median of the logarithms of pareto": float(logs["pareto"].median()),
    }


def categories(n: int, random: np.random.Generator) -> pd.DataFrame:
    """A chain of categories, each of which mostly follows from the one before; one of them has thirty values."""
    codes = [random.choice(4, n, p=[0.4, 0.3, 0.2, 0.1])]
    for size in (3, 5, 30, 2, 6, 4):
        follows = (codes[-1] * 7 + size) % size
        codes.append(np.where(random.random(n) < 0.75, follows, random.integers(0, size, n)))
    return pd.DataFrame({f"c{place}": labels(code, f"{place}.") for place, code in enumerate(codes)})


def category_facts(table: pd.DataFrame) -> dict[str, float]:
    follows = {"c1": ("c0", 3), "c3": ("c2", 30), "c5": ("c4", 6)}
    codes = {name: table[name].str.split(".").str[1].astype(int) for name in table}
    return {
        f"share of {name} that follows": float(((codes[before] * 7 + size) % size == codes[name]).mean())
        for name, (before, size) in follows.items()
    }


def numbers(n: int, random: np.random.Generator) -> pd.DataFrame:
    """Numbers of six margins joined by a Gaussian copula, and one that is a parabola of the first."""
    size = 6
    correlations = 0.7 ** np.abs(np.subtract.outer(np.arange(size), np.arange(size)))
    z = random.multivariate_normal(np.zeros(size), correlations, n)
    u = pd.DataFrame(z).rank().to_numpy() / (n + 1)
    return pd.DataFrame(
        {
            "normal": z[:, 0],
            "lognormal": np.exp(z[:, 1]),
            "exponential": -np.log1p(-u[:, 2]),
            "uniform": u[:, 3] * 10,
            "two_humps": z[:, 4] + 4 * np.sign(z[:, 4]),
            "cubed": z[:, 5] ** 3,
            "parabola": z[:, 0] ** 2 + random.normal(0, 0.3, n),
        }
    )


def number_facts(table: pd.DataFrame) -> dict[str, float]:
    return {
        "rank correlation of neighbours": spearman(table["normal"], table["lognormal"]),
        "rank correlation of neighbours with humps": spearman(table["uniform"], table["two_humps"]),
        "rank correlation two apart": spearman(table["exponential"], table["two_humps"]),
        "distance to the parabola": float((table["parabola"] - table["normal"] ** 2).abs().median()),
    }


def missing(n: int, random: np.random.Generator) -> pd.DataFrame:
    """Four columns that miss 40 % of their cells: the more, the later the wave; two of them miss the same rows."""
    wave = random.integers(0, 3, n)
    share = np.array([0.1, 0.3, 0.8])[wave]
    score = random.normal(wave * 2.0, 1.0)
    first, second, third = (random.random(n) < share for _ in range(3))
    return pd.DataFrame(
        {
            "wave": labels(wave, "w"),
            "score": np.where(first, np.nan, score),
            "grade": np.where(second, None, labels(np.clip(score // 2, 0, 2), "g")),
            "pulse": np.where(third, np.nan, 60 + 8 * score + random.normal(0, 4, n)),
            "rest": np.where(third, np.nan, random.normal(size=n)),
        }
    )


def missing_facts(table: pd.DataFrame) -> dict[str, float]:
    absent = table.isna()
    by_wave = absent.groupby(table["wave"])
    return {
        "missing scores in w0": float(by_wave["score"].mean()["w0"]),
        "missing scores in w2": float(by_wave["score"].mean()["w2"]),
        "missing grades in w2": float(by_wave["grade"].mean()["w2"]),
        "pulse missing, and rest with it": float((absent["pulse"] == absent["rest"]).mean()),
        "rank correlation of score and pulse": spearman(
            *(table[["score", "pulse"]].dropna()[c] for c in ("score", "pulse"))
        ),
    }


def independent(n: int, random: np.random.Generator) -> pd.DataFrame:
    """Nothing here depends on anything."""
    return pd.DataFrame(
        {
            "normal": random.normal(size=n),
            "lognormal": np.exp(random.normal(size=n)),
            "whole": random.poisson(4, n),
            "three": labels(random.choice(3, n, p=[0.6, 0.3, 0.1]), "a"),
            "six": labels(random.choice(6, n), "b"),
        }
    )


def unchanged(table: pd.DataFrame) -> pd.DataFrame:
    return table


@dataclass(frozen=True)
class Case:
    """A table and its bars.

    Attributes:
        n: rows that are learnt.
        make: the law that rows are drawn from.
        facts: what was planted, measured on rows.
        within: how near each fact must come to that of fresh rows.
        trend: the Trend error must be at most this share of that of the shuffled columns.
        n_fresh: rows to compare with.
        view: what the evaluator gets to see of a table.
    """

    n: int
    make: Callable[[int, np.random.Generator], pd.DataFrame]
    facts: Callable[[pd.DataFrame], dict[str, float]]
    within: Mapping[str, float]
    trend: float = 0.35
    n_fresh: int = 4_000
    view: Callable[[pd.DataFrame], pd.DataFrame] = unchanged


CASES = {
    "200_rows": Case(
        200,
        mixed,
        mixed_facts,
        {"share of g0 in s0": 0.12, "share of s2 above 60": 0.2, "rank correlation of age and income": 0.25},
        trend=0.7,
    ),
    "1000_rows": Case(
        1_000,
        mixed,
        mixed_facts,
        {"share of g0 in s0": 0.08, "share of s2 above 60": 0.1, "rank correlation of age and income": 0.15},
    ),
    "3_columns": Case(
        2_000,
        three_columns,
        curve_facts,
        {
            "spread about the curve": 0.15,
            "mean of y where the curve is up": 0.1,
            "share of q3 in its quadrant": 0.1,
        },
    ),
    "rare_class": Case(
        10_000,
        rare_class,
        rare_facts,
        {"share of frauds": 0.001, "rank correlation of amount and fee": 0.05},
        trend=0.5,
        n_fresh=20_000,
    ),
    "heavy_tails": Case(
        2_000,
        heavy_tails,
        heavy_facts,
        {
            "correlation of logarithms": 0.1,
            "share of t3 above four decades": 0.12,
            "1 in 200 of the logarithms": 0.6,
            "199 in 200 of the logarithms": 0.6,
            "median of the logarithms of pareto": 0.06,
        },
        view=logarithms,
    ),
    "all_categorical": Case(
        3_000,
        categories,
        category_facts,
        {"share of c1 that follows": 0.06, "share of c3 that follows": 0.08, "share of c5 that follows": 0.06},
    ),
    "all_continuous": Case(
        3_000,
        numbers,
        number_facts,
        {
            "rank correlation of neighbours": 0.1,
            "rank correlation of neighbours with humps": 0.1,
            "rank correlation two apart": 0.1,
            "distance to the parabola": 0.1,
        },
    ),
    "missing": Case(
        3_000,
        missing,
        missing_facts,
        {
            "missing scores in w0": 0.05,
            "missing scores in w2": 0.06,
            "missing grades in w2": 0.06,
            "pulse missing, and rest with it": 0.02,
            "rank correlation of score and pulse": 0.15,
        },
    ),
    "200_columns": Case(
        2_000,
        wide,
        wide_facts,
        {"rank correlation of numbers of one hidden number": 0.12, "spread of the other correlations": 0.03},
        trend=0.5,
    ),
}
NO_DEPENDENCE = {n: Case(n, independent, lambda table: {}, {}, trend=1.2) for n in (200, 1_000)}
SLOW = ("200_columns",)


@dataclass(frozen=True)
class Trial:
    """A model of a table, and what it is measured by.

    Attributes:
        learnt: the table that was learnt.
        fresh: many other rows of the same law.
        other: as many rows of that law as were learnt.
        made: synthetic rows, as many as `fresh` has.
        shuffled: likewise, from the columns of `learnt`, each on its own.
        ours, theirs: the errors of `made` and of `shuffled`.
        auc, auc_of_shuffled: how well as many of these rows as were learnt are told from fresh ones.
    """

    model: TabGAN
    learnt: pd.DataFrame
    fresh: pd.DataFrame
    other: pd.DataFrame
    made: pd.DataFrame
    shuffled: pd.DataFrame
    ours: Report
    theirs: Report
    auc: float
    auc_of_shuffled: float


def tried(case: Case) -> Trial:
    learnt, fresh, other = (
        case.make(n, np.random.default_rng(100 + place)) for place, n in enumerate((case.n, case.n_fresh, case.n))
    )
    model = TabGAN(seed=0, device="cpu").fit(learnt)
    made, shuffled = model.sample(case.n_fresh), shuffle(learnt, case.n_fresh, np.random.default_rng(5))
    real, *candidates = (some_columns(case.view(table)) for table in (fresh, made, shuffled))
    reports = [evaluate(real, table, skip=OPTIONAL) for table in candidates]
    aucs = [auc(real, table.head(case.n)) for table in candidates]
    return Trial(model, learnt, fresh, other, made, shuffled, *reports, *aucs)


def shuffle(table: pd.DataFrame, n: int, random: np.random.Generator) -> pd.DataFrame:
    """Each column of `table` on its own in random order, again and again until there are `n` rows."""
    parts = [table.apply(lambda column: random.permutation(column.to_numpy())) for _ in range(ceil(n / len(table)))]
    return pd.concat(parts, ignore_index=True).head(n)


def some_columns(table: pd.DataFrame, most: int = 40) -> pd.DataFrame:
    """The pairs of hundreds of columns take a minute, and a part of them tells the same."""
    return table[table.columns[:: ceil(table.shape[1] / most)]]


def auc(real: pd.DataFrame, made: pd.DataFrame) -> float:
    detection = evaluate(real, made).detection
    assert detection is not None
    return detection.auc


TRIALS = cache(lambda name: tried(CASES[name]))
EACH = pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.slow if n in SLOW else ()) for n in CASES])

WIDE = "margins drift to 1.7 times the error of the rows learnt, and 0.585 of the rows lie nearer to those"
EACH_BUT_THE_WIDE = pytest.mark.parametrize(
    "name",
    [
        pytest.param(n, marks=[pytest.mark.slow, pytest.mark.xfail(reason=WIDE, strict=True)] if n in SLOW else [])
        for n in CASES
    ],
)


@EACH_BUT_THE_WIDE
def test_margins_are_nearly_those_of_the_table_that_was_learnt(name: str) -> None:
    """Shuffled columns have these margins exactly: what error they have is the luck of the rows that were learnt."""
    trial = TRIALS(name)
    ours, theirs = trial.ours.shape_error_pct, trial.theirs.shape_error_pct
    assert ours is not None
    assert theirs is not None
    assert ours.value <= MARGINS * theirs.value


@EACH
def test_pairs_go_together_as_they_did(name: str) -> None:
    trial = TRIALS(name)
    ours, theirs = trial.ours.trend_error_pct, trial.theirs.trend_error_pct
    assert ours is not None
    assert theirs is not None
    assert ours.value <= CASES[name].trend * theirs.value


@EACH
def test_rows_are_harder_to_tell_from_fresh_ones_than_shuffled_columns_are(name: str) -> None:
    trial = TRIALS(name)
    assert trial.auc < trial.auc_of_shuffled - 0.05


@EACH
def test_what_was_planted_comes_back(name: str) -> None:
    case, trial = CASES[name], TRIALS(name)
    true, found = case.facts(trial.fresh), case.facts(trial.made)
    assert set(true) == set(case.within)
    wrong = {fact: (true[fact], found[fact]) for fact in true if abs(found[fact] - true[fact]) > case.within[fact]}
    assert not wrong


@EACH_BUT_THE_WIDE
def test_rows_lie_no_nearer_to_those_that_were_learnt_than_to_others(name: str) -> None:
    """Half of the synthetic rows have their nearest neighbour among the rows learnt, if none is learnt by heart.

    A generator that knows them all by heart is at 1. Of few rows a little always is; and a share has its chance.
    """
    case, trial = CASES[name], TRIALS(name)
    share = share_nearer(trial.made, trial.learnt, trial.other)
    assert share <= 0.56 + 2 * 0.5 / sqrt(case.n)


@EACH
def test_no_rows_are_copies_beyond_chance(name: str) -> None:
    """Numbers never come back as a whole row; categories alone do, as often as in fresh rows."""
    trial = TRIALS(name)
    assert copies(trial.made, trial.learnt) <= copies(trial.fresh, trial.learnt) * 1.05


@pytest.mark.parametrize("n", NO_DEPENDENCE)
def test_columns_that_have_nothing_to_do_with_each_other_stay_so(n: int) -> None:
    trial = tried(NO_DEPENDENCE[n])
    for measure, times in (("shape_error_pct", MARGINS), ("trend_error_pct", NO_DEPENDENCE[n].trend)):
        ours, theirs = getattr(trial.ours, measure), getattr(trial.theirs, measure)
        assert ours.value <= times * theirs.value + ours.standard_error, measure
    assert trial.auc <= 0.5 + 1.5 / sqrt(n)
    assert share_nearer(trial.made, trial.learnt, trial.other) <= 0.55 + 0.5 / sqrt(n)


def test_the_rare_class_can_be_asked_for_and_lies_where_it_did() -> None:
    """About ten rows of it were learnt, so that it is known roughly."""
    trial = TRIALS("rare_class")
    learnt = trial.learnt[trial.learnt["label"] == "fraud"]
    assert 5 <= len(learnt) <= 20
    rows = trial.model.sample(2_000, where={"label": "fraud"})
    assert (rows["label"] == "fraud").all()
    assert np.log(rows["amount"]).median() > 5
    assert (rows["hour"] < 7).mean() > 0.5
    assert (rows["shop"] == "shop 2").mean() > 0.5


def test_amounts_keep_their_nine_decades() -> None:
    trial = TRIALS("heavy_tails")
    learnt, made = trial.learnt["amount"], trial.made["amount"]
    assert np.log10(made.max() / made.min()) > 7
    assert made.min() >= learnt.min() / 10
    assert made.max() <= learnt.max() * 10


def copies(rows: pd.DataFrame, learnt: pd.DataFrame) -> float:
    """The share of `rows` that stand in `learnt`, numbers and all; rows that lack a number are passed over."""
    whole = rows.dropna()
    return len(whole.merge(learnt.drop_duplicates(), how="inner")) / max(len(whole), 1)


def share_nearer(rows: pd.DataFrame, first: pd.DataFrame, second: pd.DataFrame) -> float:
    """The share of `rows` that lie nearer to a row of `first` than to any of `second`; a tie counts as a half."""
    points, *trees = places((rows, first, second))
    near, far = (cKDTree(tree).query(points)[0] for tree in trees)
    return float((near < far).mean() + (near == far).mean() / 2)


def places(tables: tuple[pd.DataFrame, ...]) -> list[np.ndarray]:
    """Rows as points: numbers by their rank among all, -1 where missing, and categories half a unit apart."""
    whole = pd.concat(tables, ignore_index=True)
    axes = [
        whole[name].rank(pct=True).fillna(-1.0).to_numpy()[:, None]
        if pd.api.types.is_numeric_dtype(whole[name])
        else pd.get_dummies(whole[name]).to_numpy(float) / 2
        for name in whole
    ]
    ends = np.cumsum([len(table) for table in tables])
    return np.split(np.concatenate(axes, 1), ends[:-1])
