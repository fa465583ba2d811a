"""Push one value and leave without any clean-up the moment the push returns.

usage: push_and_die.py STORE KEY
"""

import os
import sys

from crosscom.model import EncodedValue, Fence, Payload, TaskInstanceKey, XComAddress
from crosscom.stores.sqlite import SQLiteStore

path, key = sys.argv[1:]
ti = TaskInstanceKey("fragile", "r1", "pushes")
store = SQLiteStore(path)
attempt = store.begin_try(ti, None, lease=0).id
value = EncodedValue(Payload("json", key.encode()), "int", len(key), b"\0" * 32, None)
store.put(XComAddress(ti, key), value, Fence(attempt, 0))
os._exit(7)
