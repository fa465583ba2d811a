"""The tagged form: a tree of plain JSON in which marked objects stand for all other values.

A kind of value is one row: its tag, its Python type, and the two functions that turn a value
into an object `{"@": tag, ...}` and back. Writer and reader walk; the kinds know nothing of
each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from crosscom.errors import XComDecodeError
from crosscom.serializers.classes import ClassFinder, type_name
from crosscom.serializers.layout import Layout
from crosscom.serializers.plain import LEVELS, MARKER, SCALARS
from crosscom.serializers.refusal import Refused

_T = TypeVar("_T")

Tree = Any
"""Plain JSON as Python values, perhaps with written pieces (`msgspec.Raw`) in it."""


class Writer:
    """Turns one value into a tree. Made for one push.

    Attributes:
        kinds: How to write, by the exact type of a value.
        other: How to write a value of any other type.
        classes: Which classes may go in.
        open: The ids of the containers that are being written, outermost first.
        used_tags: Whether anything was written that plain JSON cannot say.
        layouts: What is known of the dataclasses met so far.
        names: The field names of the named tuples met so far.
    """

    __slots__ = ("classes", "kinds", "layouts", "names", "open", "other", "used_tags")

    def __init__(self, kinds: Mapping[type, Write], other: Write, classes: ClassFinder) -> None:
        """Begin with nothing written."""
        # A copy: a class of the user gets its row when it is first met.
        self.kinds = dict(kinds)
        self.other = other
        self.classes = classes
        self.open: set[int] = set()
        self.used_tags = False
        self.layouts: dict[type, Layout] = {}
        self.names: dict[type, tuple[str, ...]] = {}

    def tree(self, value: object, room: int = LEVELS) -> Tree:
        """Give the tree of *value*; it may use *room* levels.

        Raises:
            Refused: Something in it cannot be kept.
        """
        return self.kinds.get(type(value), self.other)(value, self, room)

    def tag(self, tag: str, **parts: Tree) -> Tree:
        """Give a marked object."""
        self.used_tags = True
        return {MARKER: tag, **parts}

    def enter(self, container: object, room: int, levels: int = 1) -> None:
        """Begin to write the items of *container*; `leave` it when they are written.

        Raises:
            Refused: It lies in itself, or *levels* more are too many.
        """
        if id(container) in self.open:
            reason = (
                "it is the same object as one it lies in (a cycle); push a value without cycles"
            )
            raise Refused(reason, type_name(type(container)))
        if room < levels:
            reason = f"it is nested deeper than {LEVELS} levels; push a flatter value"
            raise Refused(reason, type_name(type(container)))
        self.open.add(id(container))

    def leave(self, container: object) -> None:
        """Forget that *container* was entered."""
        self.open.discard(id(container))


class Reader:
    """Turns one tree back into a value. Made for one pull.

    Whatever breaks the form raises `ValueError`, `TypeError` or another error of Python:
    all of them mean the same.

    Attributes:
        classes: Which classes may come back.
        layouts: What is known of the dataclasses met so far.
        names: The field names of the named tuples met so far.
    """

    __slots__ = ("_found", "_kinds", "classes", "layouts", "names")

    def __init__(self, kinds: Mapping[str, Kind], classes: ClassFinder) -> None:
        """Begin with nothing read."""
        self._kinds = kinds
        self.classes = classes
        self._found: dict[str, type] = {}
        self.layouts: dict[type, Layout] = {}
        self.names: dict[type, tuple[str, ...]] = {}

    def value(self, node: Tree) -> Any:
        """Give the value of a tree, which is used up.

        Raises:
            XComDecodeError: It needs a tag or class that is not known here.
        """
        if type(node) is list:
            # Lists of nothing but scalars are most of a large value: they are ready.
            if not set(map(type, node)) <= SCALARS:
                for index, item in enumerate(node):
                    node[index] = self.value(item)
        elif type(node) is dict:
            tag = node.get(MARKER)
            if tag is not None:
                return self._kind(tag, node).read(node, self)
            if MARKER in node:
                raise ValueError
            for key, item in node.items():
                node[key] = self.value(item)
        return node

    def find(self, reference: str) -> type:
        """Give the class that is written as *reference*.

        Raises:
            XComDecodeError: It is not allowed, or not loaded.
        """
        found = self._found.get(reference) or self.classes.find(reference)
        if found is None:
            shown = _shown(reference)
            msg = f"class {shown} may not come back; {self.classes.remedy_for_missing(shown)}"
            raise XComDecodeError(msg)
        self._found[reference] = found
        return found

    def _kind(self, tag: object, node: dict[str, Tree]) -> Kind:
        if type(tag) is not str:
            raise TypeError
        kind = self._kinds.get(tag)
        if kind is None:
            msg = f"tag {_shown(tag)!r} is not known here; a newer crosscom may have written it"
            raise XComDecodeError(msg)
        if not node.keys() <= kind.parts:
            raise ValueError
        return kind


Write = Callable[[Any, Writer, int], Tree]
Read = Callable[[dict[str, Tree], Reader], Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of value in the tagged form."""

    tag: str
    type: type | None
    """The exact type it is for; None where a class of the user decides."""
    parts: frozenset[str]
    """The keys its object may have."""
    write: Write
    read: Read


def kind(tag: str, of: type | None, parts: str, write: Write, read: Read) -> Kind:
    """Describe a kind whose object may have these *parts*, given with blanks between them."""
    return Kind(tag, of, frozenset({MARKER, *parts.split()}), write, read)


def part(node: dict[str, Tree], name: str, of: type[_T]) -> _T:
    """Give a part that must be there, and of exactly that type."""
    found: Any = node[name]
    if type(found) is not of:
        raise TypeError
    return found


def _shown(name: str) -> str:
    """Make a name from foreign bytes fit for a text of one line."""
    return "".join(c if c.isprintable() else "?" for c in name[:200])
