"""The reference is complete: every public name, setting, command and option stands in it."""

from __future__ import annotations

import re
from inspect import Parameter
from pathlib import Path

import pytest

import crosscom
from crosscom import operators, testing
from crosscom.cli.app import app
from crosscom.settings import OPTION_NAMES, load_settings

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
PUBLIC_MODULES = [crosscom, operators, testing]
# Every command has these, and they are told once.
EVERYWHERE = {"--help", "-h", "--version"}


def commands_of(app, path=("crosscom",)):
    """Give each command that can be run, groups walked through, with its cyclopts App."""
    for name, command in app.resolved_commands().items():
        if name in EVERYWHERE:
            continue
        if command.default_command is not None:
            yield (*path, name), command
        yield from commands_of(command, (*path, name))


COMMANDS = dict(commands_of(app))


def section_of(text, heading):
    """Give the part of a page under the heading that begins with *heading*, or None."""
    parts = re.split(r"^##+ ", text, flags=re.MULTILINE)
    begin = re.compile(rf"`?{re.escape(heading)}(?![\w.-])")
    return next((part for part in parts if begin.match(part)), None)


@pytest.mark.parametrize("module", PUBLIC_MODULES, ids=lambda module: module.__name__)
def test_public_names_are_documented(module):
    """The names that a public module offers are those that its reference tells, no more."""
    section = section_of((REFERENCE / "python.md").read_text(), module.__name__)

    told = set(re.findall(r"^\| `(\w+)", section, re.MULTILINE))
    assert told == set(module.__all__) - {"__version__"}


@pytest.mark.parametrize("module", PUBLIC_MODULES, ids=lambda module: module.__name__)
def test_public_names_are_there(module):
    """Each public name can be taken, and says what it is."""
    silent = {name for name in module.__all__ if not getattr(module, name).__doc__}

    assert silent == set()


@pytest.mark.parametrize("name", OPTION_NAMES)
def test_settings_are_documented(name):
    """Each option stands in the reference, with the variable that sets it and its default."""
    page = (REFERENCE / "settings.md").read_text()

    assert f"`{name}`" in page or f"`{name.partition('.')[2]}`" in page
    assert f"CROSSCOM__{name.replace('.', '__').upper()}" in page


def test_no_setting_is_invented():
    """Each variable in the reference of settings is one that is read."""
    page = (REFERENCE / "settings.md").read_text()
    told = set(re.findall(r"CROSSCOM__([A-Z]+__[A-Z_]+)", page)) - {"SECTION__KEY"}

    assert told == {name.replace(".", "__").upper() for name in OPTION_NAMES}


def test_defaults_need_no_file(tmp_path):
    """Without a file and without variables every setting has its default."""
    settings = load_settings(tmp_path, {})

    assert settings.isolation == "process"


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_commands_are_documented(path):
    """Each command has a section, with each of its options in it."""
    page = (REFERENCE / "cli.md").read_text()
    section = section_of(page, " ".join(path))

    assert section is not None, f"docs/reference/cli.md has no section {' '.join(path)}"
    missing = {name for name in options_of(COMMANDS[path]) if name not in section}
    assert missing == set()


def test_no_command_is_invented():
    """Each section of the reference that is named like a command is about one."""
    page = (REFERENCE / "cli.md").read_text()
    told = re.findall(r"^#+ `?(crosscom(?: [a-z]+)*[a-z])", page, re.MULTILINE)

    assert {tuple(name.split()) for name in told} == set(COMMANDS)


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_commands_tell_what_they_do(path):
    """Each command has a help text that begins with one line."""
    assert COMMANDS[path].help


def options_of(command):
    """Give the first long name of each option of a command."""
    for argument in command.assemble_argument_collection(parse_docstring=True):
        longs = [name for name in argument.names if name.startswith("--")]
        if longs and argument.show and argument.field_info.kind is Parameter.KEYWORD_ONLY:
            yield longs[0]
