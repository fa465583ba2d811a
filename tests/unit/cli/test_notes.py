"""What an error says beside its one line is told too."""

from crosscom.cli import main
from crosscom.errors import StoreFull


def test_notes_of_an_error_are_told_below_it(monkeypatch, capsys):
    """A run that a full disk stopped says with which command to go on."""

    def fail(*_arguments, **_options):
        error = StoreFull("cannot write to store x: its disk is full", url="x")
        error.add_note("go on, once that is mended, with: crosscom resume shop@r1")
        raise error

    monkeypatch.setattr("crosscom.cli.entry.app", fail)

    code = main(["ls"])

    assert code != 0
    assert capsys.readouterr().err == (
        "crosscom: error: cannot write to store x: its disk is full\n"
        "go on, once that is mended, with: crosscom resume shop@r1\n"
    )
