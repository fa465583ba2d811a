"""`crosscom push`: a value by hand."""

from __future__ import annotations

import os
import secrets
from json import JSONDecodeError
from typing import Annotated, Any

from cyclopts import Parameter

from crosscom.backends import Backend
from crosscom.cli.bodies import entry_body
from crosscom.cli.options import AsJson, Reason
from crosscom.cli.output import emit, emit_json
from crosscom.cli.places import lasting_settings, writing
from crosscom.cli.refusals import BadArgument
from crosscom.cli.strict_json import strict_json
from crosscom.errors import InvalidAddress
from crosscom.handles.finding import find_entry, find_place
from crosscom.handles.formatting import human_size
from crosscom.model import AddressPattern, Fence, RunKey, XComAddress, parse_address
from crosscom.runtime.child import ATTEMPT
from crosscom.stores.base import Store
from crosscom.xcoms import XComs

_FAR_SEQUENCES = 2**61


def push(
    address: str,
    value: Annotated[str, Parameter(allow_leading_hyphen=True)],
    /,
    *,
    text: bool = False,
    create_run: bool = False,
    reason: Reason = "pushed with crosscom push",
    json: AsJson = False,
) -> None:
    """Push a value by hand, for instance to unblock a run.

    In a process that a task started, a push to that task is its try's own, under its fence.

    Args:
        address: Where to; the key is `return_value` where none is written.
        value: The value as JSON.
        text: Take the value as it is, as a text.
        create_run: Make the run where it is missing, to hold values only.
    """
    pattern = parse_address(address)
    pushed = value if text else _parsed(value)
    with writing(lasting_settings()) as store:
        full = _place(store, pattern, create_run=create_run)
        xcoms = XComs(store, Backend())
        own = _own_fence(store, full)
        if own is None:
            xcoms.push_by_hand(full, pushed, reason=reason, create_run=create_run)
        else:
            xcoms.push(full, pushed, own)
        entry = find_entry(store, parse_address(str(full)))
    if json:
        emit_json(entry_body(entry))
    else:
        emit(f"pushed {full} ({entry.type_name}, {human_size(entry.size_bytes)})")


def _place(store: Store, pattern: AddressPattern, *, create_run: bool) -> XComAddress:
    if pattern.run_id is None and create_run:
        msg = f"--create-run needs the run's id, as {pattern.dag_id}@RUN_ID/{pattern.task_id}"
        raise InvalidAddress(msg)
    if create_run and pattern.run_id is not None:
        key = RunKey(pattern.dag_id, pattern.run_id)
        if store.run(key) is None:
            return pattern.at(key)
    return find_place(store, pattern)


def _own_fence(store: Store, address: XComAddress) -> Fence | None:
    """Give the right to write of the try that this process descends from, if it is its own XCom."""
    named = os.environ.get(ATTEMPT, "")
    attempt = store.attempt(int(named)) if named.isdecimal() else None
    if attempt is None or attempt.task_instance != address.task_instance:
        return None
    # Never one of those that the try's own process counts up from 0.
    return Fence(attempt.id, _FAR_SEQUENCES + secrets.randbelow(_FAR_SEQUENCES))


def _parsed(text: str) -> Any:
    """Read *text* as JSON, strictly."""
    try:
        return strict_json(text, "VALUE")
    except JSONDecodeError as error:
        where = f"at character {error.pos + 1}"
    except RecursionError:
        where = "it is nested too deep"
    except ValueError:
        where = "a number in it is none, or has too many digits"
    msg = f"VALUE is no JSON ({where}); give a text as '\"text\"', or with --text"
    raise BadArgument(msg)
