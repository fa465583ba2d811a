"""Push COUNT numbered values into a store as the one try of TASK, once stdin says so.

usage: push_many.py STORE TASK COUNT
"""

# ruff: noqa: T201 - its parent reads what it prints

import json
import sys
from hashlib import sha256

from crosscom.model import EncodedValue, Fence, Payload, RunKey, TaskInstanceKey, XComAddress
from crosscom.stores.sqlite import SQLiteStore


def encoded(value):
    """Give *value* as plain JSON."""
    data = json.dumps(value).encode()
    return EncodedValue(Payload("json", data), "list", len(data), sha256(data).digest(), None)


path, task_id, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
run = RunKey("crowd", "r1")
ti = TaskInstanceKey(run.dag_id, run.run_id, task_id)
store = SQLiteStore(path)
attempt = store.begin_try(ti, None, lease=0).id
print("ready", flush=True)
sys.stdin.readline()
for number in range(count):
    address = XComAddress(ti, f"key_{number}")
    store.put(address, encoded([task_id, number]), Fence(attempt, number))
store.close()
