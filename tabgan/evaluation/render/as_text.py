"""A report for the terminal: a summary to read first, then the columns and the pairs, worst first.

Text from the tables is passed as `rich.text.Text`, never as markup, so a column called "[red]" is only a name.
"""

from collections.abc import Sequence
from io import StringIO
from typing import Literal

from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tabgan.evaluation import terms
from tabgan.evaluation.render import figures, numbers, wording
from tabgan.evaluation.render.figures import Figure
from tabgan.evaluation.report import Report
from tabgan.evaluation.results import ColumnResult, DetectionResult

WIDE = 110
MAX_PAIRS = 10
MIN_NAME = 6
GAP = 2
LEVELS = {"serious": "bold red", "notable": "yellow", "fine": "green"}


def to_text(report: Report, width: int = 100) -> str:
    """The report as plain text without colours.

    Args:
        report: to show.
        width: of a line; from 110 characters the tables hold more columns.
    """
    buffer = StringIO()
    Console(file=buffer, width=width, color_system=None, force_terminal=False, highlight=False).print(to_rich(report))
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines()) + "\n"


def to_rich(report: Report) -> "TextReport":
    """The report for a `rich.console.Console`, which decides on width and colours."""
    return TextReport(report)


class TextReport:
    """A report that a rich console can print."""

    def __init__(self, report: Report) -> None:
        """Keep the report.

        Args:
            report: to show.
        """
        self.report = report

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the parts, with more columns where the console is wide."""
        width = options.max_width
        yield _summary(self.report)
        yield from _findings(self.report)
        if self.report.columns:
            yield _heading("Columns", "worst first, by distance above the noise floor")
            yield _columns(self.report, width)
        yield from _notes(self.report)
        if self.report.pairs:
            yield _heading("Pairs", f"the worst of {len(self.report.pairs):,}")
            yield _pairs(self.report, width)
        yield from _written(self.report, width)
        yield from _rows(self.report, width)
        yield from _utility(self.report, width)
        yield from _privacy(self.report, width)
        yield from _not_computed(self.report)


def _findings(report: Report) -> list[Text | Padding]:
    if not report.findings:
        return []
    lines = Table.grid(padding=(0, 2, 0, 0))
    lines.add_column(no_wrap=True)
    lines.add_column()
    for finding in report.findings:
        lines.add_row(Text(finding.level, LEVELS[finding.level]), Text(finding.text))
    return [_heading("Findings", "worst first"), Padding(lines, (0, 0, 0, 2))]


def _written(report: Report, width: int) -> list[Text | Table]:
    """A table for each column of keys, texts and their like."""
    return [
        part
        for result in report.written
        for part in _figures(wording.written_name(result), figures.of_written(result), "real rows", width)
    ]


def _rows(report: Report, width: int) -> list[Text | Table]:
    found = figures.of_rows(report) + (figures.of_kinds(report.collapse) if report.collapse else [])
    return _figures("Whole rows", found, "real rows", width)


def _utility(report: Report, width: int) -> list[Text | Table]:
    """A line for each measure of each of the two models, beside the model that learnt from real rows."""
    found = report.utility
    if found is None:
        return []
    rows = []
    for score in found.scores:
        for learnt, by in (("synthetic rows", score.synthetic), ("both", score.augmented)):
            name = f"{wording.utility_measure(score)}, from {learnt}"
            rows.append([name, numbers.number(by), numbers.number(score.real)])
    sizes = f"{found.n_synthetic:,} synthetic and {found.n_real:,} real rows learnt, {found.n_test:,} tested on"
    head = _heading(f"Utility: a model for {found.target}", sizes)
    return [head, _table(["measure", "value", "from real rows"], rows, 1, width, ())]


def _privacy(report: Report, width: int) -> list[Text | Table]:
    found = report.privacy
    if found is None:
        return []
    shown = _figures("Privacy", figures.of_closeness(found) + figures.of_membership(found), found.baseline, width)
    if not found.attacks:
        return shown
    titles = ["attack", "right: learnt", "held out", "risk", *(("guesses",) if width >= WIDE else ())]
    rows = [
        [
            wording.attack_name(one),
            numbers.share(one.train.value),
            numbers.share(one.control.value),
            numbers.share_number(one.risk),
            *((f"{one.n_guesses:,}",) if width >= WIDE else ()),
        ]
        for one in found.attacks
    ]
    return [*shown, _heading("Attacks", terms.RISK.meaning), _table(titles, rows, 1, width, ())]


def _figures(title: str, found: Sequence[Figure], yardstick: str, width: int) -> list[Text | Table]:
    """A table of figures, each beside its yardstick; with the rows that they rest on where there is room."""
    if not found:
        return []
    wide = width >= WIDE
    titles = ["measure", "synthetic", yardstick, *(("rows",) if wide else ())]
    rows = [[one.name, one.shown(one.found), _yardstick(one), *((one.n,) if wide else ())] for one in found]
    return [_heading(title, ""), _table(titles, rows, 1, width, ("rows",))]


def _yardstick(found: Figure) -> str:
    return f"{found.shown(found.yardstick)}{' by chance' if found.by_chance else ''}"


def _heading(title: str, more: str) -> Text:
    return Text.assemble("\n", (title, "bold"), (f"  {more}", "dim"), "\n" if more else "")


def _summary(report: Report) -> Group:
    lines: list[Text | Padding] = [
        Text.assemble(("Real against synthetic", "bold")),
        Text(f"{wording.sizes(report)}\n"),
    ]
    for term, estimate in ((terms.SHAPE, report.shape_error_pct), (terms.TREND, report.trend_error_pct)):
        lines.append(_figure(term.name, numbers.percent_error(estimate), wording.floor(estimate)))
        lines.append(_sentence(f"{term.meaning} {wording.verdict(estimate)}"))
    found = report.detection
    lines.append(_figure(terms.DETECTION.name, _auc(found), "0.5 is ideal" if found else ""))
    if found:
        extra = f"{wording.sentence(found.classifier)[:-1]}, {found.n_per_class:,} rows of each table."
        lines.append(_sentence(f"{terms.DETECTION.meaning} {wording.detection_verdict(found)} {extra}"))
    if report.logistic_detection:
        lines.append(_figure("  logistic reg.", _auc(report.logistic_detection), ""))
    separate = report.trend_separate_edges_pct
    if separate:
        lines.append(_figure("Trend, own edges", numbers.percent_error(separate), wording.floor(separate)))
        lines.append(_sentence(terms.TREND_SEPARATE.meaning))
    lines.append(Text(f"\n{terms.FLOOR_MEANING} {terms.ERROR_MEANING}", "dim"))
    lines += [Text(f"Caution: {caveat.text}.", "yellow") for caveat in report.caveats]
    return Group(*lines)


def _auc(found: DetectionResult | None) -> str:
    return "not computed" if found is None else numbers.number(figures.of_detection(found).found)


def _figure(name: str, value: str, more: str) -> Text:
    return Text.assemble((f"{name:<17}", "bold"), (f"{value:<18}", "bold cyan"), (more, "dim"))


def _sentence(text: str) -> Padding:
    return Padding(Text(text.strip(), "dim"), (0, 0, 0, 2))


def _table(titles: Sequence[str], rows: list[list[str]], names: int, width: int, left: Sequence[str]) -> Table:
    """A table of at most `width` characters: the first `names` columns hold names and give way, the rest is complete.

    Args:
        titles: of the columns.
        rows: their cells.
        names: how many columns at the left are names.
        width: of the whole table.
        left: the titles of columns that are aligned to the left, beside the names.
    """
    needed = [max(len(cell) for cell in cells) for cells in zip(titles, *rows, strict=True)]
    room = width - sum(needed[names:]) - GAP * (len(titles) - 1)
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, GAP - 1, 0, 0), header_style="bold")
    for i, title in enumerate(titles):
        wide = min(needed[i], max(room // names, MIN_NAME)) if i < names else needed[i]
        justify: Literal["left", "right"] = "left" if i < names or title in left else "right"
        table.add_column(title, justify=justify, no_wrap=True, overflow="ellipsis", width=wide)
    for row in rows:
        table.add_row(*[Text(cell, "bold" if i < names else "") for i, cell in enumerate(row)])
    return table


def _columns(report: Report, width: int) -> Table:
    wide = width >= WIDE
    titles = [
        "column",
        "test",
        "distance",
        *(("±",) if wide else ()),
        "floor",
        "V",
        *(("statistic", "df") if wide else ()),
    ]
    titles += ["p", "p adj.", *(("missing %",) if wide else ()), "real", "synth."]
    rows = [_column_row(result, wide) for result in report.worst_columns()]
    return _table(titles, rows, 1, width, ("test",))


def _column_row(result: ColumnResult, wide: bool) -> list[str]:
    distance = result.distance
    cells = [result.name, wording.test_name(result), numbers.fraction(distance.value)]
    cells += [numbers.fraction(distance.standard_error)] if wide else []
    cells += [numbers.fraction(distance.floor), numbers.fraction(result.cramers_v.value if result.cramers_v else None)]
    if wide:
        statistic = "–" if result.statistic is None else f"{result.statistic:.5g}"
        cells += [statistic, "–" if result.degrees_of_freedom is None else f"{result.degrees_of_freedom}"]
    cells += [numbers.p_value(result.p_value), numbers.p_value(result.p_adjusted)]
    if wide:
        cells.append("{:.1f} / {:.1f}".format(*(100 * share for share in wording.missing_shares(result))))
    return cells + [f"{n:,}" if wide else numbers.count(n) for n in (result.n_real, result.n_synthetic)]


def _notes(report: Report) -> list[Padding]:
    explained = f"{terms.DISTANCE_MEANING} V: Cramér's V."
    lines = [Padding(Text(explained, "dim"), (1, 0, 0, 0))]
    for result in report.worst_columns():
        if notes := wording.column_notes(result):
            text = Text.assemble((result.name, "bold"), f": {'; '.join(notes)}")
            lines.append(Padding(text, (0, 0, 0, 2)))
    return lines


def _pairs(report: Report, width: int) -> Table:
    rows = [
        [
            pair.first,
            pair.second,
            *map(numbers.fraction, (pair.error.value, pair.error.floor)),
            wording.pair_values(pair),
        ]
        for pair in report.worst_pairs(MAX_PAIRS)
        if pair.error
    ]
    return _table(("first", "second", "error", "floor", "real → synthetic"), rows, 2, width, ("real → synthetic",))


def _not_computed(report: Report) -> list[Text | Padding]:
    undefined = sum(pair.error is None for pair in report.pairs)
    text = f"{undefined:,} pairs have no defined error and are left out of the mean."
    lines: list[Text | Padding] = [Text(text, "dim")] if undefined else []
    if report.not_computed:
        lines.append(_heading("Not computed", ""))
        lines += [
            Padding(Text(f"{wording.left_out(entry)}: {entry.reason}"), (0, 0, 0, 2)) for entry in report.not_computed
        ]
    return lines
