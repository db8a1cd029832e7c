from tabgan.evaluation import terms
from tabgan.evaluation.report import OPTIONAL
from tabgan.evaluation.terms import Term


def test_names_differ_and_meanings_are_sentences():
    found = [value for value in vars(terms).values() if isinstance(value, Term)]
    assert len({term.name for term in found}) == len(found) > 20
    assert all(term.meaning[0].isupper() and term.meaning.endswith(".") for term in found)


def test_parts_are_those_that_can_be_left_out():
    assert set(terms.PARTS) <= set(OPTIONAL)


def test_shares_in_sentences_are_short():
    assert [terms.percent(share) for share in (0.0, 0.00004, 0.0312, 0.5, 0.996, 1.0)] == [
        *("0 %", "0.004 %", "3.1 %", "50 %", "100 %", "100 %")
    ]
