"""`crosscom rm`: forget a value and its history."""

from __future__ import annotations

from crosscom.backends import Backend
from crosscom.cli.confirming import confirm
from crosscom.cli.options import AsJson, Reason, Yes
from crosscom.cli.output import emit, emit_json
from crosscom.cli.places import lasting_settings, writing
from crosscom.handles.finding import find_address
from crosscom.model import parse_address
from crosscom.xcoms import XComs


def rm(
    address: str,
    /,
    *,
    yes: Yes = False,
    reason: Reason = "removed with crosscom rm",
    json: AsJson = False,
) -> None:
    """Forget a value and its history; nothing brings them back.

    Args:
        address: The value; what the task returned where no key is written.
    """
    pattern = parse_address(address)
    with writing(lasting_settings()) as store:
        full = find_address(store, pattern)
        xcoms = XComs(store, Backend())
        entries = xcoms.history(full)
        if not entries:
            raise xcoms.not_found(full)
        confirm(f"forget {full} and its history ({_counted(len(entries))})", yes=yes)
        forgotten = xcoms.delete(full, reason=reason)
    if json:
        emit_json({"address": str(full), "entries": forgotten})
    else:
        emit(f"forgot {full} ({_counted(forgotten)})")


def _counted(entries: int) -> str:
    return "1 entry" if entries == 1 else f"{entries} entries"
