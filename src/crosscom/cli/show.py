"""`crosscom show`: everything about one run, task or value."""

from __future__ import annotations

from crosscom.cli.options import AsJson
from crosscom.cli.output import emit_json
from crosscom.cli.places import lasting_settings, reading
from crosscom.cli.show_run import RunView, view_run
from crosscom.cli.show_task import TaskView, view_task
from crosscom.cli.show_value import ValueView, view_value
from crosscom.handles.finding import find_run
from crosscom.model import AddressPattern, parse_address
from crosscom.settings import Settings
from crosscom.stores.base import Store


def show(address: str, /, *, json: AsJson = False) -> None:
    """Show everything about one run, task or value, without opening a value.

    Args:
        address: `dag_id[@run_id]` for a run, with `/task_id` for a task, with `:key` for a value.
    """
    pattern = parse_address(address)
    settings = lasting_settings()
    with reading(settings) as store:
        view = _view(store, pattern, settings)
    if json:
        emit_json(view.body())
    else:
        view.show()


def _view(
    store: Store, pattern: AddressPattern, settings: Settings
) -> RunView | TaskView | ValueView:
    run = find_run(store, pattern)
    if pattern.task_id is None:
        return view_run(store, run)
    if pattern.key is None:
        return view_task(store, run, pattern, settings)
    return view_value(store, pattern)
