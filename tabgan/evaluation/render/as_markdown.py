"""A report as GitHub-flavoured Markdown, for pull requests, wikis and model cards.

Names from the tables stand in code spans, where no character has a meaning; those that a code span or a cell cannot
hold, with a backtick or a pipe, are written with character references instead. All other text that may hold something
of the tables is escaped, so that it can neither break a table nor become a link, a mention or HTML.
"""

import re
from collections.abc import Iterable, Sequence

from tabgan.evaluation import terms
from tabgan.evaluation.render import figures, numbers, wording
from tabgan.evaluation.render.figures import Figure
from tabgan.evaluation.render.method import method
from tabgan.evaluation.report import Report
from tabgan.evaluation.results import (
    Caveat,
    CollapseResult,
    ColumnResult,
    Estimate,
    PrivacyResult,
    UtilityResult,
)
from tabgan.evaluation.terms import Term

WRITTEN = wording.sentence(terms.PARTS["written"]).removesuffix(".")
MAX_PAIRS = 20
MAX_DRIVERS = 10
_SPECIAL = re.compile(r"[!-/:-@\[-`{-~]")
_MARKS = re.compile(r"[\\`*_\[\]<>&#~|$@]|(?<=http):|(?<=https):|(?<=www)\.")
_QUOTED = re.compile(r"`([^`]+)`")


def to_markdown(report: Report, title: str = "Real against synthetic") -> str:
    """The report as Markdown text.

    Args:
        report: to show.
        title: the first heading.
    """
    parts = (
        f"# {escaped(title)}",
        f"{wording.sizes(report)}.",
        _caveats(report.caveats),
        _findings(report),
        _summary(report),
        _columns(report),
        _pairs(report),
        _written(report),
        _drivers(report),
        _utility(report.utility) if report.utility else "",
        _privacy(report.privacy) if report.privacy else "",
        _collapse(report.collapse) if report.collapse else "",
        _not_computed(report),
        _section("How it was computed", _items(escaped(sentence) for sentence in method(report))),
    )
    return "\n\n".join(part for part in parts if part) + "\n"


def name(text: str) -> str:
    """A name from a table, as itself and nothing else."""
    plain = _one_line(text) or "(empty)"
    if "`" not in plain and "|" not in plain:
        return f"`{plain}`"
    return _SPECIAL.sub(lambda mark: f"&#{ord(mark[0])};", plain)


def escaped(text: str) -> str:
    """Text in which no character has a meaning."""
    plain = _MARKS.sub(lambda mark: f"&#{ord(mark[0])};" if mark[0] in "|\\@" else f"\\{mark[0]}", _one_line(text))
    return re.sub(r"^([-+=]|\d+(?=[.)]))", lambda start: f"&#{ord(start[0][0])};{start[0][1:]}", plain)


def _one_line(text: str) -> str:
    return " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())


def _sentence(text: str) -> str:
    """A sentence in which names stand in backticks."""
    parts = _QUOTED.split(text)
    return "".join(name(part) if i % 2 else _spaced(part) for i, part in enumerate(parts))


def _spaced(text: str) -> str:
    """Escaped text that keeps a space at its ends."""
    before, after = (" " if text[place : place + 1].isspace() else "" for place in (0, len(text) - 1))
    return f"{before}{escaped(text)}{after}" if text.strip() else before


def _section(title: str, *parts: str) -> str:
    return "\n\n".join([f"## {title}", *(part for part in parts if part)])


def _items(entries: Iterable[str]) -> str:
    return "\n".join(f"- {entry}" for entry in entries)


def _caveats(caveats: Sequence[Caveat]) -> str:
    return "\n>\n".join(f"> **Caution:** {_sentence(caveat.text)}." for caveat in caveats)


def _table(titles: Sequence[str], rows: Sequence[Sequence[str]], names: int = 1) -> str:
    """A table whose first columns hold names, and whose other columns hold numbers."""
    marks = ["---" if i < names else "--:" for i in range(len(titles))]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (titles, marks, *rows))


def _findings(report: Report) -> str:
    if not report.findings:
        return ""
    return _section("Findings", _items(f"**{found.level}:** {_sentence(found.text)}" for found in report.findings))


def _summary(report: Report) -> str:
    rows = [
        _error(terms.SHAPE, report.shape_error_pct),
        _error(terms.TREND, report.trend_error_pct),
        _error(terms.TREND_SEPARATE, report.trend_separate_edges_pct),
        *map(_row, figures.of_rows(report)),
    ]
    if report.collapse:
        rows += [_row(found) for found in figures.of_kinds(report.collapse)[:2]]
    if report.utility and report.utility.scores:
        score = report.utility.scores[0]
        title = f"{terms.UTILITY.name}, {wording.utility_measure(score)} for {name(report.utility.target)}"
        rows.append([title, numbers.number(score.synthetic), numbers.number(score.real)])
    if report.privacy:
        rows.append(_row(figures.of_closeness(report.privacy)[0]))
        rows += [_row(found) for found in figures.of_membership(report.privacy)[:1]]
    meaning = f"{terms.FLOOR_MEANING} {terms.ERROR_MEANING}"
    return _section("Summary", _table(["measure", "synthetic", "noise floor or real rows"], rows), meaning)


def _error(term: Term, estimate: Estimate | None) -> list[str]:
    known = estimate is not None and estimate.floor is not None
    return [term.name, numbers.percent_error(estimate), f"{estimate.floor:.2f} %" if estimate and known else "–"]


def _row(found: Figure) -> list[str]:
    """A figure and its yardstick."""
    by_chance = " by chance" if found.by_chance else ""
    return [found.name, found.shown(found.found), f"{found.shown(found.yardstick)}{by_chance}"]


def _columns(report: Report) -> str:
    if not report.columns:
        return ""
    titles = ["column", "kind", "test", "distance", "noise floor", "adjusted p", "rows to tell apart", "missing"]
    worst = report.worst_columns()
    notes = [f"{name(c.name)}: {_sentence('; '.join(found))}" for c in worst if (found := wording.column_notes(c))]
    told = f"Worst first. {terms.DISTANCE_MEANING}"
    return _section("Columns", told, _table(titles, [_column(column) for column in worst], names=3), _items(notes))


def _column(found: ColumnResult) -> list[str]:
    rows = found.rows_to_tell_apart
    return [
        name(found.name),
        found.kind.replace("_", " "),
        wording.test_name(found),
        numbers.number(found.distance, 4),
        numbers.fraction(found.distance.floor),
        escaped(numbers.p_value(found.p_adjusted)),
        "–" if rows is None else f"{rows:,}",
        " / ".join(map(numbers.share, wording.missing_shares(found))),
    ]


def _pairs(report: Report) -> str:
    worst = [(pair, pair.error) for pair in report.worst_pairs(MAX_PAIRS) if pair.error]
    if not worst:
        return ""
    rows = [
        [
            name(pair.first),
            name(pair.second),
            numbers.number(error, 4),
            numbers.fraction(error.floor),
            escaped(wording.pair_values(pair)),
        ]
        for pair, error in worst
    ]
    titles = ["first", "second", "error", "noise floor", "real → synthetic"]
    told = f"How differently two columns go together: the worst {len(worst):,} of {len(report.pairs):,}."
    return _section("Pairs", told, _table(titles, rows, names=2))


def _written(report: Report) -> str:
    if not report.written:
        return ""
    rows = [
        [name(result.name), terms.WRITTEN.get(result.kind, result.kind), *_row(found)]
        for result in report.written
        for found in figures.of_written(result)
    ]
    titles = ["column", "holds", "measure", "synthetic", "noise floor or real rows"]
    notes = [f"{name(one.name)}: {_sentence(caveat.text)}" for one in report.written for caveat in one.caveats]
    return _section(WRITTEN, _table(titles, rows, names=3), _items(notes))


def _drivers(report: Report) -> str:
    found = report.detection
    if not found or not (found.drivers or found.caveats):
        return ""
    rows = [[name(one.column), numbers.number(one.importance, 4)] for one in found.drivers[:MAX_DRIVERS]]
    told = f"{wording.detection_verdict(found)} {found.n_per_class:,} rows of each table."
    drawn = _table(["column", "AUC lost when it is shuffled"], rows) if rows else ""
    return _section(terms.DRIVERS.name, told, drawn, _caveats(found.caveats))


def _utility(found: UtilityResult) -> str:
    titles = ["measure", "from synthetic rows", "from real rows", "from both", "lost", "95 %", "gained by both", "95 %"]
    rows = [
        [
            wording.utility_measure(score),
            *(numbers.number(part) for part in (score.synthetic, score.real, score.augmented, score.gap)),
            numbers.interval(score.gap),
            numbers.number(score.gain),
            numbers.interval(score.gain),
        ]
        for score in found.scores
    ]
    told = (
        f"Models predict {name(found.target)} ({_sentence(found.reason)}; {terms.TASKS[found.task]}) and are "
        f"tested on {found.n_test:,} real rows, having learnt from {found.n_synthetic:,} synthetic and "
        f"{found.n_real:,} real rows."
    )
    return _section(terms.UTILITY.name, told, _table(titles, rows), _caveats(found.caveats))


def _privacy(found: PrivacyResult) -> str:
    rows = [_row(one) for one in figures.of_closeness(found) + figures.of_membership(found)]
    titles = ["attack", "secret", "right: learnt rows", "right: held-out rows", "risk", "guesses"]
    attacks = [
        [
            escaped(one.attack),
            name(one.secret) if one.secret else "–",
            *(numbers.share_number(part) for part in (one.train, one.control, one.risk)),
            f"{one.n_guesses:,}",
        ]
        for one in found.attacks
    ]
    told = f"{found.n_synthetic:,} synthetic rows beside {found.n_baseline:,} {escaped(found.baseline)}."
    return _section(
        "Privacy",
        told,
        _table(["measure", "synthetic rows", escaped(found.baseline)], rows),
        _table(titles, attacks, names=2) if attacks else "",
        _items(_sentence(one.sentence) for one in found.attacks),
        _caveats([*found.caveats, *(caveat for one in found.attacks for caveat in one.caveats)]),
    )


def _collapse(found: CollapseResult) -> str:
    rows = [_row(one) for one in figures.of_kinds(found)]
    kinds = [
        [_sentence(one.described), numbers.share_number(one.real), numbers.share_number(one.synthetic)]
        for one in found.clusters
    ]
    return _section(
        terms.MODE_COVERAGE.name,
        f"{found.n_per_side:,} rows of each side.",
        _table(["measure", "synthetic rows", "real rows"], rows),
        _table(["kind of row", "real", "synthetic"], kinds) if kinds else "",
        _caveats(found.caveats),
    )


def _not_computed(report: Report) -> str:
    if not report.not_computed:
        return ""
    entries = (f"**{escaped(wording.left_out(entry))}:** {_sentence(entry.reason)}" for entry in report.not_computed)
    return _section("Not computed", _items(entries))
