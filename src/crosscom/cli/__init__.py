"""The command line: reads arguments, asks the layers below, prints. Holds no rule of its own.

One module per command, loaded only when that command is called, because a start has to be quick.
"""

from crosscom.cli.entry import main

__all__ = ["main"]
