"""The demonstration: one DAG file that audits the Python it runs on.

Holds the DAG file and the place where it lies; running it is the command line's work.
"""

from pathlib import Path

DAG_FILE = Path(__file__).with_name("python_audit.py")
"""The DAG file that `crosscom demo` runs."""

DAG_ID = "python_audit"
"""The DAG in it."""
