"""Small enough to hold in one's head."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
MOST_LINES_OF_A_MODULE = 300
MOST_LINES_OF_A_FUNCTION = 60

# What may be longer, and why.
LONGER_MODULES = {
    "src/crosscom/errors.py": "one tree, read as a whole; its classes hold no logic",
}
LONGER_FUNCTIONS: dict[str, str] = {}


def modules():
    """Give each module of the package with its text."""
    for path in sorted((ROOT / "src").rglob("*.py")):
        yield str(path.relative_to(ROOT)), path.read_text()


def test_modules_are_short():
    """A module is at most 300 lines, or stands on the list with its reason, or else off it."""
    long = {name for name, text in modules() if text.count("\n") > MOST_LINES_OF_A_MODULE}

    assert long == set(LONGER_MODULES)


def test_functions_are_short():
    """A function is at most 60 lines without its docstring, or stands on the list."""
    long = {
        f"{name}:{function.name}"
        for name, text in modules()
        for function in ast.walk(ast.parse(text))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        and _length(function) > MOST_LINES_OF_A_FUNCTION
    }

    assert long == set(LONGER_FUNCTIONS)


def _length(function):
    first = function.body[0]
    has_docstring = ast.get_docstring(function, clean=False) is not None
    docstring = first.end_lineno - first.lineno + 1 if has_docstring else 0
    return function.end_lineno - function.lineno + 1 - docstring
