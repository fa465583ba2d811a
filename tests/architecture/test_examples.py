"""Examples in README and docs do what they say.

A fenced block with a title is saved as that file. A `python` block without one is run; one with
`>>>` has to print what it shows. The `$` lines of a `console` block are run by a shell and have
to succeed, or to end as a comment `# exit code N` says; what is shown under a line has to be what
it prints, `...` standing for anything. The blocks of a page share a folder and run in order.
"""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"^```(?P<info>[a-z]\w*.*)\n(?P<body>(?:.*\n)*?)^```$", re.MULTILINE)
LENIENT = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
COMMAND_SECONDS = 120


class Block(NamedTuple):
    """One fenced block: its language, the file it is saved as, its text and its line."""

    language: str
    title: str | None
    body: str
    line: int


def blocks_of(text):
    """Give the fenced blocks of a page that say what they are."""
    for match in FENCE.finditer(text):
        language = match["info"].split()[0]
        title = re.search(r'title="([^"]+)"', match["info"])
        line = text.count("\n", 0, match.start()) + 1
        yield Block(language, title and title[1], match["body"], line)


def is_example(block):
    """Tell whether a block does something."""
    return block.title is not None or block.language in {"python", "console"}


PAGES = [
    page
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    if any(is_example(block) for block in blocks_of(page.read_text()))
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_examples_do_what_they_say(page, tmp_path, monkeypatch):
    """Every example of the page runs, in the order of the page."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CROSSCOM_HOME", str(tmp_path / ".crosscom"))
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    names = {"__name__": "__page__"}

    for block in filter(is_example, blocks_of(page.read_text())):
        where = f"{page.relative_to(ROOT)}:{block.line}"
        if block.title is not None:
            Path(block.title).parent.mkdir(parents=True, exist_ok=True)
            Path(block.title).write_text(block.body)
        elif block.language == "console":
            run_console(block.body, where)
        elif ">>> " in block.body:
            run_session(block.body, names, where)
        else:
            exec(compile(block.body, where, "exec"), names)


def run_session(body, names, where):
    """Run what an interactive Python shows and compare what it prints."""
    session = doctest.DocTestParser().get_doctest(body, names, where, where, 0)
    outcome = doctest.DocTestRunner(optionflags=LENIENT).run(session, clear_globs=False)
    names.update(session.globs)

    assert outcome.failed == 0, where


def run_console(body, where):
    """Run each `$` line and compare its end, and what it prints where that is shown."""
    for command, wanted_code, shown in commands_of(body):
        answer = subprocess.run(
            command,
            check=False,
            shell=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=COMMAND_SECONDS,
        )
        assert answer.returncode == wanted_code, f"{where}: {command}\n{answer.stdout}"
        if shown:
            fits = doctest.OutputChecker().check_output(shown, answer.stdout, LENIENT)
            assert fits, f"{where}: {command}\nshown:\n{shown}\nprinted:\n{answer.stdout}"


def commands_of(body):
    """Give each command of a console block, the exit code it must have, and what is shown of it."""
    for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        command, _, shown = part.replace("\\\n", " ").partition("\n")
        code = re.search(r"# exit code (\d+)$", command)
        yield command, int(code[1]) if code else 0, shown.strip()


def test_an_example_that_fails_is_seen(tmp_path, monkeypatch):
    """A command that ends otherwise, or prints something else than is shown, fails its page."""
    monkeypatch.chdir(tmp_path)

    run_console("$ echo a b\na ...\n$ exit 3 # exit code 3\n", "a page")
    with pytest.raises(AssertionError, match="a page: false"):
        run_console("$ false\n", "a page")
    with pytest.raises(AssertionError, match="a page: echo a"):
        run_console("$ echo a\nb\n", "a page")
