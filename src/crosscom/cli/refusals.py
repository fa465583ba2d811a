"""Arguments that could be read, and still cannot be used."""

from __future__ import annotations


class BadArgument(Exception):
    """An argument or option of a command breaks its rule; the text names it and the rule.

    It never leaves the command line: it becomes one line on stderr and exit code 2.
    """
