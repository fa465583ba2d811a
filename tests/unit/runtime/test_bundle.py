"""The code of a run: which files it is, and where exactly it is found again."""

import sys
from types import ModuleType

import pytest
from blake3 import blake3

from crosscom.errors import DagFileError
from crosscom.runtime.bundle import collect_bundle, locate_bundle, make_bundle
from crosscom.stores.memory import MemoryStore


@pytest.fixture
def root(tmp_path):
    """A folder with a DAG file and what may lie beside it."""
    made = tmp_path / "dags"
    for name, text in {
        "dag.py": "def task():\n    from package.inner import x\n    import later\n",
        "later.py": "from package import other\n",
        "package/__init__.py": "",
        "package/inner.py": "from . import other\nfrom .. import above\nimport dag\n",
        "package/other.py": "x = (",
        "unused.py": "",
        "queries/a.sql": "SELECT 1",
        "queries/b.txt": "no query",
        ".venv/lib/python3.11/site-packages/installed.py": "",
    }.items():
        path = made / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return made


@pytest.fixture
def loaded(root, monkeypatch):
    """Modules that were loaded from below the folder, and others."""
    for name, path in {
        "dag": root / "dag.py",
        "installed": root / ".venv/lib/python3.11/site-packages/installed.py",
        "elsewhere": root.parent / "elsewhere.py",
        "gone": root / "gone.py",
    }.items():
        module = ModuleType(name)
        module.__file__ = str(path)
        monkeypatch.setitem(sys.modules, name, module)


def names(bundle):
    """Give the names of a bundle's files."""
    return [name for name, _ in bundle.files]


def test_the_code_is_what_was_loaded_and_what_imports_name(root, loaded):
    """Loaded modules, and those that an import inside a function names, belong to the code."""
    bundle, sources = collect_bundle(root / "dag.py", root)

    assert names(bundle) == [
        "dag.py",
        "later.py",
        "package/__init__.py",
        "package/inner.py",
        "package/other.py",
    ]
    assert bundle.dag_file == "dag.py"
    assert sources[dict(bundle.files)["later.py"]] == b"from package import other\n"


def test_templates_and_included_files_belong_to_the_code(root):
    """Further files below the root, and what matches a pattern, are taken as well."""
    bundle, _ = collect_bundle(
        root / "dag.py",
        root,
        further=[root / "queries/b.txt", root.parent / "outside.sql"],
        include=["queries/*.sql", "no/*.such", "queries"],
    )

    assert {"queries/a.sql", "queries/b.txt"} <= set(names(bundle))
    assert "outside.sql" not in names(bundle)


def test_a_file_that_cannot_be_read_is_named(root):
    """A file that is gone when it is to be kept is told."""
    with pytest.raises(DagFileError) as caught:
        collect_bundle(root / "dag.py", root, further=[root / "queries/none.sql"])

    assert str(caught.value) == (
        f"cannot read {root}/queries/none.sql, which belongs to {root}/dag.py: "
        "No such file or directory"
    )


def test_a_digest_names_exactly_the_files(root):
    """The same files give the same digest in any order and folder; another byte or name does not."""
    files = [("a.py", "1" * 64), ("b.py", "2" * 64)]
    digest = make_bundle(root, root / "a.py", files).digest

    assert make_bundle(root.parent, root.parent / "a.py", reversed(files)).digest == digest
    assert make_bundle(root, root / "b.py", files).digest != digest
    assert make_bundle(root, root / "a.py", [*files, ("c.py", "3" * 64)]).digest != digest
    assert (
        make_bundle(root, root / "a.py", [("a.py", "1" * 64), ("b.py", "3" * 64)]).digest != digest
    )


@pytest.fixture
def kept(root):
    """A bundle whose files a store keeps."""
    bundle, sources = collect_bundle(root / "dag.py", root)
    store = MemoryStore()
    store.put_sources(bundle, sources)
    return bundle, store


def test_unchanged_files_are_found_where_they_lie(root, kept, tmp_path):
    """While no file changed, the folder itself is given, and nothing is copied."""
    bundle, store = kept

    assert locate_bundle(bundle, store, tmp_path / "home") == root
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("change", ["another text", None])
def test_changed_or_missing_files_are_taken_from_the_store(root, kept, tmp_path, change):
    """When a file changed or is gone, a copy with exactly the kept bytes is given."""
    bundle, store = kept
    if change is None:
        (root / "later.py").unlink()
    else:
        (root / "later.py").write_text(change)

    copy = locate_bundle(bundle, store, tmp_path / "home")

    assert copy == tmp_path / "home" / "bundles" / bundle.digest
    for name, digest in bundle.files:
        assert blake3((copy / name).read_bytes()).hexdigest() == digest
    assert [path.name for path in copy.parent.iterdir()] == [bundle.digest]


def test_a_damaged_copy_is_made_anew(root, kept, tmp_path):
    """A copy somebody wrote into is not used."""
    bundle, store = kept
    (root / "later.py").unlink()
    copy = locate_bundle(bundle, store, tmp_path / "home")
    (copy / "later.py").write_text("damaged")

    assert locate_bundle(bundle, store, tmp_path / "home") == copy
    assert (copy / "later.py").read_text() == "from package import other\n"
