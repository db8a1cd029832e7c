"""How odd cells are: the surprise that the generator itself computes, its expectation, and cells without codes."""

import numpy as np
import pytest
import torch

from tabgan.gan.oddness import CodedRows, Margins, oddness
from tabgan.layout import ColumnSlots, Layout


def looked(generator, layout, codes):
    return oddness(generator, CodedRows.whole(codes, layout), Margins.of(codes, layout))


def test_surprises_add_up_to_that_of_the_row(layouts, untrained, random_table, small):
    for layout in layouts.values():
        generator = untrained(layout, small(), noise=0.3)
        codes = random_table(layout, 30).codes
        found = looked(generator, layout, codes)
        arranged = torch.from_numpy(generator.plan.arrange(codes).astype(np.int64))
        with torch.no_grad():
            whole = generator.surprise(arranged).numpy()
        assert found.surprise.shape == found.expected.shape == found.margin.shape == (30, len(layout.columns))
        np.testing.assert_allclose(found.surprise.sum(1), whole, rtol=1e-4, atol=1e-5)


def test_what_is_expected_is_the_mean_surprise_of_what_the_generator_makes(planted_result):
    generator = planted_result.generator
    noise = torch.rand(8_000, 4, generator=torch.Generator().manual_seed(0))
    made = generator.plan.restore(generator.draw(noise).numpy())
    found = looked(generator, generator.plan.layout, made)
    np.testing.assert_allclose(found.surprise.mean(0), found.expected.mean(0), atol=0.04)


def test_margins_are_the_frequencies_of_cells(planted_layout, planted_table):
    codes = planted_table.codes
    margins = Margins.of(codes, planted_layout)
    found = margins.surprise(codes, planted_layout)
    shares = np.bincount(codes[:, 0]) / len(codes)
    np.testing.assert_allclose(found[:, 0], -np.log(shares[codes[:, 0]]), atol=1e-3)
    cells = np.bincount(codes[:, 1] * 4 + codes[:, 2]) / len(codes)
    np.testing.assert_allclose(found[:, 1], -np.log(cells[codes[:, 1] * 4 + codes[:, 2]]), atol=0.02)


def test_a_category_in_its_only_window_is_as_frequent_as_it_is(random_table):
    layout = Layout((ColumnSlots("product", (2, 5), windows=(((0, 2), (2, 5)),)),))
    codes = random_table(layout, 900).codes
    surprise = Margins.of(codes, layout).surprise(codes, layout)
    shares = {tuple(row): 0 for row in codes.tolist()}
    for row in codes.tolist():
        shares[tuple(row)] += 1 / 900
    np.testing.assert_allclose(surprise[:, 0], [-np.log(shares[tuple(row)]) for row in codes.tolist()], atol=0.02)


def test_a_foreign_cell_happens_less_often_than_once_in_all_rows(planted_result, planted_layout, planted_table):
    codes, generator = planted_table.codes[:50], planted_result.generator
    margins = Margins.of(planted_table.codes, planted_layout)
    known, foreign = np.ones((50, 3), np.bool_), np.zeros((50, 3), np.bool_)
    known[:25, 0], foreign[:25, 0], foreign[25:, 1] = False, True, True
    found = oddness(generator, CodedRows(codes, known, foreign), margins)
    assert found.surprise[:25, 0] == pytest.approx(np.log(4_001))
    assert (found.surprise[25:, 1] >= np.log(4_001) - 1e-9).all()
    assert (found.expected[:25, 0] == 0).all()
    assert (found.margin[25:, 1] == 0).all()
    plain = oddness(generator, CodedRows.whole(codes, planted_layout), margins)
    assert np.array_equal(found.surprise[25:, 0], plain.surprise[25:, 0])


def test_what_stands_in_cells_without_codes_is_of_no_account(planted_result, planted_layout, planted_table):
    codes = planted_table.codes[:50].copy()
    margins = Margins.of(planted_table.codes, planted_layout)
    known = np.ones((50, 3), np.bool_)
    known[:, 0] = False
    before = oddness(planted_result.generator, CodedRows(codes, known, ~known), margins)
    other = codes.copy()
    other[:, 0] = (codes[:, 0] + 1) % 3
    after = oddness(planted_result.generator, CodedRows(other, known, ~known), margins)
    for one, again in zip(before, after, strict=True):
        assert np.array_equal(one, again)


def test_how_many_rows_follow_changes_nothing(planted_result, planted_layout, planted_table):
    codes = np.concatenate([planted_table.codes, planted_table.codes[:700]])
    margins = Margins.of(codes, planted_layout)
    whole = oddness(planted_result.generator, CodedRows.whole(codes, planted_layout), margins)
    for n in (0, 1, 700, 4_096, 4_097):
        part = oddness(planted_result.generator, CodedRows.whole(codes[:n], planted_layout), margins)
        for one, all_rows in zip(part, whole, strict=True):
            assert np.array_equal(one, all_rows[:n])


def test_smaller_blocks_say_the_same_of_rows(
    monkeypatch, planted_result, planted_layout, planted_table, untrained, layouts, random_table, small
):
    cases = [(planted_result.generator, planted_layout, planted_table.codes[:300])]
    cases += [
        (untrained(layout, small(), noise=0.3), layout, random_table(layout, 90).codes) for layout in layouts.values()
    ]
    usual = [looked(*case) for case in cases]
    monkeypatch.setattr("tabgan.gan.blocks.MAX_FEATURES", 1)  # blocks of 64 rows
    for case, before in zip(cases, usual, strict=True):
        for one, other in zip(before, looked(*case), strict=True):
            np.testing.assert_allclose(other, one, rtol=1e-4, atol=1e-5)


def test_margins_leave_rows_out_and_are_counted_in_blocks(monkeypatch, planted_layout, planted_table):
    codes, but = planted_table.codes, np.array([0, 5, 17])
    kept = np.delete(codes, but, 0)
    monkeypatch.setattr("tabgan.gan.oddness.MAX_FEATURES", 1_000)
    found, wanted = Margins.of(codes, planted_layout, but), Margins.of(kept, planted_layout)
    assert found.n_rows == wanted.n_rows == len(kept)
    np.testing.assert_allclose(found.shares, wanted.shares, rtol=1e-12)
