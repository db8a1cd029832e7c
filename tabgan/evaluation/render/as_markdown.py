"""A report as GitHub-flavoured Markdown, for pull requests, wikis and model cards.

Names from the tables stand in code spans, where no character has a meaning; those that a code span or a cell cannot
hold, with a backtick or a pipe, are written with character references instead. All other text that may hold something
of the tables is escaped, so that it can neither break a table nor become a link, a mention or HTML.
"""

import re
from collections.abc import Iterable, Sequence

from tabgan.evaluation.render import wording
from tabgan.evaluation.report import Report
from tabgan.evaluation.results import (
    Beside,
    Caveat,
    CollapseResult,
    ColumnResult,
    Estimate,
    PrivacyResult,
    UtilityResult,
)

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
        _drivers(report),
        _utility(report.utility) if report.utility else "",
        _privacy(report.privacy) if report.privacy else "",
        _collapse(report.collapse) if report.collapse else "",
        _not_computed(report),
        _section("How it was computed", _items(escaped(sentence) for sentence in wording.method(report))),
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
        _error("Shape error", report.shape_error_pct),
        _error("Trend error", report.trend_error_pct),
        _error("Trend error, own edges", report.trend_separate_edges_pct),
    ]
    for found in (report.detection, report.logistic_detection):
        if found:
            rows.append([f"Detection AUC, {found.classifier}", wording.auc(found), "0.500"])
    if report.support:
        rows += [_beside("Coverage", report.support.coverage), _beside("Density", report.support.density)]
    if report.frechet:
        distance = report.frechet.distance
        rows.append(["Fréchet distance", wording.plus_minus(distance), _number(distance.floor)])
    if report.collapse:
        rows.append(_beside("Distinct rows", report.collapse.distinct, percent=True))
    if report.utility and report.utility.scores:
        score = report.utility.scores[0]
        title = f"Utility, {wording.measure_name(score)} for {name(report.utility.target)}"
        rows.append([title, wording.plus_minus(score.synthetic), wording.plus_minus(score.real)])
    if report.privacy:
        rows.append(_beside("Copies of real rows", report.privacy.copies, percent=True))
        if report.privacy.nearer_to_train:
            rows.append(["Nearer to learnt rows", wording.share_estimate(report.privacy.nearer_to_train), "50.00 %"])
    meaning = f"{wording.FLOOR_MEANING} {wording.ERROR_MEANING}"
    return _section("Summary", _table(["measure", "synthetic", "noise floor or real rows"], rows), meaning)


def _error(title: str, estimate: Estimate | None) -> list[str]:
    known = estimate is not None and estimate.floor is not None
    return [title, wording.percent(estimate), f"{estimate.floor:.2f} %" if estimate and known else "–"]


def _beside(title: str, found: Beside, percent: bool = False) -> list[str]:
    shown = wording.share_estimate if percent else wording.plus_minus
    return [title, shown(found.synthetic), shown(found.real)]


def _number(value: float | None) -> str:
    return "–" if value is None else wording.decimal(value, 3)


def _columns(report: Report) -> str:
    if not report.columns:
        return ""
    titles = ["column", "kind", "test", "distance", "noise floor", "adjusted p", "rows to tell apart", "missing %"]
    worst = report.worst_columns()
    notes = [f"{name(c.name)}: {_sentence('; '.join(found))}" for c in worst if (found := wording.column_notes(c))]
    told = "Worst first. Distance: KS D for numbers and dates, total variation for categories."
    return _section("Columns", told, _table(titles, [_column(column) for column in worst], names=3), _items(notes))


def _column(found: ColumnResult) -> list[str]:
    rows = found.rows_to_tell_apart
    return [
        name(found.name),
        found.kind.replace("_", " "),
        wording.test_name(found),
        wording.plus_minus(found.distance, 4),
        wording.fraction(found.distance.floor),
        escaped(wording.p_value(found.p_adjusted)),
        "–" if rows is None else f"{rows:,}",
        "{:.1f} / {:.1f}".format(*(100 * part for part in wording.missing_shares(found))),
    ]


def _pairs(report: Report) -> str:
    worst = [(pair, pair.error) for pair in report.worst_pairs(MAX_PAIRS) if pair.error]
    if not worst:
        return ""
    rows = [
        [
            name(pair.first),
            name(pair.second),
            wording.plus_minus(error, 4),
            wording.fraction(error.floor),
            escaped(wording.pair_values(pair)),
        ]
        for pair, error in worst
    ]
    titles = ["first", "second", "error", "noise floor", "real → synthetic"]
    told = f"How differently two columns go together: the worst {len(worst):,} of {len(report.pairs):,}."
    return _section("Pairs", told, _table(titles, rows, names=2))


def _drivers(report: Report) -> str:
    found = report.detection
    if not found or not (found.drivers or found.caveats):
        return ""
    rows = [[name(one.column), wording.plus_minus(one.importance, 4)] for one in found.drivers[:MAX_DRIVERS]]
    told = f"{wording.detection_verdict(found)} {found.n_per_class:,} rows of each table."
    drawn = _table(["column", "AUC lost when it is shuffled"], rows) if rows else ""
    return _section("What gives synthetic rows away", told, drawn, _caveats(found.caveats))


def _utility(found: UtilityResult) -> str:
    titles = ["measure", "from synthetic rows", "from real rows", "from both", "lost", "95 %", "gained by both", "95 %"]
    rows = [
        [
            wording.measure_name(score),
            *(wording.plus_minus(part) for part in (score.synthetic, score.real, score.augmented, score.gap)),
            wording.limits(score.gap),
            wording.plus_minus(score.gain),
            wording.limits(score.gain),
        ]
        for score in found.scores
    ]
    told = (
        f"Models predict {name(found.target)} ({_sentence(found.reason)}; {wording.TASK_NAMES[found.task]}) and are "
        f"tested on {found.n_test:,} real rows, having learnt from {found.n_synthetic:,} synthetic and "
        f"{found.n_real:,} real rows."
    )
    return _section("Utility", told, _table(titles, rows), _caveats(found.caveats))


def _privacy(found: PrivacyResult) -> str:
    rows = [
        _beside("copies of learnt rows", found.copies, percent=True),
        _beside("near copies", found.near_copies, percent=True),
        _beside("distance to the nearest learnt row, median", found.distance),
        _beside("the same, the nearest twentieth", found.close_distance),
        _beside("ratio to the second nearest", found.distance_ratio),
    ]
    if found.nearer_to_train:
        rows.append(
            ["nearer to learnt than to held-out rows", wording.share_estimate(found.nearer_to_train), "50.00 %"]
        )
    if found.membership:
        rows.append(["membership inference, AUC", wording.plus_minus(found.membership.auc), "0.500"])
        caught = found.membership.caught
        rows.append(
            ["members caught, 1 % wrong", wording.share_estimate(caught), f"{100 * (caught.floor or 0.01):.2f} %"]
        )
    titles = ["attack", "secret", "learnt rows", "control rows", "risk", "95 %", "guesses"]
    attacks = [
        [
            escaped(one.attack),
            name(one.secret) if one.secret else "–",
            *(wording.share_estimate(part) for part in (one.train, one.control, one.risk)),
            wording.limits(one.risk),
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
    rows = [
        _beside("distinct rows", found.distinct, percent=True),
        _beside("the most repeated row", found.most_repeated, percent=True),
        _beside("entropy of a column, bits", found.entropy),
        _beside("entropy of the kinds of rows, bits", found.cluster_entropy),
        _beside("kinds of rows that occur", found.coverage, percent=True),
    ]
    kinds = [
        [_sentence(one.described), wording.share_estimate(one.real), wording.share_estimate(one.synthetic)]
        for one in found.clusters
    ]
    return _section(
        "Kinds of rows",
        f"{found.n_per_side:,} rows of each side.",
        _table(["measure", "synthetic rows", "real rows"], rows),
        _table(["rows with", "real", "synthetic"], kinds) if kinds else "",
        _caveats(found.caveats),
    )


def _not_computed(report: Report) -> str:
    if not report.not_computed:
        return ""
    entries = (f"**{escaped(entry.what)}:** {_sentence(entry.reason)}" for entry in report.not_computed)
    return _section("Not computed", _items(entries))
