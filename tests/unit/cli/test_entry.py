from __future__ import annotations

import sys

import pytest

from crosscom import errors
from crosscom.cli import entry
from crosscom.cli.app import COMMANDS
from crosscom.cli.exit_codes import exit_code_of


class TestUsage:
    def test_help(self, crosscom):
        """Without arguments, and with --help, every command is listed with what it does."""
        answer = crosscom()

        assert 0 == answer.code
        assert crosscom("--help").out == answer.out
        assert all(f"│ {name} " in answer.out for name in COMMANDS)
        assert "Run a DAG file to its end" in answer.out

    @pytest.mark.parametrize("name", COMMANDS)
    def test_help_of_a_command(self, crosscom, name):
        """Each command has a help."""
        answer = crosscom(name, "--help")

        assert (0, "") == (answer.code, answer.err)
        assert answer.out.startswith(f"Usage: crosscom {name}")

    def test_version(self, crosscom):
        """--version tells the version."""
        assert crosscom("--version").out.startswith("crosscom 0.")

    def test_an_unknown_command(self, crosscom):
        """An unknown command names the nearest."""
        refusal = crosscom("shwo").refusal

        assert refusal.startswith('unknown command "shwo"')
        assert 'Did you mean "show"?' in refusal
        assert refusal.endswith(", show, get, ...; see crosscom --help")

    def test_an_unknown_option(self, crosscom):
        """An unknown option names the nearest."""
        assert crosscom("ls", "--jsn").refusal == (
            "unknown option: --jsn. Did you mean --json?; see crosscom ls --help"
        )

    def test_a_missing_argument(self, crosscom):
        """A missing argument is named."""
        assert crosscom("get").refusal == (
            'command "get" parameter ADDRESS requires an argument; see crosscom get --help'
        )

    def test_a_wrong_choice(self, crosscom):
        """A value that is not among the choices is refused with these."""
        refusal = crosscom("run", "x.py", "--isolation", "full").refusal

        assert all(choice in refusal for choice in ("process", "reuse", "none"))

    def test_a_name_that_is_twice_in_a_configuration(self, crosscom):
        """A run is not given a configuration of which one value would be lost."""
        assert crosscom("run", "x.py", "--conf", '{"a": 1, "a": 2}').refusal == (
            "--conf has an object with the same name twice; give each name once"
        )

    def test_a_configuration_that_is_no_object(self, crosscom):
        """Other JSON than an object is refused, and what is no JSON."""
        for conf in ("[1]", "{", '{"a": NaN}'):
            assert crosscom("run", "x.py", "--conf", conf).refusal == (
                "--conf is no JSON object; write it as '{\"name\": 1}'"
            )


class TestEnds:
    @pytest.mark.parametrize(
        ("error", "code"),
        [
            (errors.InvalidAddress("no"), 2),
            (errors.SettingsError("no"), 2),
            (errors.DagNotFound("no"), 2),
            (errors.RunExists("no", dag_id="d", run_id="r"), 2),
            (errors.XComNotFound("no", address="d@r/t:k"), 2),
            (errors.RunActive("no", dag_id="d", run_id="r"), 1),
            (errors.StoreUnavailable("no", url="u"), 1),
            (errors.XComCorrupted("no"), 1),
            (errors.StaleTryError("no", attempt=1, task_instance="d@r/t"), 1),
        ],
    )
    def test_exit_codes(self, error, code):
        """What was asked for wrongly is 2; what no other argument would mend is 1."""
        assert code == exit_code_of(error)

    def test_bad_settings(self, crosscom, here):
        """A wrong configuration is one line for every command."""
        (here / "crosscom.toml").write_text("[core]\nslot = 1")

        assert crosscom("ls").refusal == (
            f"unknown option 'core.slot' in {here}/crosscom.toml; did you mean 'core.slots'?"
        )

    def test_an_interrupt(self, crosscom, monkeypatch):
        """Ctrl-C ends a command with 130, without a traceback."""
        monkeypatch.setattr("crosscom.cli.ls.lasting_settings", interrupted)

        assert (130, "", "crosscom: error: interrupted\n") == crosscom("ls")

    def test_a_bug(self, crosscom, monkeypatch):
        """An exception that nobody meant shows itself."""
        monkeypatch.setattr("crosscom.cli.ls.lasting_settings", broken)

        with pytest.raises(ZeroDivisionError):
            crosscom("ls")

    def test_an_error_is_one_line(self, crosscom, churn):
        """A name with control characters cannot steer the terminal through an error."""
        answer = crosscom("run", "\x1b[31m\n.py")

        assert "\x1b" not in answer.err
        assert answer.err.count("\n") == 1


def interrupted():
    """Be interrupted."""
    raise KeyboardInterrupt


def broken():
    """Have a bug."""
    return 1 / 0


def test_the_command_line_is_light():
    """Building the command line imports no command."""
    assert not {path.partition(":")[0] for path in COMMANDS.values()} & modules_of_entry()


def modules_of_entry():
    """Name the modules that a fresh Python loads for the entry of the command line."""
    import json
    import subprocess

    script = f"import json, sys, {entry.__name__}; print(json.dumps(list(sys.modules)))"
    answer = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )
    return set(json.loads(answer.stdout))
