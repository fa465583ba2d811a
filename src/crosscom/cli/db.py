"""`crosscom db`: care of the store."""

from __future__ import annotations

from cyclopts import App, Parameter

from crosscom.cli.options import AsJson
from crosscom.cli.output import emit, emit_json
from crosscom.cli.places import lasting_settings
from crosscom.settings import ensure_home
from crosscom.stores.schema import upgrade as upgrade_schema

app = App(
    name="db",
    help="Care of the store.",
    default_parameter=Parameter(negative=(), show_default=False),
)


@app.command
def upgrade(*, json: AsJson = False) -> None:
    """Bring the store's schema up to what this crosscom works with; a missing store is made."""
    settings = lasting_settings()
    ensure_home(settings)
    applied = upgrade_schema(settings.store_url, lock_timeout_seconds=settings.lock_timeout_seconds)
    if json:
        emit_json({"store": settings.store_url, "applied": applied})
        return
    for name in applied:
        emit(f"applied {name}")
    if not applied:
        emit("the store is up to date")
