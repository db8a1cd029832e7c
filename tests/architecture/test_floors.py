"""The rules of the house that a program can check; each check is shown to bite on a planted violation."""

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LIBRARY = sorted((ROOT / "tabgan").rglob("*.py"))
COMMANDS = sorted((ROOT / "cli").rglob("*.py"))

TORCH_DRAWS = {"rand", "randn", "randint", "randperm", "bernoulli", "multinomial", "normal", "rand_like", "randn_like"}
TENSOR_DRAWS = {"uniform_", "normal_", "exponential_", "bernoulli_", "random_", "cauchy_", "geometric_", "log_normal_"}
TORCH_SEEDS = {"manual_seed", "seed", "set_rng_state", "manual_seed_all"}
NUMPY_CLASSES = {"Generator", "SeedSequence", "BitGenerator", "PCG64"}


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    environment = os.environ | {"PYTHONPATH": f"{folder}{os.pathsep}{folder / 'cli'}", "COLUMNS": "200"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_floors_hold():
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("place", "line", "broken"),
    [
        ("tabgan/table/planted.py", "import torch", "never import torch"),
        ("tabgan/evaluation/planted.py", "import torch", "never import torch"),
        ("tabgan/gan/planted.py", "import pandas", "never imports pandas or pyarrow"),
        ("tabgan/gan/planted.py", "import tabgan.table.schema", "The gan wing knows no tables"),
        ("tabgan/table/planted.py", "import tabgan.gan.config", "no networks and no evaluator"),
        ("tabgan/evaluation/planted.py", "import tabgan.table.codec", "through schema and files alone"),
        ("tabgan/gan/planted.py", "import tabgan.model", "Floors"),
        ("tabgan/model.py", "import tabgan_cli.main", "Floors"),
    ],
)
def test_a_planted_violation_is_caught(tmp_path, place, line, broken):
    for name in ("tabgan", "cli"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / place).open("a") as file:
        file.write(f"\n{line}\n")
    done = lint_imports(tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    broken_contracts = [text for text in done.stdout.splitlines() if text.endswith("BROKEN")]
    assert any(broken in text for text in broken_contracts), done.stdout


def dotted(node: ast.expr) -> str:
    """`a.b.c` of an attribute chain, an empty string for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (left := dotted(node.value)):
        return f"{left}.{node.attr}"
    return ""


def global_randomness(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import) and any(alias.name == "random" for alias in node.names):
            yield f"line {node.lineno}: import random"
        if isinstance(node, ast.ImportFrom) and node.module in ("random", "numpy.random"):
            yield f"line {node.lineno}: from {node.module}"
        if isinstance(node, ast.Attribute):
            name = dotted(node)
            if name.startswith(("np.random.", "numpy.random.")) and node.attr not in NUMPY_CLASSES:
                yield f"line {node.lineno}: {name}"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name, attribute = dotted(node.func), node.func.attr
            given = any(keyword.arg == "generator" for keyword in node.keywords)
            if name.startswith("torch.") and attribute in TORCH_SEEDS:
                yield f"line {node.lineno}: {name}"
            if name == f"torch.{attribute}" and attribute in TORCH_DRAWS and not given:
                yield f"line {node.lineno}: {name} without a generator"
            if attribute in TENSOR_DRAWS and not given:
                yield f"line {node.lineno}: .{attribute} without a generator"


def code_in_files(tree: ast.AST) -> Iterator[str]:
    """Ways of reading a file that can run code in it."""
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        for name in names:
            if name.split(".")[0] in ("pickle", "cloudpickle", "joblib", "dill", "shelve", "marshal"):
                yield f"line {node.lineno}: import {name}"
        if isinstance(node, ast.Call):
            called = dotted(node.func)
            if called in ("torch.load", "torch.save", "eval", "exec", "pd.read_pickle", "pandas.read_pickle"):
                yield f"line {node.lineno}: {called}"
            if any(k.arg == "allow_pickle" and not _is_false(k.value) for k in node.keywords):
                yield f"line {node.lineno}: allow_pickle"


def _is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


def prints(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and dotted(node.func) in ("print", "sys.stdout.write", "sys.stderr.write"):
            yield f"line {node.lineno}: {dotted(node.func)}"


def environment_reads(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and dotted(node) in ("os.environ", "os.getenv"):
            yield f"line {node.lineno}: {dotted(node)}"


def found(check, files: list[Path]) -> list[str]:
    return [f"{path.relative_to(ROOT)}, {problem}" for path in files for problem in check(ast.parse(path.read_text()))]


def test_the_library_never_prints():
    assert found(prints, LIBRARY) == []


def test_the_library_never_reads_the_environment():
    assert found(environment_reads, LIBRARY) == []


def test_randomness_has_one_door():
    assert found(global_randomness, [path for path in LIBRARY if path != ROOT / "tabgan" / "rng.py"]) == []


def test_opening_a_file_never_runs_code():
    assert found(code_in_files, LIBRARY + COMMANDS) == []


@pytest.mark.parametrize(
    ("check", "line"),
    [
        (prints, "print('x')"),
        (environment_reads, "import os; os.environ['HOME']"),
        (global_randomness, "import random"),
        (global_randomness, "from random import choice"),
        (global_randomness, "from numpy.random import default_rng"),
        (global_randomness, "np.random.seed(0)"),
        (global_randomness, "x = np.random.default_rng()"),
        (global_randomness, "torch.manual_seed(0)"),
        (global_randomness, "torch.cuda.manual_seed_all(0)"),
        (global_randomness, "torch.randn(3)"),
        (global_randomness, "w.uniform_(-1, 1)"),
        (code_in_files, "import pickle"),
        (code_in_files, "from joblib import load"),
        (code_in_files, "torch.load('x', weights_only=True)"),
        (code_in_files, "np.load('x', allow_pickle=True)"),
    ],
)
def test_the_checks_bite(check, line):
    assert list(check(ast.parse(line)))


@pytest.mark.parametrize(
    "line",
    ["torch.randn(3, generator=g)", "w.uniform_(-1, 1, generator=g)", "def f(r: np.random.Generator): r.normal()"],
)
def test_the_check_of_randomness_lets_passed_generators_through(line):
    assert list(global_randomness(ast.parse(line))) == []
