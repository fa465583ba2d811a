"""The words of a JSON schema that params may use."""

from typing import Any

import pytest

from crosscom.authoring.schema import breach

KEPT: list[tuple[Any, dict[str, Any]]] = [
    ("text", {"type": "string"}),
    (None, {"type": ["null", "string"]}),
    (3, {"type": "integer"}),
    (3.0, {"type": "integer"}),
    (3.5, {"type": "number"}),
    (True, {"type": "boolean"}),
    ([1], {"type": "array", "minItems": 1, "maxItems": 1}),
    ({}, {"type": "object"}),
    ("b", {"enum": ["a", "b"]}),
    (1, {"const": 1}),
    (5, {"minimum": 5, "maximum": 5}),
    (5, {"exclusiveMinimum": 4, "exclusiveMaximum": 6}),
    ("abc", {"minLength": 3, "maxLength": 3}),
    ("x-12", {"pattern": r"\d+$"}),
    ("text", {"minimum": 5}),
    (5, {"minLength": 9}),
    (True, {"maximum": 0}),
    ("2026", {"type": "string", "format": "date", "title": "Day"}),
    (1, {"type": "decimal"}),
]

BROKEN = [
    (5, {"type": "string"}, "must be of type string"),
    (True, {"type": "integer"}, "must be of type integer"),
    (True, {"type": ["number", "null"]}, "must be of type number or null"),
    (1, {"type": "boolean"}, "must be of type boolean"),
    (3.5, {"type": "integer"}, "must be of type integer"),
    (None, {"type": "object"}, "must be of type object"),
    ("c", {"enum": ["a", "b"]}, "must be one of the 2 that enum lists"),
    (True, {"enum": [1]}, "must be one of the 1 that enum lists"),
    (2, {"const": 1}, "must be the one that const names"),
    (4, {"minimum": 5}, "must not be less than 5"),
    (6, {"maximum": 5}, "must not be more than 5"),
    (5, {"exclusiveMinimum": 5}, "must be more than 5"),
    (5, {"exclusiveMaximum": 5}, "must be less than 5"),
    ("ab", {"minLength": 3}, "must not be shorter than 3"),
    ("abcd", {"maxLength": 3}, "must not be longer than 3"),
    ("x", {"pattern": r"\d"}, r"must match '\\d'"),
    ([], {"minItems": 1}, "must not be shorter than 1"),
    ([1, 2], {"maxItems": 1}, "must not be longer than 1"),
]


@pytest.mark.parametrize(("value", "schema"), KEPT)
def test_a_value_that_keeps_the_rules_breaks_none(value, schema):
    """Words are checked for the types they are about; unknown words are not checked."""
    assert breach(value, schema) is None


@pytest.mark.parametrize(("value", "schema", "rule"), BROKEN)
def test_a_broken_rule_is_told_without_the_value(value, schema, rule):
    """The first rule that is broken is given as text."""
    assert breach(value, schema) == rule
