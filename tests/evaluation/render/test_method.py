from tabgan.evaluation.render.method import method
from tests.evaluation.render.full_report import full_report


def test_the_method_tells_of_what_is_in_the_report_and_of_nothing_else(bare):
    told = " ".join(method(full_report()))
    for word in (
        "Kolmogorov",
        "Pearson",
        "folds",
        "Naeem",
        "Heusel",
        "k-means",
        "Utility",
        "Giomi",
        "Copied cells",
        "seed 3",
    ):
        assert word in told
    assert len(method(bare[0])) == 2
