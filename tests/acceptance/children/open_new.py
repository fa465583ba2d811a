"""Open a store that may not be there yet, once stdin says so, and write one Variable.

usage: open_new.py STORE NAME
"""

# ruff: noqa: T201 - its parent reads what it prints

import sys

from crosscom.stores.sqlite import SQLiteStore

path, name = sys.argv[1:]
print("ready", flush=True)
sys.stdin.readline()
store = SQLiteStore(path)
store.set_variable(name, name)
store.close()
