"""What the documents say of the report is what the code says."""

import json
from pathlib import Path

from tabgan.evaluation.report import json_schema
from tabgan.evaluation.scores import MEANINGS

DOCS = Path(__file__).parents[1] / "docs"


def test_the_schema_file_is_that_of_the_code():
    """Written by `make docs`."""
    assert json.loads((DOCS / "report.schema.json").read_text(encoding="utf-8")) == json.loads(
        json.dumps(json_schema())
    )


def test_every_score_is_explained():
    text = (DOCS / "report.md").read_text(encoding="utf-8")
    assert [line for name, meaning in MEANINGS.items() if (line := f"| `{name}` | {meaning} |") not in text] == []
