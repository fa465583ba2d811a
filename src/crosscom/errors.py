"""Every error crosscom raises on purpose.

* CrosscomError
  x InvalidName               a field of an identity breaks its rule          (also a ValueError)
  x InvalidAddress            a text is no address                            (also a ValueError)
  x SettingsError             an option is unknown or has a wrong value       (also a ValueError)
  x XComError                 something about one XCom; carries `.address`
    + XComNotFound            nothing rests at the address                    (also a LookupError)
    + XComSerializationError  the value cannot be kept exactly                (also a TypeError)
    + XComDecodeError         the bytes are there, this process cannot read them
    + XComCorrupted           the bytes are not those that were pushed
    + XComLost                a claim points at an object that is gone
  x StaleTryError             a try wrote after its place was taken
  x VariableNotFound          no Variable has that key                        (also a KeyError)
  x InvalidVariable           a Variable's text or value is not what was asked (also a ValueError)
  x StoreError                something about the store; carries `.url`
    + StoreUnavailable        it could not be reached; retrying may help
    + StoreReadOnly           it cannot be written
    + StoreFull               its disk has no room left
    + StoreVersionError       its schema is newer or older than this crosscom
  x DagError                  something about a DAG or its file; carries `.dag_id`
    + DagCycle                its tasks wait for each other
    + DuplicateTaskId         two tasks have one id
    + DagFileError            its file could not be loaded; carries `.path`
    + DagNotFound             no such DAG                                     (also a LookupError)
    + DagChanged              the file describes another DAG than the run was started with
    + TemplateError           a template field could not be rendered
    + InvalidParam            a param has no value, or one that breaks its rule (also a ValueError)
  x RunError                  something about a run; carries `.dag_id`, `.run_id`
    + RunExists               that run id is taken                            (also a ValueError)
    + RunNotFound             no such run                                     (also a LookupError)
    + TaskNotFound            the run has no such task or map index           (also a LookupError)
    + RunActive               another live scheduler works on it
    + LeaseLost               this scheduler's claim on the run was taken over
  x NotInTask                 the context was asked for where no task runs    (also a RuntimeError)
  x CommandFailed             a task's command ended with a code other than 0
  x SkipException             raised in a task: end it as skipped
  x FailException             raised in a task: fail it without another try

Texts are one line: what could not be done, to which thing, what is there instead, what to do.
A value is never part of a text, because it may be secret.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

__all__ = [
    "CommandFailed",
    "CrosscomError",
    "DagChanged",
    "DagCycle",
    "DagError",
    "DagFileError",
    "DagNotFound",
    "DuplicateTaskId",
    "FailException",
    "InvalidAddress",
    "InvalidName",
    "InvalidParam",
    "InvalidVariable",
    "LeaseLost",
    "NotInTask",
    "RunActive",
    "RunError",
    "RunExists",
    "RunNotFound",
    "SettingsError",
    "SkipException",
    "StaleTryError",
    "StoreError",
    "StoreFull",
    "StoreReadOnly",
    "StoreUnavailable",
    "StoreVersionError",
    "TaskNotFound",
    "TemplateError",
    "VariableNotFound",
    "XComCorrupted",
    "XComDecodeError",
    "XComError",
    "XComLost",
    "XComNotFound",
    "XComSerializationError",
]


class CrosscomError(Exception):
    """The root of every error crosscom raises on purpose."""


class InvalidName(CrosscomError, ValueError):
    """A field of an identity breaks its rule; nothing was stored.

    Attributes:
        field: `dag_id`, `run_id`, `task_id`, `map_index` or `key`.
        rule: What the field must be.
    """

    def __init__(self, field: str, found: str, rule: str) -> None:
        """Say which *field* was refused, what was *found* (never the value), and its *rule*."""
        super().__init__(f"{field} {found}; {rule}")
        self.field = field
        self.rule = rule


class InvalidAddress(CrosscomError, ValueError):
    """A text is no address; the text says where it breaks off and shows the form."""


class SettingsError(CrosscomError, ValueError):
    """An option is unknown or has a wrong value; the text names option and source."""


class XComError(CrosscomError):
    """Something about one XCom.

    Attributes:
        address: The XCom's address as text, or None where it is not known yet.
    """

    def __init__(self, message: str, *, address: str | None = None) -> None:
        """Carry *message* and the *address* it is about."""
        super().__init__(message)
        self.address = address


class XComNotFound(XComError, LookupError):
    """Nothing rests at the address.

    Attributes:
        pushed: The keys its task instance did push, in order.
        nearest: The key that was most likely meant, or None.
    """

    def __init__(
        self, message: str, *, address: str, pushed: Iterable[str] = (), nearest: str | None = None
    ) -> None:
        """Carry what was *pushed* instead and the *nearest* key."""
        super().__init__(message, address=address)
        self.pushed = tuple(pushed)
        self.nearest = nearest


class XComSerializationError(XComError, TypeError):
    """The value cannot be kept exactly; nothing was stored.

    Attributes:
        path: Where in the value, as Python: `value['rows'][1]['lock']`.
        type_name: The type that was found there.
    """

    def __init__(
        self, message: str, *, path: str, type_name: str, address: str | None = None
    ) -> None:
        """Say what stands at *path* inside the value."""
        super().__init__(message, address=address)
        self.path = path
        self.type_name = type_name


class XComDecodeError(XComError):
    """The bytes are there, but this process cannot turn them back."""


class XComCorrupted(XComError):
    """The stored bytes are not those that were pushed."""


class XComLost(XComError):
    """A claim points at an object that is gone. Never masked by `default`."""


class StaleTryError(CrosscomError):
    """A try wrote after its task instance was cleared, retried or finished; nothing changed.

    Attributes:
        attempt: The id of the attempt that came too late.
        task_instance: Its task instance as text.
    """

    def __init__(self, message: str, *, attempt: int, task_instance: str) -> None:
        """Name the *attempt* that came too late."""
        super().__init__(message)
        self.attempt = attempt
        self.task_instance = task_instance


class VariableNotFound(CrosscomError, KeyError):
    """No Variable has that key; carries `.key`."""

    def __init__(self, key: str, message: str) -> None:
        """Carry the *key* that was asked for."""
        super().__init__(message)
        self.key = key

    def __str__(self) -> str:
        """Show the text as it is: `KeyError` would quote it."""
        return str(self.args[0])


class InvalidVariable(CrosscomError, ValueError):
    """A Variable's text is no JSON, or a value cannot be its text; carries `.key`."""

    def __init__(self, key: str, message: str) -> None:
        """Carry the *key* it is about."""
        super().__init__(message)
        self.key = key


class StoreError(CrosscomError):
    """Something about a store.

    Attributes:
        url: Which store, without credentials.
    """

    def __init__(self, message: str, *, url: str) -> None:
        """Carry *message* and the store's *url*."""
        super().__init__(message)
        self.url = url


class StoreUnavailable(StoreError):
    """The store could not be reached or stayed locked; retrying may help."""


class StoreReadOnly(StoreError):
    """The store cannot be written; nothing changed."""


class StoreFull(StoreError):
    """The store's disk has no room left; nothing changed."""


class StoreVersionError(StoreError):
    """The store's schema is not the one this crosscom reads and writes.

    Attributes:
        found: The store's schema number.
        supported: The number this crosscom works with.
    """

    def __init__(self, message: str, *, url: str, found: int, supported: int) -> None:
        """Carry both schema numbers."""
        super().__init__(message, url=url)
        self.found = found
        self.supported = supported


class DagError(CrosscomError):
    """Something about a DAG.

    Attributes:
        dag_id: Which DAG, or None where it is not known yet.
    """

    def __init__(self, message: str, *, dag_id: str | None = None) -> None:
        """Carry *message* and the *dag_id* it is about."""
        super().__init__(message)
        self.dag_id = dag_id


class DagCycle(DagError):
    """Tasks of a DAG wait for each other; carries the `cycle` in order."""

    def __init__(self, message: str, *, dag_id: str, cycle: Sequence[str]) -> None:
        """Carry the task ids of the *cycle*, first one repeated at its end."""
        super().__init__(message, dag_id=dag_id)
        self.cycle = tuple(cycle)


class DuplicateTaskId(DagError):
    """Two tasks of a DAG have one id; carries `.task_id`."""

    def __init__(self, message: str, *, dag_id: str, task_id: str) -> None:
        """Carry the *task_id* that is there twice."""
        super().__init__(message, dag_id=dag_id)
        self.task_id = task_id


class DagFileError(DagError):
    """A DAG file could not be loaded; carries `.path`."""

    def __init__(self, message: str, *, path: str) -> None:
        """Carry the *path* of the file."""
        super().__init__(message)
        self.path = path


class DagNotFound(DagError, LookupError):
    """No DAG has that id; the text names those that are there."""


class DagChanged(DagError):
    """The file describes another DAG than the run was started with."""


class TemplateError(DagError):
    """A template field could not be rendered; carries `.field`."""

    def __init__(self, message: str, *, dag_id: str | None, field: str) -> None:
        """Carry the *field* that could not be rendered."""
        super().__init__(message, dag_id=dag_id)
        self.field = field


class InvalidParam(DagError, ValueError):
    """A param has no value, or one that breaks its rule; carries `.param`, its name."""

    def __init__(self, message: str, *, param: str, dag_id: str | None = None) -> None:
        """Carry the name of the *param*."""
        super().__init__(message, dag_id=dag_id)
        self.param = param


class RunError(CrosscomError):
    """Something about a run; carries `.dag_id` and `.run_id`."""

    def __init__(self, message: str, *, dag_id: str, run_id: str | None) -> None:
        """Carry which run it is about."""
        super().__init__(message)
        self.dag_id = dag_id
        self.run_id = run_id


class RunExists(RunError, ValueError):
    """A run with that id is there already; nothing was stored."""


class RunNotFound(RunError, LookupError):
    """No run has that id; the text names the latest ones."""


class TaskNotFound(RunError, LookupError):
    """The run has no such task, or the task no such map index; carries `.task_id`."""

    def __init__(self, message: str, *, dag_id: str, run_id: str, task_id: str) -> None:
        """Carry the *task_id* that was asked for."""
        super().__init__(message, dag_id=dag_id, run_id=run_id)
        self.task_id = task_id


class RunActive(RunError):
    """Another live scheduler works on the run."""


class LeaseLost(RunError):
    """This scheduler's claim on the run was taken over; it wrote nothing and must stop."""


class NotInTask(CrosscomError, RuntimeError):
    """The context was asked for where no task runs."""


class CommandFailed(CrosscomError):
    """A task's command ended with a code other than 0; carries `.exit_code`.

    What it wrote is in the try's log, and not in this text.
    """

    def __init__(self, message: str, *, exit_code: int) -> None:
        """Carry the *exit_code*; below 0, the number of the signal that ended the command."""
        super().__init__(message)
        self.exit_code = exit_code


class SkipException(CrosscomError):
    """Raise it in a task to end that task as *skipped* (Airflow: `AirflowSkipException`)."""

    def __init__(self, *args: Any) -> None:
        """Carry an optional reason for the log."""
        super().__init__(*args)


class FailException(CrosscomError):
    """Raise it in a task to fail it with no further try (Airflow: `AirflowFailException`)."""

    def __init__(self, *args: Any) -> None:
        """Carry an optional reason for the log."""
        super().__init__(*args)
