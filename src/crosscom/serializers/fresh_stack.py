"""A call on a stack of its own: room for nested values however deep the caller already is."""

from __future__ import annotations

from _thread import allocate_lock, start_new_thread
from collections.abc import Callable
from typing import Any


def on_fresh_stack(function: Callable[..., Any], *args: Any) -> Any:
    """Give what *function* gives for *args*, called with the whole recursion limit before it.

    Python counts the depth of calls per thread, so this starts one and waits for it.

    Raises:
        BaseException: Whatever *function* raises.
    """
    outcome: list[tuple[Any, BaseException | None]] = []
    done = allocate_lock()

    def run() -> None:
        try:
            outcome.append((function(*args), None))
        except BaseException as error:  # noqa: BLE001 - handed on to the thread that waits
            outcome.append((None, error))
        finally:
            done.release()

    # `threading.Thread` would need ten frames of its own, which the caller may not have left.
    done.acquire()
    start_new_thread(run, ())
    done.acquire()
    result, error = outcome[0]
    if error is not None:
        raise error
    return result
