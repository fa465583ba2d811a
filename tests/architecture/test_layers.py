"""The layout is the architecture: who may import whom."""

from __future__ import annotations

import ast
import logging.config
import re
import sys
import tomllib
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "crosscom"
# A DAG file as users write it: it sees crosscom from outside.
FROM_OUTSIDE = {PACKAGE / "demo" / "python_audit.py"}
# Whoever uses the fixtures for pytest has pytest.
BROUGHT_BY_USERS = {"pytest"}


def test_imports_go_down_only(monkeypatch, capsys):
    """Every import contract of pyproject.toml is kept."""
    monkeypatch.chdir(ROOT)
    # It would silence every logger that other tests listen to.
    monkeypatch.setattr(logging.config, "dictConfig", lambda config: None)

    code = lint_imports(no_cache=True, no_logo=True)

    assert code == 0, capsys.readouterr().out


def test_layers_do_not_import_the_facade():
    """No module imports the package itself: its names are re-exports for users."""
    found = {
        str(path.relative_to(ROOT))
        for path in sorted(set(PACKAGE.rglob("*.py")) - FROM_OUTSIDE)
        if any(map(_imports_facade, ast.walk(ast.parse(path.read_text()))))
    }

    assert found == set()


@pytest.mark.parametrize("statement", ["import crosscom", "from crosscom import DAG"])
def test_the_facade_is_recognised(statement):
    """Both ways to import the package itself are seen, so that the test above can fail."""
    node = ast.parse(statement).body[0]

    assert _imports_facade(node)


def test_imports_stand_at_the_top():
    """An import inside a function says why, in a comment beside or above it."""
    silent = {
        f"{path.relative_to(ROOT)}:{line}"
        for path in sorted(set(PACKAGE.rglob("*.py")) - FROM_OUTSIDE)
        for line in _silent_inner_imports(path.read_text())
    }

    assert silent == set()


def test_every_dependency_is_used_and_declared():
    """The packages that pyproject.toml asks for are those that the code imports."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = {re.split(r"[<>=]", line)[0] for line in project["dependencies"]}

    imported = {
        name.partition(".")[0]
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        for name in _imported_names(node)
    }
    assert imported - sys.stdlib_module_names - {"crosscom"} - BROUGHT_BY_USERS == declared


def _imported_names(node):
    match node:
        case ast.Import(names=names):
            return [name.name for name in names]
        case ast.ImportFrom(module=str(module), level=0):
            return [module]
    return []


def _imports_facade(node):
    match node:
        case ast.Import(names=names):
            return any(name.name == "crosscom" for name in names)
        case ast.ImportFrom(module="crosscom", level=0):
            return True
    return False


def _silent_inner_imports(text):
    lines = text.splitlines()
    for function in ast.walk(ast.parse(text)):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    around = lines[max(node.lineno - 4, 0) : node.end_lineno]
                    says = "".join(line.partition("#")[2].replace("noqa", "") for line in around)
                    if len(says.split()) < 3:
                        yield node.lineno
