from __future__ import annotations

import collections
import datetime as dt
import decimal
import difflib
import http
import json
import pathlib
import re
import uuid
import zoneinfo
from pathlib import Path

import pytest

from crosscom.model import Payload, RunKey
from crosscom.serializers import ClassFinder, deserialize, serialize
from crosscom.serializers.tagged import KINDS

DOCUMENT = (Path(__file__).parents[3] / "docs" / "reference" / "wire-format.md").read_text()
VECTORS = json.loads(re.findall(r"```json\n(.*?)```", DOCUMENT, re.DOTALL)[0])
ALLOWED = ClassFinder(
    allowed=frozenset({"http:*", "re:*", "difflib:*", "crosscom.model.identity:RunKey"})
)
NAMES = {
    module.__name__: module
    for module in (collections, dt, decimal, difflib, http, pathlib, re, uuid, zoneinfo)
} | {"RunKey": RunKey}


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["python"])
def test_each_vector_of_the_wire_format_is_written(vector):
    """The page's value is written as the page's bytes, with the page's digest."""
    encoded = serialize(eval(vector["python"], dict(NAMES)), ALLOWED)

    assert encoded.payload == Payload(vector["encoding"], vector["data"].encode())
    assert encoded.digest.hex() == vector["digest"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["python"])
def test_each_vector_of_the_wire_format_is_read(vector):
    """The page's bytes are read as the page's value."""
    payload = Payload(vector["encoding"], vector["data"].encode())

    back = deserialize(payload, ALLOWED)
    assert type(back) is type(eval(vector["python"], dict(NAMES)))
    # Not all of them are equal to themselves: the bytes say whether it is the same value.
    assert serialize(back, ALLOWED).payload == payload


def test_each_tag_stands_in_the_document_with_its_parts():
    """The table of the page has every tag, and names each of its parts."""
    rows = dict(re.findall(r"^\| (`\w+`(?:, `\w+`)*) \|(.*)$", DOCUMENT, re.MULTILINE))
    documented = {
        tag: set(re.findall(r"`(\w+)`", text))
        | ({"zone", "offset", "name"} if "zone" in text else set())
        for tags, text in rows.items()
        for tag in re.findall(r"`(\w+)`", tags)
    }

    missing = {kind.tag: kind.parts - {"@"} - documented.get(kind.tag, set()) for kind in KINDS}
    assert documented.keys() == missing.keys()
    assert {tag: parts for tag, parts in missing.items() if parts} == {}


def test_each_tag_has_a_vector():
    """No kind of value is without an example in the page, but those one system cannot make."""
    shown = set(re.findall(r'{"@":"(\w+)"', " ".join(vector["data"] for vector in VECTORS)))

    assert {kind.tag for kind in KINDS} - shown <= {"PosixPath", "WindowsPath", "int"}
