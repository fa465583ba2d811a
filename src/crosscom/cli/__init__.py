"""The command line: reads arguments, asks the layers below, prints. Holds no rule of its own.

One module per command, loaded only when that command is called, because a start has to be quick.
"""

from __future__ import annotations

from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code; see `crosscom.cli.entry.main`."""
    # Ctrl-C may come while the command line still loads: that is no bug to show a traceback for.
    try:
        from crosscom.cli.entry import main as run  # noqa: PLC0415
    except KeyboardInterrupt:
        return 130
    return run(arguments)


__all__ = ["main"]
