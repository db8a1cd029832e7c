"""Every example in a docstring runs and shows what it says."""

import doctest
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = sorted(
    ".".join(path.relative_to(root).with_suffix("").parts)
    for root in (ROOT, ROOT / "cli")
    for path in root.glob("tabgan*/**/*.py")
    if ">>>" in path.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_run(monkeypatch, name):
    monkeypatch.chdir(ROOT)  # examples read the sample data
    done = doctest.testmod(import_module(name))
    assert done.attempted > 0
    assert done.failed == 0


def test_both_packages_show_examples():
    assert {name.split(".")[0] for name in MODULES} == {"tabgan", "tabgan_cli"}
