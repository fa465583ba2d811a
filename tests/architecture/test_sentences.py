"""A test is a sentence, a decision has a cost, an error has its place in the tree."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from crosscom import errors

ROOT = Path(__file__).parents[2]
TEST_FILES = sorted((ROOT / "tests").rglob("test_*.py"))
DECISIONS = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))


def functions_of(path):
    """Give the test functions of a file, those of classes included."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node


@pytest.mark.parametrize("path", TEST_FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_test_is_a_sentence(path):
    """Each test says in one sentence which fact it shows."""
    silent = {
        f"{test.name}, line {test.lineno}"
        for test in functions_of(path)
        if not re.search(r"[.?!:`]$", ast.get_docstring(test) or "")
    }

    assert silent == set()


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_every_decision_has_its_cost(path):
    """A decision record has context, decision and cost, on at most a page, and is listed."""
    text = path.read_text()
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)

    assert re.match(rf"# {int(path.name[:4])}\. \S", text)
    assert headings == ["Context", "Decision", "Cost"]
    assert len(text.split()) <= 600
    assert f"({path.name})" in (path.parent / "README.md").read_text()


def test_decisions_are_numbered_without_gaps():
    """Decision records carry 1, 2, 3, ... and no number twice."""
    numbers = [int(path.name[:4]) for path in DECISIONS]

    assert numbers == list(range(1, len(DECISIONS) + 1))


def test_the_tree_of_errors_is_the_classes():
    """The tree in the docstring of `crosscom.errors` has each class, in its place."""
    drawn = [
        ("*x+-".index(mark), name)
        for mark, name in re.findall(r"^ *([*x+-]) (\w+)", errors.__doc__, re.MULTILINE)
    ]
    parents = {}
    for place, (depth, name) in enumerate(drawn):
        above = (other for level, other in reversed(drawn[:place]) if level < depth)
        parents[name] = next(above, "Exception")

    assert parents == {name: getattr(errors, name).__bases__[0].__name__ for name in errors.__all__}


def test_the_tree_tells_the_built_in_bases():
    """The tree says `(also a ...)` for each error that is a built-in one too."""
    drawn = dict(re.findall(r"^ *[*x+-] (\w+) .*\(also an? (\w+)\)$", errors.__doc__, re.MULTILINE))

    built_in = {
        name: getattr(errors, name).__bases__[1].__name__
        for name in errors.__all__
        if len(getattr(errors, name).__bases__) > 1
    }
    assert drawn == built_in
