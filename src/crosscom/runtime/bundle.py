"""The code of a run: which files it is, and where it lies so that exactly it is loaded."""

from __future__ import annotations

import ast
import site
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType

from blake3 import blake3

from crosscom.errors import DagFileError
from crosscom.model import Bundle
from crosscom.stores.base import RunStore

FOLDER = "bundles"

_OWN_PACKAGE = Path(__file__).parent.parent


def collect_bundle(
    dag_file: Path, root: Path, *, further: Iterable[Path] = (), include: Iterable[str] = ()
) -> tuple[Bundle, dict[str, bytes]]:
    """Give the code of a DAG that this process has loaded, and the bytes of its files.

    That is the DAG file; the modules loaded from below *root*; modules below *root* that these
    name in an `import` anywhere, also inside a function; *further* files below *root* (those
    of templates); and all that matches a pattern of *include*, relative to *root*. What is
    installed (`site-packages`, a virtual environment) is no part of it.

    Returns:
        The bundle, and the bytes of its files by digest.

    Raises:
        DagFileError: A file cannot be read.
    """
    found = {dag_file, *_loaded_modules(root)}
    _add_named_imports(found, root)
    found.update(path for path in further if path.is_relative_to(root))
    for pattern in include:
        found.update(path for path in root.glob(pattern) if path.is_file())
    sources: dict[str, bytes] = {}
    files = []
    for path in sorted(found):
        data = _read(path, dag_file)
        digest = blake3(data).hexdigest()
        sources[digest] = data
        files.append((path.relative_to(root).as_posix(), digest))
    return make_bundle(root, dag_file, files), sources


def make_bundle(root: Path, dag_file: Path, files: Iterable[tuple[str, str]]) -> Bundle:
    """Give the bundle of *files* (relative path, digest of the bytes), named by its digest."""
    manifest = tuple(sorted(files))
    name = dag_file.relative_to(root).as_posix()
    hasher = blake3(name.encode() + b"\0")
    for path, digest in manifest:
        hasher.update(f"{path}\0{digest}\0".encode())
    return Bundle(hasher.hexdigest(), str(root), name, manifest)


def locate_bundle(bundle: Bundle, store: RunStore, home: Path) -> Path:
    """Give a folder that holds exactly the bundle's files.

    It is the folder they were read from, as long as none of them changed, so that what lies
    beside them is found; otherwise a copy below *home*, made from the store where it is missing.
    """
    root = Path(bundle.root)
    if _is_unchanged(bundle, root):
        return root
    copy = home / FOLDER / bundle.digest
    if not _is_unchanged(bundle, copy):
        _restore(bundle, store, copy)
    return copy


def _restore(bundle: Bundle, store: RunStore, copy: Path) -> None:
    """Write all files and then give the folder its name, so that it is there whole or not."""
    # Only for code that changed since: every start would pay for the import.
    import tempfile  # noqa: PLC0415

    copy.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=copy.parent) as folder:
        whole = Path(folder) / "whole"
        for name, digest in bundle.files:
            path = whole / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(store.source(digest))
        if copy.exists():
            copy.rename(Path(folder) / "damaged")
        try:
            whole.rename(copy)
        except OSError:
            # Another process was quicker.
            if not _is_unchanged(bundle, copy):
                raise


def _is_unchanged(bundle: Bundle, root: Path) -> bool:
    try:
        return all(
            blake3((root / name).read_bytes()).hexdigest() == digest
            for name, digest in bundle.files
        )
    except OSError:
        return False


def _loaded_modules(root: Path) -> Iterator[Path]:
    for module in list(sys.modules.values()):
        path = _file_of(module)
        if path is not None and path.is_relative_to(root) and not is_installed(path):
            yield path


def _file_of(module: ModuleType) -> Path | None:
    name = getattr(module, "__file__", None)
    if not isinstance(name, str) or module.__name__ == "__main__":
        return None
    path = Path(name)
    return path if path.is_absolute() and path.is_file() else None


def is_installed(path: Path) -> bool:
    """Tell whether a file or folder belongs to the Python and what is installed in it."""
    if {"site-packages", "dist-packages"}.intersection(path.parts):
        return True
    return any(path.is_relative_to(place) for place in _INSTALLED)


def _installed_places() -> tuple[Path, ...]:
    places = [*site.getsitepackages(), sysconfig.get_path("stdlib"), str(_OWN_PACKAGE)]
    return tuple(Path(place) for place in places)


_INSTALLED = _installed_places()


def _add_named_imports(found: set[Path], root: Path) -> None:
    """Add the files below *root* that an import in one of the files means, and theirs."""
    waiting = [path for path in found if path.suffix == ".py"]
    while waiting:
        path = waiting.pop()
        for target in _imports(path, root):
            if target in found or not target.is_relative_to(root):
                continue
            if not is_installed(target):
                found.add(target)
                waiting.append(target)


def _imports(path: Path, root: Path) -> Iterator[Path]:
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _module_files(root, alias.name)
        elif isinstance(node, ast.ImportFrom):
            base = path.parents[node.level - 1] if node.level else root
            for alias in node.names:
                yield from _module_files(base, ".".join(filter(None, (node.module, alias.name))))


def _module_files(base: Path, name: str) -> Iterator[Path]:
    """Give the packages on the way and the module, as far as there are files for them."""
    place = base
    for part in name.split("."):
        place = place / part
        for path in (place / "__init__.py", place.with_suffix(".py")):
            if path.is_file():
                yield path


def _read(path: Path, dag_file: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        msg = f"cannot read {path}, which belongs to {dag_file}: {error.strerror}"
        raise DagFileError(msg, path=str(dag_file)) from None
