"""The script of others that the page carries is the one that its note names."""

import re
from hashlib import sha256
from pathlib import Path

import tabgan.evaluation.render

FOLDER = Path(tabgan.evaluation.render.__file__).parent / "echarts"


def test_the_script_is_the_released_one_unchanged():
    script, note = (FOLDER / "echarts.min.js").read_bytes(), (FOLDER / "README.md").read_text()
    assert f"`{sha256(script).hexdigest()}`" in note
    (version,) = re.findall(r"# Apache ECharts (\S+)", note)
    assert f't.version="{version}"'.encode() in script


def test_its_licences_and_its_notice_lie_beside_it():
    assert "Apache License" in (FOLDER / "LICENSE").read_text()
    assert "Apache ECharts" in (FOLDER / "NOTICE").read_text()
    assert "Bostock" in (FOLDER / "LICENSE-d3").read_text()


def test_nothing_in_it_ends_the_element_that_it_stands_in():
    script = (FOLDER / "echarts.min.js").read_text(encoding="utf-8").lower()
    assert "</script" not in script
    assert "<!--" not in script
