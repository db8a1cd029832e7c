from dataclasses import replace

import pytest

from tabgan.evaluation.scores import MEANINGS, scores

from .made import beside, collapse, detection, estimate, faultless, privacy, support, utility


def test_a_whole_report_has_every_score():
    found = scores(faultless())
    assert list(found) == list(MEANINGS)
    assert min(found.values()) > 0.9


@pytest.mark.parametrize(
    ("change", "measure", "score"),
    [
        ({"shape_error_pct": estimate(12.5)}, "shape", 0.875),
        ({"trend_error_pct": estimate(40.0)}, "trend", 0.6),
        ({"detection": detection(0.8)}, "detection", 0.4),
        ({"detection": detection(0.4)}, "detection", 1.0),
        ({"logistic_detection": detection(1.0)}, "logistic", 0.0),
        ({"support": support(0.19, 0.3)}, "coverage", 0.2),
        ({"support": support(0.19, 0.3)}, "density", 0.3),
        ({"collapse": collapse(distinct=beside(0.25, 0.5))}, "distinct", 0.5),
        ({"collapse": collapse(coverage=beside(0.75, 1.0))}, "clusters", 0.75),
        ({"utility": utility(0.7, 0.9)}, "utility", 0.8),
        ({"privacy": privacy(copies=beside(0.3, 0.1))}, "copies", 0.8),
        ({"privacy": privacy(nearer_to_train=estimate(0.75))}, "nearest", 0.5),
        ({"privacy": privacy(membership=replace(privacy().membership, auc=estimate(0.6)))}, "membership", 0.8),
        ({"privacy": privacy(attacks=(replace(privacy().attacks[0], risk=estimate(0.3)),))}, "attacks", 0.7),
    ],
)
def test_a_score_is_its_number_turned(change, measure, score):
    assert scores(replace(faultless(), **change))[measure] == pytest.approx(score)


def test_what_was_not_computed_has_no_score():
    bare = replace(
        faultless(), detection=None, logistic_detection=None, support=None, collapse=None, utility=None, privacy=None
    )
    assert list(scores(bare)) == ["shape", "trend"]
