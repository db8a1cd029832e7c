from dataclasses import replace

from tabgan.evaluation.render import training_to_markdown
from tabgan.evaluation.results import NotComputed
from tests.evaluation.render.page.test_training import record


def test_all_that_is_known_is_told():
    text = training_to_markdown(record())
    for line in (
        "# How the model was trained",
        "1,234 rows learnt, seed 3, 12 seconds. Ended after 20 of 30 steps: rows held out became more surprising.",
        "> **Caution:** Few rows.",
        "At the end: **critic too strong**. Learning to step 8, diverged to step 10, critic too strong to step 20.",
        "- Step 10, **recovered**: Went back to step 8.",
        "- Step 12, **critic too strong**: It is sure. What to do: Lower it. `critic_rate = 0.1`",
        "| held out shape | 20.000 | 3.000 | – | 2.000 | % |",
        "| 20 kept | 100 | 0.50 | 0.10 | 0.50 |",
        "| `pac` | 4 rows | 1 | rows judged together |",
        "The other 2 are as they are by default.",
    ):
        assert line in text.splitlines(), line


def test_what_is_missing_is_left_out():
    bare = replace(record(), states=(), events=(), series=(), snapshots=(), settings=(), elapsed_s=None)
    text = training_to_markdown(replace(bare, not_computed=(NotComputed("the curves", "there are none"),)))
    assert [line for line in text.splitlines() if line.startswith("#")] == [
        "# How the model was trained",
        "## Not computed",
    ]
    assert "- **the curves:** There are none." in text


def test_text_from_the_run_is_only_text(nasty):
    text = training_to_markdown(replace(record(), ending=nasty))
    assert nasty not in text
    assert "\\<script\\>" in text
