"""Modules that are made for one test."""

from __future__ import annotations

import sys
import textwrap
from importlib.machinery import SourceFileLoader
from types import ModuleType

import pytest


@pytest.fixture
def load(tmp_path, monkeypatch):
    """Load a module from a file below `tmp_path`, and forget it after the test."""

    def load_module(path, source, name=None):
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(source))
        name = name or file.stem
        loader = SourceFileLoader(name, str(file))
        module = ModuleType(name)
        module.__file__ = str(file)
        monkeypatch.setitem(sys.modules, name, module)
        loader.exec_module(module)
        return module

    return load_module
