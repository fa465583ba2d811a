"""Examples in docstrings are true."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import crosscom

# Importing these does something: it runs the program, or it is a DAG file.
RUN_WHEN_IMPORTED = {"crosscom.__main__", "crosscom.demo.python_audit"}
FOUND = {info.name for info in pkgutil.walk_packages(crosscom.__path__, "crosscom.")}
MODULES = sorted(FOUND - RUN_WHEN_IMPORTED)


@pytest.mark.parametrize("name", ["crosscom", *MODULES])
def test_examples_in_docstrings_are_true(name, tmp_path, monkeypatch):
    """Each example in a docstring of the package gives what it says."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CROSSCOM_HOME", str(tmp_path / "home"))

    results = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)

    assert results.failed == 0
