"""What a command's exit code says."""

from __future__ import annotations

from crosscom.errors import (
    CrosscomError,
    LeaseLost,
    RunActive,
    StaleTryError,
    StoreError,
    XComCorrupted,
    XComDecodeError,
    XComLost,
)

SUCCESS = 0
FAILED = 1
"""The run failed, or something is wrong that no other argument would mend."""
USAGE = 2
"""What was asked for is wrong, or is not there."""
INTERRUPTED = 130

_NOT_THE_ARGUMENTS = (
    LeaseLost,
    RunActive,
    StaleTryError,
    StoreError,
    XComCorrupted,
    XComDecodeError,
    XComLost,
)


def exit_code_of(error: CrosscomError) -> int:
    """Give the exit code for an error that ended a command."""
    return FAILED if isinstance(error, _NOT_THE_ARGUMENTS) else USAGE
