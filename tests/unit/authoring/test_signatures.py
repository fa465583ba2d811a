"""What a function says it takes and gives."""

from collections.abc import Mapping, MutableMapping
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, TypedDict

import pytest

from crosscom import DAG, task
from crosscom.authoring.signatures import returns_mapping, signature_of

if TYPE_CHECKING:
    from collections import OrderedDict as OnlyForTheChecker


class Totals(TypedDict):
    """What a task may say it returns."""

    rows: int


def returning(annotation):
    """Give a function that says it returns this."""

    def function(): ...

    function.__annotations__ = {"return": annotation}
    return function


@pytest.mark.parametrize(
    "annotation",
    [
        dict,
        dict[str, int],
        Mapping[str, Any],
        MutableMapping,
        Totals,
        "dict",
        "dict[str, NoSuchName] if False else dict",
        "Totals",
        Annotated[dict[str, int], "kept"],
    ],
    ids=str,
)
def test_multiple_outputs_follows_from_the_return_annotation(annotation):
    """A dict, Mapping or TypedDict has keys of its own, also where it is named as text."""
    assert returns_mapping(returning(annotation))

    with DAG("d") as dag:
        task(task_id="t")(returning(annotation))()
        task(task_id="off", multiple_outputs=False)(returning(annotation))()
    assert [one.multiple_outputs for one in dag.tasks] == [True, False]


@pytest.mark.parametrize(
    "annotation",
    [list, str, None, Any, "NoSuchName", "OnlyForTheChecker", "1 +", dict | None, 5, "list[dict]"],
    ids=str,
)
def test_other_annotations_do_not(annotation):
    """What is no mapping, or cannot be looked up, leaves it off; it can be set."""
    assert not returns_mapping(returning(annotation))

    with DAG("d") as dag:
        task(task_id="t", multiple_outputs=True)(returning(annotation))()
    assert dag.tasks[0].multiple_outputs


def test_a_function_without_annotation_has_one_output():
    """Nothing is guessed from the code."""
    assert not returns_mapping(dict)
    assert not returns_mapping(len)


def test_a_wrapped_function_is_read_in_its_own_module():
    """Names in its annotation mean what they mean where it was written."""

    def original() -> "Totals":
        return Totals(rows=1)

    wrapper = wraps(original)(eval("lambda: original()", {"original": original}))

    assert returns_mapping(wrapper)


def test_an_annotation_for_the_checker_alone_does_no_harm():
    """Parameters may name what does not exist when the file is read."""

    def load(rows: "OnlyForTheChecker[str, int]") -> dict[str, int]:
        return dict(rows)

    assert returns_mapping(load)
    assert list(signature_of(load).parameters) == ["rows"]
