"""Begin a transaction in a store, write in it, say so, and wait to be killed.

usage: hold_lock.py STORE
"""

# ruff: noqa: T201 - its parent reads what it prints

import sqlite3
import sys

connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
connection.execute("INSERT INTO variable (key, text, updated_at) VALUES ('half', 'done', 0)")
print("ready", flush=True)
sys.stdin.readline()
