"""The words: frozen values that every other layer passes around.

Holds identities, addresses, payloads, states and records.
Does no I/O, reads no clock, knows no store and imports nothing but the standard library and errors.
"""

from crosscom.model.address import AddressPattern, parse_address
from crosscom.model.description import DagDescription, TaskDescription
from crosscom.model.identity import (
    RETURN_KEY,
    UNMAPPED,
    RunKey,
    TaskInstanceKey,
    XComAddress,
)
from crosscom.model.payload import EncodedValue, Fence, Payload, Receipt, XComEntry
from crosscom.model.records import (
    AttemptRecord,
    Bundle,
    NewRun,
    ProcessIdentity,
    RunRecord,
    TaskInstanceRecord,
    TryEnd,
)
from crosscom.model.states import AttemptState, RunState, TaskState

__all__ = [
    "RETURN_KEY",
    "UNMAPPED",
    "AddressPattern",
    "AttemptRecord",
    "AttemptState",
    "Bundle",
    "DagDescription",
    "EncodedValue",
    "Fence",
    "NewRun",
    "Payload",
    "ProcessIdentity",
    "Receipt",
    "RunKey",
    "RunRecord",
    "RunState",
    "TaskDescription",
    "TaskInstanceKey",
    "TaskInstanceRecord",
    "TaskState",
    "TryEnd",
    "XComAddress",
    "XComEntry",
    "parse_address",
]
