"""Findings about columns that are written: keys that repeat, copied cells, texts and strings unlike real ones.

What was copied is judged against real rows, of which some share cells by chance. Of personal data many copied cells are
named even where real rows share as many: no real person's data should come back.
"""

from collections.abc import Iterator

from tabgan.evaluation.findings.columns import EXCESS, MISSING, level_of
from tabgan.evaluation.findings.ranked import Ranked, code, more, ranked
from tabgan.evaluation.report import Level, Report
from tabgan.evaluation.results import Beside, Estimate, WrittenResult
from tabgan.evaluation.terms import percent

COPIES: dict[Level, float] = {"serious": 0.05, "notable": 0.005}
PERSONAL: dict[Level, float] = {"notable": 0.05}
RUNS: dict[Level, float] = {"serious": 0.1, "notable": 0.02}
DISTINCT: dict[Level, float] = {"serious": 0.3, "notable": 0.05}
UNKNOWN: dict[Level, float] = {"serious": 0.1, "notable": 0.01}


def of_written(report: Report) -> Iterator[Ranked]:
    """What stands out in keys, structured strings, personal data and free text."""
    found = [entry for result in report.written for entry in _of_column(result)]
    yield from found
    if report.written and not found:
        many = "1 column" if len(report.written) == 1 else f"{len(report.written)} columns"
        text = f"Nothing stands out in {many} of keys, texts or personal data: neither copies nor repeated keys."
        yield ranked("fine", "written", 0.0, text)


def _of_column(result: WrittenResult) -> Iterator[Ranked]:
    yield from _missing(result)
    yield from _repeated(result)
    yield from _copied(result)
    yield from _passages(result)
    yield from _unlike(result)


def _less(found: Beside) -> float:
    return more(Beside(synthetic=found.real, real=found.synthetic))


def _missing(result: WrittenResult) -> Iterator[Ranked]:
    sides = Beside(synthetic=result.missing_synthetic, real=result.missing_real)
    gap = max(more(sides), _less(sides))
    if level := level_of(gap, MISSING):
        shares = f"{percent(sides.real.value)} of the real cells and in {percent(sides.synthetic.value)}"
        text = f"{code(result.name)} is missing in {shares} of the synthetic."
        yield ranked(level, "written", gap, text, result.name)


def _repeated(result: WrittenResult) -> Iterator[Ranked]:
    """Keys that repeat at all where real ones never do; of other columns, cells that are less varied than real ones."""
    if result.repeats is not None:
        if result.n_repeats and (not result.repeats.real.value or more(result.repeats)):
            cells = (
                "1 synthetic cell repeats" if result.n_repeats == 1 else f"{result.n_repeats:,} synthetic cells repeat"
            )
            text = f"{code(result.name)} is a key, but {cells} another one."
            yield ranked("serious", "written", result.repeats.synthetic.value, text, result.name)
        return
    fewer = _less(result.distinct) if result.distinct else 0.0
    if result.distinct and (level := level_of(fewer, DISTINCT)):
        shares = [percent(side.value) for side in (result.distinct.synthetic, result.distinct.real)]
        text = f"{code(result.name)} repeats itself: {shares[0]} of its synthetic cells differ, {shares[1]} of as many"
        text = f"{text} real ones."
        yield ranked(level, "written", fewer, text, result.name)


def _copied(result: WrittenResult) -> Iterator[Ranked]:
    """Copies of free text, personal data and structured strings; keys may meet by chance, so they are not judged."""
    copies = result.copies
    if copies is None or result.kind == "key":
        return
    level = level_of(more(copies), COPIES)
    if level is None and result.kind == "personal" and (copies.synthetic.low or 0.0) > PERSONAL["notable"]:
        level = "notable"
    if level is None:
        return
    level = "notable" if result.kind == "pattern" else level
    shares = f"{percent(copies.synthetic.value)} of the synthetic cells of {code(result.name)} equal a real one"
    real = f"of {result.baseline} {percent(copies.real.value)} do"
    text = f"{shares} that fewer than {result.rare} real rows hold; {real}."
    yield ranked(level, "written", copies.synthetic.value, text, result.name)


def _passages(result: WrittenResult) -> Iterator[Ranked]:
    runs = result.text.runs if result.text else None
    if result.text is None or runs is None or not (level := level_of(more(runs), RUNS)):
        return
    words = f"{result.text.run_length} words in a row in common with a real one"
    text = f"{percent(runs.synthetic.value)} of the synthetic texts of {code(result.name)} have {words}"
    yield ranked(
        level,
        "written",
        runs.synthetic.value,
        f"{text}; of {result.baseline} {percent(runs.real.value)} do.",
        result.name,
    )


def _unlike(result: WrittenResult) -> Iterator[Ranked]:
    """Other shapes, lengths or words.

    Fakes of personal data look as they are made, and keys that go on after the largest have ever more digits: neither
    is judged by how often shapes occur, and only keys by shapes that no real one has.
    """
    unknown = _less(result.known_shapes) if result.known_shapes and result.kind != "personal" else 0.0
    name = code(result.name)
    if result.known_shapes and (level := level_of(unknown, UNKNOWN)):
        text = f"{percent(1 - result.known_shapes.synthetic.value)} of the synthetic cells of {name} have a shape"
        level = "notable" if result.kind == "key" else level
        yield ranked(level, "written", unknown, f"{text} that no real cell has.", result.name)
    elif result.shape is not None and result.kind not in ("key", "personal") and (level := _clear(result.shape)):
        text = f"The shapes of {name} are distributed differently: {_distance(result.shape)}."
        yield ranked(level, "written", result.shape.excess, text, result.name)
    if result.text is None:
        return
    if level := _clear(result.text.length):
        text = f"The texts of {name} are of other lengths: KS D {_distance(result.text.length)}."
        yield ranked(level, "written", result.text.length.excess, text, result.name)
    if result.text.words is not None and (level := _clear(result.text.words)):
        text = f"The texts of {name} use other words: total variation {_distance(result.text.words)}."
        yield ranked(level, "written", result.text.words.excess, text, result.name)


def _clear(distance: Estimate) -> Level | None:
    """The level of a distance that lies above its noise floor for certain."""
    low = distance.low
    return level_of(distance.excess, EXCESS) if low is None or low > (distance.floor or 0.0) else None


def _distance(distance: Estimate) -> str:
    floor = "" if distance.floor is None else f", between two real samples {distance.floor:.3f}"
    return f"{distance.value:.3f}{floor}"
