"""What push and pull mean, on a memory store."""

import threading

import pytest

from crosscom.backends import Backend
from crosscom.errors import XComDecodeError, XComSerializationError
from crosscom.model import Payload, TaskInstanceKey, XComAddress
from crosscom.stores.memory import MemoryStore
from crosscom.xcoms import MISSING, XComs

TI = TaskInstanceKey("sales", "r1", "extract")


@pytest.fixture
def xcoms():
    """Give the XComs of an empty memory store."""
    return XComs(MemoryStore(), Backend())


def push(xcoms, key, value):
    """Push by hand under *key*."""
    xcoms.push_by_hand(XComAddress(TI, key), value, reason="a test", create_run=True)


def test_a_pushed_value_is_pulled(xcoms):
    """A pull gives the value of the last push, equal and of the same type."""
    push(xcoms, "rows", (1, {2}))
    push(xcoms, "rows", (1, {3}))

    assert xcoms.pull(XComAddress(TI, "rows")) == (1, {3})


def test_none_is_a_value(xcoms):
    """A pushed None is not an absent value."""
    push(xcoms, "nothing", None)

    assert xcoms.pull(XComAddress(TI, "nothing")) is None
    assert xcoms.pull(XComAddress(TI, "absent")) is MISSING
    assert not MISSING


def test_a_pulled_value_is_the_callers_own(xcoms):
    """Changing a pulled value changes nothing stored."""
    push(xcoms, "rows", [1])
    xcoms.pull(XComAddress(TI, "rows")).append(2)

    assert xcoms.pull(XComAddress(TI, "rows")) == [1]


def test_a_value_that_cannot_be_kept_names_address_and_path(xcoms):
    """A refused push says to which XCom and where in the value, and stores nothing."""
    with pytest.raises(XComSerializationError) as info:
        push(xcoms, "report", {"rows": [1, {"lock": threading.Lock()}]})

    assert str(info.value).startswith(
        "cannot push sales@r1/extract:report: cannot keep value['rows'][1]['lock']: it is a _thread"
    )
    assert info.value.path == "value['rows'][1]['lock']"
    assert info.value.address == "sales@r1/extract:report"
    assert xcoms.pull(XComAddress(TI, "report")) is MISSING


def test_absence_is_explained_by_what_is_there(xcoms):
    """The error for an absent key lists what was pushed and the nearest name."""
    push(xcoms, "row_count", 1)
    push(xcoms, "rows", 1)

    error = xcoms.not_found(XComAddress(TI, "rowcount"))

    assert str(error) == (
        "task instance sales@r1/extract has no XCom 'rowcount'; it pushed: 'row_count', 'rows'; "
        "did you mean 'row_count'?"
    )
    assert error.pushed == ("row_count", "rows")
    assert error.nearest == "row_count"


def test_absence_of_everything_is_explained(xcoms):
    """Where nothing was pushed, the error says what that may mean."""
    error = xcoms.not_found(XComAddress(TI))

    assert str(error) == (
        "task instance sales@r1/extract has no XCom 'return_value'; there is nothing of it in "
        "this run: it may not have run yet, a retry cleared it, or it was removed by hand"
    )
    assert error.nearest is None


def test_a_long_list_of_keys_is_cut(xcoms):
    """At most 20 keys are named."""
    for number in range(25):
        push(xcoms, f"k{number}", number)

    assert str(xcoms.not_found(XComAddress(TI, "zzz"))).endswith("'k19' and 5 more")


def test_history_keeps_what_was_replaced(xcoms):
    """A replaced value can still be read through its entry."""
    push(xcoms, "rows", 1)
    push(xcoms, "rows", 2)
    address = XComAddress(TI, "rows")

    history = xcoms.history(address)

    assert [xcoms.pull_entry(entry) for entry in history] == [1, 2]
    assert [entry.live for entry in history] == [False, True]
    assert xcoms.delete(address, reason="a test") == 2
    assert xcoms.pull_entry(history[0]) is MISSING


def test_entries_come_in_the_order_of_their_push(xcoms):
    """The entries of a run are listed without their bytes, first pushed first."""
    push(xcoms, "b", [1, 2])
    push(xcoms, "a", {"x": 1})

    entries = xcoms.entries(TI.run)

    assert [(entry.address.key, entry.type_name) for entry in entries] == [
        ("b", "list"),
        ("a", "dict"),
    ]


def test_bytes_of_another_backend_are_not_guessed():
    """A row that another backend wrote gives an error that names that backend."""
    with pytest.raises(
        XComDecodeError, match=r"backend acme\.Files wrote it, and it is not set up"
    ):
        Backend().decode(Payload("json", b"1", "acme.Files"), XComAddress(TI))


def test_unreadable_bytes_name_their_address():
    """Bytes that no push writes give an error with the address."""
    with pytest.raises(
        XComDecodeError, match="^cannot pull sales@r1/extract:return_value: "
    ) as info:
        Backend().decode(Payload("no-such-encoding", b"1"), XComAddress(TI))

    assert info.value.address == "sales@r1/extract:return_value"
