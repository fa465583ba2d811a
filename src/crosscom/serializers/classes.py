"""Which classes may go into bytes and come back, and how they are written there.

Nothing here imports a module, and nothing runs code of a class: what is looked up is what
other imports have left in `sys.modules`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, cast

_INSTALLED = {"site-packages", "dist-packages"}


@dataclass(frozen=True)
class ClassFinder:
    """The classes of one consumer.

    A class is written as `shapes.py:Point` when a file of the bundle defines it, and as
    `package.module:Point` when it was allowed or named. What it is written as is looked up
    once for each finder.

    >>> from decimal import Context
    >>> ClassFinder(allowed=frozenset({"decimal:*"})).reference(Context)
    'decimal:Context'
    """

    bundle_root: Path | None = None
    """Classes of modules whose file lies below it may come back, but for installed packages."""
    allowed: frozenset[str] = frozenset()
    """`package.module:Class`, or `package.module:*` for all classes of one module."""
    named: tuple[type, ...] = ()
    """Classes that the consumer's annotations name, or that the caller passed."""
    _references: dict[type, str] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _modules: dict[str, str] = field(default_factory=dict, init=False, repr=False, compare=False)

    def reference(self, cls: type) -> str | None:
        """Give how *cls* is written in bytes, or None where it may not be."""
        known = self._references.get(cls)
        if known is None:
            known = self._write(cls)
            if known is not None:
                self._references[cls] = known
        return known

    def find(self, reference: str) -> type | None:
        """Give the class that is written as *reference*, or None.

        Looks only at `named` and at modules that are loaded already.
        """
        for cls in self.named:
            if self.reference(cls) == reference:
                return cls
        module_name, _, qualname = reference.rpartition(":")
        for module in self._loaded(module_name):
            found = _walk(module, qualname)
            # A module also holds what it imported: the class itself must be written that way.
            if issubclass(type(found), type) and self.reference(cast("type", found)) == reference:
                return cast("type", found)
        return None

    def remedy(self, cls: type) -> str:
        """Say what to do so that *cls* may be pushed."""
        module, qualname = names_of(cls)
        if "<locals>" in qualname:
            return "define it at the top level of its module, not inside a function"
        if _walk(sys.modules.get(module), qualname) is not cls:
            return f"define it so that {module}.{qualname} names it"
        if module == "__main__":
            return "define it in a module of the DAG's bundle"
        return f'add to crosscom.toml, under [serializers]: allow = ["{module}:{qualname}"]'

    def remedy_for_missing(self, reference: str) -> str:
        """Say what to do so that the class written as *reference* comes back."""
        module, _, qualname = reference.rpartition(":")
        if module.endswith(".py"):
            where = "no bundle is set" if self.bundle_root is None else "it is not loaded here"
            return f"{where}; import it from {module}, or name {qualname} in the task's annotations"
        if self._allows(module, qualname):
            return f"it is allowed but not loaded here; import {module} before the pull"
        return (
            f"name {qualname} in the task's annotations, or add to crosscom.toml, under "
            f'[serializers]: allow = ["{reference}"]'
        )

    def _write(self, cls: type) -> str | None:
        module_name, qualname = names_of(cls)
        if "<locals>" in qualname:
            return None
        module = sys.modules.get(module_name)
        path = self._bundle_path(module)
        is_named = any(cls is named for named in self.named)
        if path is None and not is_named and not self._allows(module_name, qualname):
            return None
        if not is_named and _walk(module, qualname) is not cls:
            return None
        return f"{path or module_name}:{qualname}"

    def _allows(self, module: str, qualname: str) -> bool:
        return f"{module}:{qualname}" in self.allowed or f"{module}:*" in self.allowed

    def _loaded(self, module_name: str) -> Iterator[ModuleType]:
        """Give the loaded modules that *module_name*, a name or a path in the bundle, may mean."""
        if not module_name.endswith(".py"):
            module = sys.modules.get(module_name)
            if module is not None:
                yield module
            return
        last = sys.modules.get(self._modules.get(module_name, ""))
        if last is not None:
            yield last
        file_name = module_name.rpartition("/")[2]
        for name, module in list(sys.modules.items()):
            if _file_of(module).endswith(file_name) and self._bundle_path(module) == module_name:
                self._modules[module_name] = name
                yield module

    def _bundle_path(self, module: object) -> str | None:
        """Give the path of a module's file in the bundle, or None where it is not of the bundle."""
        file = _file_of(module)
        if self.bundle_root is None or not file.endswith(".py"):
            return None
        root = self.bundle_root.absolute()
        path = Path(file).absolute()
        if not path.is_relative_to(root):
            root, path = root.resolve(), path.resolve()
        if not path.is_relative_to(root) or not _INSTALLED.isdisjoint(path.parts):
            return None
        # A Python that was set up inside the project's folder is no part of its bundle.
        for prefix in map(Path, {sys.prefix, sys.base_prefix}):
            if path.is_relative_to(prefix) and prefix != root and prefix.is_relative_to(root):
                return None
        return path.relative_to(root).as_posix()


NO_CLASSES = ClassFinder()
"""Lets no class in or out: values of the standard types only."""


def names_of(cls: type) -> tuple[str, str]:
    """Give the module's name and the qualified name of *cls*, without asking its metaclass."""
    module = type.__getattribute__(cls, "__module__")
    qualname = type.__getattribute__(cls, "__qualname__")
    return module if type(module) is str else "?", qualname


def type_name(cls: type) -> str:
    """Give the dotted name of *cls*, built-in ones without their module.

    >>> type_name(dict), type_name(Path)
    ('dict', 'pathlib.Path')
    """
    module, qualname = names_of(cls)
    if module == "builtins":
        return qualname
    # One Python version keeps its paths in a module of its own.
    name = f"{module.replace('pathlib._local', 'pathlib')}.{qualname}"
    return name if name.isascii() else name.encode("utf-8", "backslashreplace").decode()


def _walk(module: object, qualname: str) -> Any:
    """Follow *qualname* from *module*, through namespaces only."""
    found = module
    for name in qualname.split("."):
        found = _namespace(found).get(name)
    return found


def _file_of(module: object) -> str:
    file = _namespace(module).get("__file__")
    return file if type(file) is str else ""


def _namespace(holder: object) -> dict[str, Any]:
    """Give what a module or class holds, without loading a lazy module or asking a metaclass."""
    kind = type(holder)
    if issubclass(kind, ModuleType):
        return cast("dict[str, Any]", object.__getattribute__(holder, "__dict__"))
    if issubclass(kind, type):
        return cast("dict[str, Any]", type.__getattribute__(holder, "__dict__"))
    return {}
