"""Read a store and try to write it; tell as JSON what was read and how writing was refused.

usage: read_store.py STORE [read_only] [blind]
"""

# ruff: noqa: T201 - its parent reads what it prints

import json
import sys
from pathlib import Path

from crosscom.errors import StoreError
from crosscom.model import EncodedValue, Payload, TaskInstanceKey, XComAddress
from crosscom.stores.sqlite import SQLiteStore


def outcome(act):
    """Give what *act* gives, or the name and text of the error it raises."""
    try:
        return act()
    except StoreError as error:
        return [type(error).__name__, str(error)]


def read_and_write():
    """Give what was read and what writing came to."""
    store = SQLiteStore(path, read_only="read_only" in sys.argv)
    told = {
        "keys": outcome(store.variable_keys),
        "write": outcome(lambda: store.set_variable("late", "x")),
        "transaction": outcome(
            lambda: store.put_by_hand(address, value, reason="test", create_run=True)
        ),
    }
    store.close()
    return told


path = Path(sys.argv[1])
address = XComAddress(TaskInstanceKey("dag", "r1", "task"))
value = EncodedValue(Payload("json", b"1"), "int", 1, b"", None)
told = outcome(read_and_write)
beside = [] if "blind" in sys.argv else sorted(file.name for file in path.parent.iterdir())
print(json.dumps([told, beside]))
