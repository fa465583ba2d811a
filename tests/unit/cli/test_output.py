from __future__ import annotations

import io
from contextlib import contextmanager, redirect_stdout

import pytest

from crosscom.cli import output
from crosscom.handles.formatting import human_size, printable, short_text
from crosscom.handles.tables import html_table, text_table


class Terminal(io.StringIO):
    """A stdout that says it is a terminal."""

    def isatty(self):
        """Say so."""
        return True


@contextmanager
def on_terminal(monkeypatch):
    """Make stdout a terminal of 30 columns; give what is written to it."""
    monkeypatch.setenv("COLUMNS", "30")
    with redirect_stdout(Terminal()) as terminal:
        yield terminal


class TestTables:
    ROWS = (["train", "success", "x" * 40], ["load", "failed", "y"])

    def test_elsewhere(self, capsys):
        """Elsewhere than on a terminal columns are aligned, whole, and without colours."""
        output.emit_table(("task", "state", "pushed"), self.ROWS)

        assert capsys.readouterr().out == (
            f"task   state    pushed\ntrain  success  {'x' * 40}\nload   failed   y\n"
        )

    def test_on_a_terminal(self, monkeypatch):
        """On a terminal the last column is cut to fit, and states have colours."""
        monkeypatch.delenv("NO_COLOR", raising=False)

        with on_terminal(monkeypatch) as terminal:
            output.emit_table(("task", "state", "pushed"), self.ROWS)

        header, train, load = terminal.getvalue().splitlines()
        assert "\x1b[1mtask \x1b[0m" in header
        assert train == f"train  \x1b[32msuccess\x1b[0m  {'x' * 13}…"
        assert load == "load   \x1b[31mfailed \x1b[0m  y"

    def test_no_colours(self, monkeypatch):
        """With NO_COLOR a terminal shows none."""
        monkeypatch.setenv("NO_COLOR", "1")

        with on_terminal(monkeypatch) as terminal:
            output.emit_table(("task", "state"), [["train", "success"]])

        assert "\x1b" not in terminal.getvalue()

    def test_text(self):
        """A table needs no rows."""
        assert "a  b" == text_table(["a", "b"], [])

    def test_html_is_escaped(self):
        """Every cell of a HTML table is escaped."""
        shown = html_table("<t>", ["<h>"], [["<script>"]])

        assert "<script>" not in shown
        assert "&lt;script&gt;" in shown
        assert "&lt;t&gt;" in shown
        assert "&lt;h&gt;" in shown


class TestJson:
    def test_elsewhere(self, capsys):
        """Elsewhere than on a terminal JSON is one line of ASCII."""
        output.emit_json({"a": "\u00fc"})

        assert '{"a": "\\u00fc"}\n' == capsys.readouterr().out

    def test_on_a_terminal(self, monkeypatch):
        """On a terminal it is spread over lines."""
        with on_terminal(monkeypatch) as terminal:
            output.emit_json({"a": 1})

        assert '{\n  "a": 1\n}\n' == terminal.getvalue()


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 KiB"),
        (1024, "1 KiB"),
        (1536, "1.5 KiB"),
        (200 * 1024 + 7, "200 KiB"),
        (1024**2 - 1, "1.0 MiB"),
        (1024**3 * 5, "5 GiB"),
        (1024**4 * 3, "3.0 TiB"),
    ],
)
def test_sizes(size, text):
    """A size has three digits at most, and a unit."""
    assert text == human_size(size)


def test_printable():
    """Whatever could steer a terminal is written out."""
    assert r"a\x1b[2J\n\u202e\x9bb" == printable("a\x1b[2J\n\u202e\x9bb")
    assert "gr\u00fcn" == printable("gr\u00fcn")
    assert r"\udcff" == printable("\udcff")


def test_short_text():
    """A text is cut where it is too wide, after its escapes were written out."""
    assert "abcde" == short_text("abcde", 5)
    assert "abcd…" == short_text("abcdef", 5)
    assert "\\x1b…" == short_text("\x1babc", 5)
