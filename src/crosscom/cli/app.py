"""The commands and where each is written; a module is imported when its command is called."""

from __future__ import annotations

from pkgutil import resolve_name

from cyclopts import App, Parameter

COMMANDS = {
    "demo": "crosscom.cli.demo:demo",
    "init": "crosscom.cli.init:init",
    "run": "crosscom.cli.run:run",
    "resume": "crosscom.cli.resume:resume",
    "clear": "crosscom.cli.clear:clear",
    "ls": "crosscom.cli.ls:ls",
    "show": "crosscom.cli.show:show",
    "get": "crosscom.cli.get:get",
    "history": "crosscom.cli.history:history",
    "log": "crosscom.cli.log:log",
    "push": "crosscom.cli.push:push",
    "rm": "crosscom.cli.rm:rm",
    "var": "crosscom.cli.var:app",
    "db": "crosscom.cli.db:app",
}
"""Every command and the function or app behind it, in the order of the help."""

_HELP = """\
XComs done whole: tasks of a workflow that talk to each other.

An ADDRESS is `dag_id[@run_id]/task_id[[map_index]][:key]`. Without `@run_id` it means the latest
run, with `@^1` the one before; without `:key` it means what the task returned. A RUN is
`dag_id@run_id`.
"""


def _version() -> str:
    # Only for --version: the import takes milliseconds.
    from importlib.metadata import version  # noqa: PLC0415

    return f"crosscom {version('crosscom')}"


def make_app(*, eager: bool = False) -> App:
    """Give the command line.

    Args:
        eager: Import every command now: only then the list of commands tells what each does.
    """
    made = App(
        name="crosscom",
        help=_HELP,
        help_format="markdown",
        version=_version,
        version_flags=["--version"],
        default_parameter=Parameter(negative=(), show_default=False),
        suppress_keyboard_interrupt=False,
    )
    for place, (name, path) in enumerate(COMMANDS.items()):
        command = resolve_name(path) if eager else path
        if isinstance(command, App):
            command.sort_key = place
            made.command(command, name=name)
        else:
            made.command(command, name=name, sort_key=place)
    return made


app = make_app()
