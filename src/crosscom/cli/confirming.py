"""Asking before something is destroyed."""

from __future__ import annotations

import sys

from crosscom.cli.refusals import BadArgument


def confirm(what: str, *, yes: bool) -> None:
    """Go on only when a person agrees to *what* will be done.

    Args:
        what: What will be done, as a question without its mark.
        yes: Whether `--yes` was given: then nobody is asked.

    Raises:
        BadArgument: The person said no, or there is nobody to ask.
    """
    if yes:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        msg = f"{what}? Nobody can be asked here; say it with --yes"
        raise BadArgument(msg)
    sys.stderr.write(f"{what}? [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        msg = "nothing was changed"
        raise BadArgument(msg)
