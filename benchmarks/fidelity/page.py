"""The results as a page of the documentation: tables in Markdown, each number with its spread and its noise floor."""

from collections.abc import Sequence

from benchmarks.fidelity import results as found_in
from benchmarks.fidelity.datasets import TASKS
from benchmarks.fidelity.results import (
    C2ST,
    COPIES,
    COSTS,
    DETECTION,
    FIT,
    GAP,
    NEARER,
    OWN_EDGES,
    SCORES,
    SHAPE,
    TREND,
    UTILITY,
    Measure,
    Result,
    Summary,
)

FLOOR = "*a second real sample*"
NAMES = {
    "tabgan": "**tabgan**",
    "ctgan": "CTGAN",
    "tvae": "TVAE",
    "gaussian_copula": "GaussianCopula (SDV)",
    "tabularargn": "TabularARGN",
    "arf": "Adversarial random forest",
}
MEASURE_WORDS = {"auc": "AUC", "macro_auc": "macro AUC", "macro_f1": "macro F1", "r2": "R²"}

QUOTED = {
    "TabDiff": {
        SHAPE.title: (0.63, 1.24, 1.28, 0.78, 1.03, 0.99),
        OWN_EDGES.title: (1.49, 2.55, 1.74, 0.76, 2.59, 1.83),
    },
    "TabSyn": {
        SHAPE.title: (0.81, 1.01, 1.44, 1.03, 1.26, 1.11),
        OWN_EDGES.title: (1.93, 2.81, 2.13, 0.88, 3.13, 2.18),
    },
}

HEAD = """# Benchmarks

Written by `python -m benchmarks.fidelity render` from the files in `benchmarks/results/fidelity`; do not edit.

![Quality against seconds of training](quality_vs_time.svg)

Every synthesizer learns the `train` part of a table at its defaults, on the CPU, told the same kinds of columns, and
then makes as many rows. Each number is the mean over the seeds ± their standard deviation; where there is one seed, its
standard error over the rows stands in brackets. The last row of each table is the noise floor, what a second real
sample of that size would get, with its standard error in brackets. A score there leaves nothing to gain; Shape can pass
it where a synthesizer matches the margins of its training rows exactly.

- **Shape error**: mean over the columns of the Kolmogorov-Smirnov distance (numbers) or the total variation distance
  (categories), against the training rows. **Trend error**: mean over the pairs of columns of half the difference of
  Pearson's r (two numbers) or the total variation distance of the contingency tables, numbers cut into ten bins at the
  real column's edges. With **own edges** each table is cut at its own minimum and maximum, as SDMetrics 0.11 does and
  the published figures are made; one outlier then moves every bin.
- **Detection**: how well gradient-boosted trees tell held-out real rows from as many synthetic ones (AUC of three
  folds, mean of three draws, at most 6,000 rows each): 0.5 is not at all. **Logistic C2ST** is the score of SDMetrics'
  LogisticDetection on the same split: 1 is not at all.
- **Utility**: gradient-boosted trees learn the target from synthetic rows and are tested on held-out real rows; the
  last row is the same model after real rows. The **gap** is what is lost.
- **Nearer to train**: the share of synthetic rows whose nearest real row is a training row rather than one of as many
  held-out rows; 0.5 is ideal. **Copies**: synthetic rows that equal a training row in every cell; the last row is the
  share of held-out rows that do.
- **fit** is the seconds from the file of training rows to a model that can be sampled, imports not counted. Wall
  seconds grow with whatever else the machine does; where they exceed the CPU seconds by much, trust these.
"""


def page(results: Sequence[Result]) -> str:
    """The whole page."""
    inferred, published = (found_in.pick(results, kinds=kinds) for kinds in ("inferred", "published"))
    sections = [HEAD]
    if inferred:
        sections += [mean_section(inferred), *(set_section(inferred, name) for name in found_in.sets_of(inferred))]
    sections.append(published_section(published))
    sections.append(making_section(results))
    return "\n".join(sections)


def mean_section(results: Sequence[Result]) -> str:
    """The mean over all tables, for the labels that have them all."""
    sets = found_in.sets_of(results)
    measures = (SHAPE, TREND, OWN_EDGES, DETECTION, C2ST, GAP, NEARER, COPIES, FIT)
    rows, short = [], []
    for label in found_in.labels_of(results):
        mine = found_in.pick(results, label=label)
        summaries = [found_in.over_sets(mine, sets, measure) for measure in measures]
        if summaries[0] is None:
            short.append(name_of(label))
            continue
        rows.append([name_of(label), str(summaries[0].n), *map(cell, measures, summaries)])
    floors = [found_in.floor_over_sets(results, sets, measure) for measure in measures]
    rows.append([FLOOR, "", *map(cell, measures, floors)])
    text = f"## Mean over {', '.join(sets)}\n\n" + table(["", "seeds", *(m.title for m in measures)], rows)
    return text + (f"\nNot run on all of these tables yet: {', '.join(short)}.\n" if short else "")


def set_section(results: Sequence[Result], name: str) -> str:
    """The scores and the costs on one table."""
    here = found_in.pick(results, set=name)
    first = here[0]
    what = MEASURE_WORDS[first["scores"]["utility"]["scores"][0]["measure"]]
    titles = [f"{m.title}, {what}" if m is UTILITY else m.title for m in SCORES]
    scores, costs = [], []
    for label in found_in.labels_of(here):
        mine = found_in.pick(here, label=label)
        start = [name_of(label), str(len(mine))]
        scores.append([*start, *(cell(m, found_in.summarise(mine, m)) for m in SCORES)])
        threads = ", ".join(sorted({str(found["threads"]) for found in mine}))
        costs.append([*start, threads, *(cell(m, found_in.summarise(mine, m)) for m in COSTS)])
    scores.append([FLOOR, "", *(cell(m, found_in.floor(here, m)) for m in SCORES)])
    size = f"{first['n_train']:,} rows to learn from, {first['n_test']:,} held out, target `{TASKS[name].target}`."
    parts = [f"## {name}\n\n{size}\n", table(["", "seeds", *titles], scores)]
    parts.append(table(["", "seeds", "threads", *(m.title for m in COSTS)], costs))
    notes = sorted(
        {f"- {name_of(found['label'])}, seed {found['seed']}: {found['note']}" for found in here if found["note"]}
    )
    return "\n".join([*parts, *([*notes, ""] if notes else [])])


def versions_of(found: Result) -> dict[str, str]:
    """What a synthesizer ran with, its commit too where it is ours."""
    versions = {name: value for name, value in found["versions"].items() if name != "scored_with"}
    return versions | ({"commit": found["commit"]} if found.get("commit") else {})


def published_section(results: Sequence[Result]) -> str:
    """Our rows in the published protocol beside the published figures."""
    sets = list(TASKS)
    text = """## Beside the published figures

The kinds of columns are those of the benchmark of TabSyn and TabDiff (codes such as `PAY_0` are categories, whole
numbers such as `hours-per-week` are numbers, Beijing's rows with missing cells are dropped), and the scores are those
of SDMetrics 0.11 against the training rows, Trend with own edges. The figures of TabDiff (Shi et al. 2025) and TabSyn
(Zhang et al. 2024, as TabDiff ran it again) are quoted from the papers, with their protocol: their own splits, their
machines, the mean of 20 samples. They were not measured here. Where a column has one far outlier, as Default's amounts
do, own edges put two real samples far apart, so a synthesizer that repeats the training table's minimum and maximum
passes that floor; the third table has common edges, for which the papers give no figures.
"""
    parts = [text]
    for measure in (SHAPE, OWN_EDGES, TREND):
        rows = (
            [[name, *(f"{value:.2f}" for value in QUOTED[name][measure.title])] for name in QUOTED]
            if measure is not TREND
            else []
        )
        for label in found_in.labels_of(results):
            mine = found_in.pick(results, label=label)
            summaries = [found_in.summarise(found_in.pick(mine, set=name), measure) for name in sets]
            rows.append(
                [name_of(label), *(cell(measure, s) for s in [*summaries, found_in.over_sets(mine, sets, measure)])]
            )
        floors = [found_in.floor(found_in.pick(results, set=name), measure) for name in sets]
        floors.append(found_in.floor_over_sets(results, sets, measure))
        rows.append([FLOOR, *(cell(measure, value) for value in floors)])
        parts.append(table([measure.title, *sets, "mean of five"], rows))
    return "\n".join(parts)


def making_section(results: Sequence[Result]) -> str:
    """Machines, versions and dates, and how to make it all again."""
    machines = sorted(
        {f"{m['cpu']}, {m['cores']} cores, {m.get('memory_gib', '?')} GiB" for m in (r["machine"] for r in results)}
    )
    lines = ["## How it was made", "", *(f"- Machine: {machine}" for machine in machines)]
    dates = sorted(found["date"] for found in results)
    lines.append(f"- {len(results)} runs, from {dates[0]} to {dates[-1]}")
    for label in found_in.labels_of(results):
        mine = found_in.pick(results, label=label)
        versions = sorted({", ".join(f"{k} {v}" for k, v in versions_of(found).items()) for found in mine})
        settings = sorted({str(found["settings"]) for found in mine if found["settings"]})
        lines.append(
            f"- {name_of(label)}: {'; '.join(versions)}" + (f"; settings {'; '.join(settings)}" if settings else "")
        )
    return "\n".join([*lines, "", *COMMANDS.splitlines(), ""])


COMMANDS = """```
pip install -e '.[plots]'
python -m benchmarks.fidelity peers --into PEERS
python -m benchmarks.fidelity run --data DATA --peers PEERS
python -m benchmarks.fidelity run --data DATA --synthesizers tabgan --kinds published
python -m benchmarks.fidelity render
```

`DATA` holds a folder for each table with `train.csv` and `test.csv`. A run that has its file is skipped;
`--again` makes it anew."""


def name_of(label: str) -> str:
    """A label as the tables write it; tabgan's are bold."""
    if label in NAMES:
        return NAMES[label]
    return f"**{label}**" if label.startswith("tabgan") else label


def cell(measure: Measure, summary: Summary | None) -> str:
    """A number with its spread over seeds, or in brackets its standard error over rows."""
    if summary is None:
        return ""
    text = f"{summary.mean:,.{measure.digits}f}"
    if summary.spread is not None:
        return f"{text} ± {summary.spread:,.{measure.digits}f}"
    return text if summary.standard_error is None else f"{text} ({summary.standard_error:.{measure.digits}f})"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
