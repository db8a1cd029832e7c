from collections import Counter

import pandas as pd
import pytest


@pytest.fixture
def some(folder):
    """some.csv: people of whom most live in Ulm."""
    path = folder / "some.csv"
    frame = pd.DataFrame({"height": [171.0, 160.5, 180.0, 175.0], "city": ["Ulm", "Ulm", "Ulm", "Jena"], "a=b": "yes"})
    frame.to_csv(path, index=False)
    return path


def test_real_rows_come_first_and_classes_are_equal(run, model, some):
    done = run("augment", some, "city", "-o", "more.csv")
    assert done.exit_code == 0, done.output
    assert "the rows of" in done.stderr
    more = pd.read_csv("more.csv")
    pd.testing.assert_frame_equal(more.head(4), pd.read_csv(some))
    assert Counter(more["city"]) == {"Ulm": 3, "Jena": 3, "Kiel": 3}


def test_shares_are_taken(run, model, some):
    shares = ("--share", "Ulm=0.5", "--share", "Jena=0.25", "--share", "Kiel=0.25")
    assert run("augment", some, "city", *shares, "-o", "more.csv").exit_code == 0
    assert Counter(pd.read_csv("more.csv")["city"]) == {"Ulm": 3, "Jena": 2, "Kiel": 2}


def test_the_name_of_a_class_may_hold_an_equals_sign_and_so_may_the_column(run, model, some):
    assert run("augment", some, "a=b", "-o", "more.csv", "--seed", "1").exit_code == 0
    assert Counter(pd.read_csv("more.csv")["a=b"]) == {"yes": 4, "no": 4}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("height",), ("classes", "'height'")),
        (("town",), ("'town'", "city")),
        (("city", "--share", "Ulm"), ("CLASS=SHARE", "'Ulm'")),
        (("city", "--share", "Ulm=half"), ("CLASS=SHARE", "'Ulm=half'")),
        (("city", "--share", "Ulm=0.5"), ("add up to 1", "0.5")),
        (("city", "--share", "Rom=1"), ("'Rom'", "3 classes")),
        (("city", "--share", "Ulm=nan", "--share", "Kiel=1"), ("from 0 to 1",)),
    ],
)
def test_columns_and_shares_that_cannot_be_are_refused(refuses, model, some, arguments, says):
    refuses("augment", some, *arguments, "-o", "more.csv", says=says)


def test_the_table_is_never_the_output(refuses, model, some):
    refuses("augment", some, "city", "-o", some, "--force", says=("input",))
