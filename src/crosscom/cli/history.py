"""`crosscom history`: every entry that was ever pushed at an address."""

from __future__ import annotations

from crosscom.cli.bodies import entry_body
from crosscom.cli.options import AsJson
from crosscom.cli.output import emit_json, emit_table
from crosscom.cli.places import lasting_settings, reading
from crosscom.cli.rows import HISTORY_HEADER, history_row
from crosscom.handles.finding import find_address, value_not_found
from crosscom.model import parse_address


def history(address: str, /, *, json: AsJson = False) -> None:
    """List what was ever pushed at an address, by try, oldest first.

    Args:
        address: The value; what the task returned where no key is written.
    """
    pattern = parse_address(address)
    with reading(lasting_settings()) as store:
        full = find_address(store, pattern)
        entries = store.history(full)
        if not entries:
            raise value_not_found(store, full)
    if json:
        emit_json([entry_body(entry) for entry in entries])
    else:
        emit_table(HISTORY_HEADER, [history_row(entry) for entry in entries])
