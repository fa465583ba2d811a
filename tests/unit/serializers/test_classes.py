from __future__ import annotations

import sys
import types
from decimal import Context
from fractions import Fraction

import pytest

from crosscom.errors import XComDecodeError, XComSerializationError
from crosscom.model import Payload
from crosscom.serializers import ClassFinder, deserialize, serialize

SHAPES = """
    from dataclasses import dataclass
    from pathlib import Path

    @dataclass
    class Point:
        x: int = 0

        @dataclass
        class Mark:
            label: str = ""

    def local():
        @dataclass
        class Hidden:
            x: int = 0
        return Hidden
"""


def test_a_class_of_the_bundle_is_written_by_its_file(load, tmp_path):
    """A class is written as the path of its file in the bundle and its qualified name."""
    module = load("geo/shapes.py", SHAPES, "any_name_at_all")
    finder = ClassFinder(bundle_root=tmp_path)

    assert finder.reference(module.Point) == "geo/shapes.py:Point"
    assert finder.reference(module.Point.Mark) == "geo/shapes.py:Point.Mark"
    assert finder.find("geo/shapes.py:Point.Mark") is module.Point.Mark


def test_a_bundle_elsewhere_finds_the_class_by_the_same_text(load, tmp_path):
    """What was pushed from one folder comes back in a process that runs a copy of it."""
    there = load("there/shapes.py", SHAPES, "shapes_there")
    payload = serialize(there.Point(3), ClassFinder(bundle_root=tmp_path / "there")).payload
    here = load("here/shapes.py", SHAPES, "shapes_here")

    assert deserialize(payload, ClassFinder(bundle_root=tmp_path / "here")) == here.Point(3)


def test_a_bundle_behind_a_link_is_the_same_bundle(load, tmp_path):
    """A root that is a symbolic link, or leads to one, changes nothing."""
    module = load("real/shapes.py", SHAPES)
    (tmp_path / "link").symlink_to(tmp_path / "real")

    assert ClassFinder(bundle_root=tmp_path / "link").reference(module.Point) == "shapes.py:Point"


@pytest.mark.parametrize("folder", ["site-packages", "dist-packages"])
def test_packages_installed_inside_the_bundle_are_not_of_it(load, tmp_path, folder):
    """An environment in the project's folder does not let its classes in."""
    module = load(f".venv/lib/{folder}/shapes.py", SHAPES)

    assert ClassFinder(bundle_root=tmp_path).reference(module.Point) is None


def test_a_python_inside_the_bundle_is_not_of_it(load, tmp_path, monkeypatch):
    """The standard library of a Python in the project's folder stays out."""
    module = load("env/lib/shapes.py", SHAPES)
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "env"))

    assert ClassFinder(bundle_root=tmp_path).reference(module.Point) is None
    assert ClassFinder(bundle_root=tmp_path / "env").reference(module.Point) is not None


@pytest.mark.parametrize("allowed", ["decimal:Context", "decimal:*"])
def test_an_allowed_class_is_written_by_its_module(allowed):
    """The allow list names a class or all classes of a module."""
    finder = ClassFinder(allowed=frozenset({allowed}))

    assert finder.reference(Context) == "decimal:Context"
    assert finder.find("decimal:Context") is Context
    assert finder.reference(Fraction) is None
    assert finder.find("fractions:Fraction") is None


def test_a_named_class_may_be_of_main(monkeypatch):
    """A class of a notebook or script comes back when the consumer names it."""
    cls = type("Point", (), {"__module__": "__main__", "__qualname__": "Point"})

    assert ClassFinder().reference(cls) is None
    assert ClassFinder(named=(cls,)).reference(cls) == "__main__:Point"
    assert ClassFinder(named=(cls,)).find("__main__:Point") is cls


def test_a_named_class_of_the_bundle_is_written_by_its_file(load, tmp_path):
    """Naming a class does not change how it is written."""
    point = load("shapes.py", SHAPES).Point

    assert ClassFinder(bundle_root=tmp_path, named=(point,)).reference(point) == "shapes.py:Point"


def test_a_class_made_in_a_function_is_never_written(load, tmp_path):
    """Two local classes may have one name, so none has a reference."""
    hidden = load("shapes.py", SHAPES).local()
    finder = ClassFinder(bundle_root=tmp_path, named=(hidden,))

    assert finder.reference(hidden) is None
    with pytest.raises(XComSerializationError, match="top level of its module, not inside a func"):
        serialize(hidden(), finder)


def test_a_class_that_its_name_does_not_lead_to_is_never_written(load, tmp_path):
    """Where another object has taken the name, the class would not come back."""
    module = load("shapes.py", SHAPES)
    point = module.Point
    module.Point = None

    assert ClassFinder(bundle_root=tmp_path).reference(point) is None


@pytest.mark.parametrize(
    "reference",
    ["shapes.py:Path", "shapes.py:local", "shapes.py:Point.x", "shapes.py:", "shapes.py:dataclass"],
)
def test_what_a_module_only_imported_is_not_of_it(load, tmp_path, reference):
    """A reference leads to a class that the file defines, to nothing else it can reach."""
    load("shapes.py", SHAPES)

    assert ClassFinder(bundle_root=tmp_path).find(reference) is None


def test_finding_imports_nothing(tmp_path, monkeypatch):
    """A module that is not loaded is not found, allowed or not, and stays unloaded."""
    (tmp_path / "never_loaded.py").write_text("raise SystemExit")
    monkeypatch.syspath_prepend(tmp_path)
    finder = ClassFinder(bundle_root=tmp_path, allowed=frozenset({"never_loaded:*"}))

    assert finder.find("never_loaded:Point") is None
    assert finder.find("never_loaded.py:Point") is None
    assert "never_loaded" not in sys.modules


def test_what_is_no_module_is_passed_over(load, tmp_path, monkeypatch):
    """Whatever else some library has put among the modules does no harm."""
    monkeypatch.setitem(sys.modules, "strange", object())
    load("shapes.py", SHAPES)

    assert ClassFinder(bundle_root=tmp_path).find("shapes.py:Point") is not None


def test_finding_loads_no_lazy_module(load, tmp_path, monkeypatch):
    """A module that loads itself at the first look at it is not looked at."""

    class Lazy(types.ModuleType):
        def __getattribute__(self, name):
            raise AssertionError(name)

    monkeypatch.setitem(sys.modules, "lazy", Lazy("lazy"))
    load("shapes.py", SHAPES)

    assert ClassFinder(bundle_root=tmp_path).find("shapes.py:Point") is not None
    assert ClassFinder(bundle_root=tmp_path).find("lazy.py:Point") is None


def test_a_push_says_the_exact_line_to_add(load, tmp_path):
    """A class that is neither of the bundle nor allowed is refused with the line to add."""
    module = load("shapes.py", SHAPES)

    with pytest.raises(XComSerializationError) as caught:
        serialize({"at": [module.Point(1)]})
    assert caught.value.path == "value['at'][0]"
    assert str(caught.value) == (
        "cannot keep value['at'][0]: class shapes.Point is not of the DAG's bundle and not "
        'allowed; add to crosscom.toml, under [serializers]: allow = ["shapes:Point"]'
    )


def test_a_push_says_what_no_list_can_mend(load, monkeypatch):
    """A class that its name does not lead to, or of a script, gets the remedy that helps."""
    module = load("shapes.py", SHAPES)
    renamed, of_main = module.Point.Mark, module.Point
    del module.Point.Mark
    of_main.__module__ = "__main__"
    monkeypatch.setattr(sys.modules["__main__"], "Point", of_main, raising=False)

    with pytest.raises(XComSerializationError) as caught:
        serialize(renamed())
    assert str(caught.value).endswith("define it so that shapes.Point.Mark names it")
    with pytest.raises(XComSerializationError) as caught:
        serialize(of_main())
    assert str(caught.value).endswith("define it in a module of the DAG's bundle")


@pytest.mark.parametrize(
    ("finder", "reference", "remedy"),
    [
        (
            ClassFinder(),
            "shapes:Point",
            (
                "name Point in the task's annotations, or add to crosscom.toml, under [serializers]: "
                'allow = ["shapes:Point"]'
            ),
        ),
        (
            ClassFinder(allowed=frozenset({"shapes:*"})),
            "shapes:Point",
            "it is allowed but not loaded here; import shapes before the pull",
        ),
        (
            ClassFinder(),
            "shapes.py:Point",
            "no bundle is set; import it from shapes.py, or name Point in the task's annotations",
        ),
    ],
)
def test_a_pull_says_what_to_do_for_a_class(finder, reference, remedy):
    """A class that cannot come back is named, with what would let it."""
    data = f'{{"@":"dataclass","class":"{reference}","fields":{{}}}}'

    with pytest.raises(XComDecodeError) as caught:
        deserialize(Payload("tagged", data.encode()), finder)
    assert str(caught.value) == f"class {reference} may not come back; {remedy}"


def test_finders_compare_by_what_they_let_in(tmp_path):
    """What a finder has looked up is no part of its identity."""
    one, other = (ClassFinder(allowed=frozenset({"decimal:*"})) for _ in range(2))
    one.reference(Context)

    assert one == other
    assert hash(one) == hash(other)
    assert "decimal:Context" not in repr(one)
