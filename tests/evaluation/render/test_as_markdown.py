import dataclasses

import pyarrow as pa
import pytest
from markdown_it import MarkdownIt

from tabgan.evaluation.evaluator import evaluate
from tabgan.evaluation.render.as_markdown import escaped, name, to_markdown

ODD = [
    "plain",
    "a|b",
    "`tick` | ``two``",
    "<script>alert('x')</script> & \"q\" [red](http://x.y) &amp; &#65;",
    "*bold* _italic_ ~~gone~~ $x$ @someone #12 ![i](j)",
    "back\\slash\\|pipe\\",
    "two\nlines\r\n\n# heading\n| a | b |\n|---|---|",
    "1. one",
    "- item",
    "=== --- ===",
    "|",
    "\\",
    "`",
    "日本語 🙂 \x00\x07\u2028 end",
]


def parse(text):
    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)


def one_line(text):
    return " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())


def tables(tokens):
    """The rows of each table as the texts of their cells, in a list for each."""
    found = []
    for i, token in enumerate(tokens):
        if token.type == "table_open":
            found.append([])
        elif token.type == "tr_open":
            found[-1].append([])
        elif token.type in ("th_open", "td_open"):
            found[-1][-1].append("".join(child.content for child in tokens[i + 1].children))
    return found


@pytest.mark.parametrize("odd", ODD)
def test_every_name_comes_back_and_every_row_has_its_cells(whole_report, odd):
    text = to_markdown(whole_report(odd), title=odd)
    tokens = parse(text)
    expected = one_line(odd)
    drawn = tables(tokens)
    assert [table[0][0] for table in drawn] == [
        *("measure", "column", "first", "column", "column", "measure", "measure", "attack", "measure", "kind of row")
    ]
    for table in drawn:
        assert {len(row) for row in table} == {len(table[0])}
    assert expected in [row[0] for row in drawn[1]]
    assert any(expected in row[:2] for row in drawn[2][1:])
    assert drawn[3][1][0] == expected
    assert drawn[4][1][0] == expected
    assert drawn[7][1][1] == expected
    lines = [line for line in text.splitlines() if line.startswith("|")]
    assert len(lines) == sum(len(table) + 1 for table in drawn)


@pytest.mark.parametrize("odd", ODD)
def test_nothing_of_a_table_becomes_markup(whole_report, odd):
    def kinds(text):
        inline = [child.type for token in parse(text) for child in token.children or ()]
        return [token.type for token in parse(text)], sorted(set(inline))

    blocks, inline = kinds(to_markdown(whole_report(odd), title=odd))
    plain_blocks, plain_inline = kinds(to_markdown(whole_report("plain"), title="plain"))
    assert blocks == plain_blocks
    assert set(inline) <= {*plain_inline, "text_special"}
    assert not {"html_inline", "link_open", "image", "em_open", "s_open"} & set(inline)


@pytest.mark.parametrize("odd", ODD)
def test_names_and_texts_come_back_from_a_renderer(odd):
    for write in (name, escaped):
        (_, inline, _) = parse(write(odd))
        assert "".join(child.content for child in inline.children) == one_line(odd)
    assert name("") == "`(empty)`"


def test_links_and_mentions_are_not_made():
    assert "https:" not in escaped("see https://example.org and www.example.org")
    assert "www." not in escaped("see https://example.org and www.example.org")
    assert "@" not in escaped("to @someone")


def test_every_number_of_the_summary_is_there(whole_report):
    report = whole_report("plain")
    text = to_markdown(report)
    assert f"{report.shape_error_pct.value:.2f}" in text
    assert "| Detection AUC, gradient boosting | 0.700 ± 0.010 | 0.500 by chance |" in text
    assert "0.125 ± 0.010" in text
    assert "0.100 to 0.150" in text
    assert "12.5 % (10.0 to 15.0)" in text
    assert "- **serious:** `plain` is plain" in text
    assert "> **Caution:** mind plain here." in text
    assert "\n\n\n" not in text


def test_a_report_with_little_in_it_has_no_empty_sections():
    notes = pa.table({"note": [f"these are the words of note number {i} of many" for i in range(40)]})
    text = to_markdown(evaluate(notes, notes))
    assert "free text" in text
    assert [line for line in text.splitlines() if line.startswith("## ")] == [
        *("## Findings", "## Summary", "## Keys, texts and personal data", "## Not computed", "## How it was computed")
    ]


def test_parts_that_are_missing_leave_their_rows_out(whole_report):
    report = whole_report("plain")
    for part in ("written", "detection", "support", "frechet", "collapse", "utility", "privacy"):
        text = to_markdown(dataclasses.replace(report, **{part: () if part == "written" else None}))
        assert {len({len(row) for row in table}) for table in tables(parse(text))} == {1}
        assert len(text) < len(to_markdown(report))
