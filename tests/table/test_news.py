"""What is new in a table, in words."""

import numpy as np
import pandas as pd

from tabgan.coding import Coding
from tabgan.table.correspondence import partners_of
from tabgan.table.extending import extended
from tabgan.table.files import read_table
from tabgan.table.news import Before, news
from tabgan.table.schema import Schema

N = 200


def people(**changes: object) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "city": np.resize(["Ulm", "Jena", "Kiel"], N),
            "size": pd.Categorical(np.resize(["S", "M"], N), categories=["S", "M", "L"], ordered=True),
            "height": np.linspace(150, 200, N).round(1),
            "land": ["D"] * N,
            "born": pd.date_range("1990-01-01", periods=N, freq="11D"),
        }
    )
    return frame.assign(**changes)


def told(frame: pd.DataFrame, before: pd.DataFrame | None = None) -> tuple[str, ...]:
    first = read_table(people() if before is None else before)
    schema = Schema.infer(first)
    known, _ = Coding.fit(schema, schema.conform(first), 0)
    table = read_table(frame)
    new_schema = extended(schema, table)
    coding, _ = Coding.fit(new_schema, new_schema.conform(table), 0)
    partners = partners_of(coding.codec, known.codec)
    return news(Before(coding.recast, coding.codec), Before(known.recast, known.codec), partners)


def test_nothing_is_new_in_the_same_table():
    assert told(people()) == ()


def test_categories_that_come_and_go():
    assert told(people(city=np.resize(["Ulm", "Bonn", "Köln"], N))) == (
        "column 'city' has 2 new categories: 'Bonn', 'Köln'",
        "column 'city' lacks 2 categories that the model knew, of which no rows are made: 'Jena', 'Kiel'",
    )


def test_a_new_category_in_a_declared_order_is_told_with_the_order():
    size = pd.Categorical(np.resize(["S", "XL"], N), categories=["S", "M", "L", "XL"], ordered=True)
    assert told(people(size=size)) == (
        "column 'size' has 1 new category: 'XL', in the order S < M < L < XL",
        "column 'size' lacks 1 category that the model knew, of which no rows are made (still declared): 'M'",
    )


def test_missing_cells_that_come_and_go():
    holed = people(height=np.where(np.arange(N) % 9, people()["height"], np.nan))
    assert told(holed) == ("column 'height' has missing cells now",)
    assert told(people(), holed) == ("column 'height' has no missing cells any more, and none are made",)


def test_numbers_beyond_the_known_ones():
    assert told(people(height=people()["height"] + 20)) == (
        "column 'height' goes from 170.0 to 220.0, beyond what the model knew, 150.0 to 200.0".replace(".0", ""),
    )
    assert told(people(height=people()["height"] / 2 + 90)) == ()
    assert told(people(height=people()["height"] + 1)) == ()  # as any two samples differ


def test_times_beyond_the_known_ones():
    (line,) = told(people(born=pd.date_range("2001-01-01", periods=N, freq="11D")))
    assert line.startswith("column 'born' goes from 2001-01-01")
    assert "beyond what the model knew, 1990-01-01" in line


def test_a_constant_that_varies_is_learnt_from_scratch():
    assert told(people(land=np.resize(["D", "F"], N))) == (
        "column 'land' was constant and is categorical now",
        "column 'land' has 1 new category: 'F'",
        "learnt from scratch, since the model knew no such: 'land'",
    )


def test_free_text_is_learnt_from_scratch():
    words = ("quick", "brown", "fox", "jumps", "over", "lazy", "dogs", "while", "seven", "wizards", "brew", "magic")
    random = np.random.default_rng(0)
    texts = [" ".join(random.choice(words, random.integers(5, 12))) for _ in range(N)]
    frame = people(note=texts)
    assert Schema.infer(read_table(frame))["note"].kind == "text"
    assert told(frame, frame) == ("free text is learnt from scratch",)
