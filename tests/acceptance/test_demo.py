"""The demonstration runs on real data and shows what it promises."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

CROSSCOM = str(Path(sys.executable).with_name("crosscom"))


def crosscom(home, *arguments):
    """Run a command on that home and give what it prints."""
    done = subprocess.run(
        [CROSSCOM, *arguments],
        env={"CROSSCOM_HOME": str(home), "PATH": "/usr/bin:/bin"},
        cwd=home.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Give the home of one run of the demo, and what the demo printed in `output.txt`."""
    home = tmp_path_factory.mktemp("demo") / ".crosscom"
    output = crosscom(home, "demo")
    home.joinpath("output.txt").write_text(output, encoding="utf-8")
    return home


def shown(home, address):
    """Give what `show --json` tells."""
    return json.loads(crosscom(home, "show", address, "--json"))


def test_every_task_succeeds_in_a_process_of_its_own(home):
    """Seven tasks succeed; one of them needs a second try, and no two tries share a process."""
    run = shown(home, "python_audit")
    tries = [one for task in run["tasks"] for one in task["tries"]]

    assert run["state"] == "success"
    assert len(run["tasks"]) == 7
    assert {task["task_id"] for task in run["tasks"] if task["try_number"] == 2} == {"publish"}
    assert len({one["pid"] for one in tries}) == len(tries) == 8


def test_at_least_ten_thousand_rows_of_real_data_pass(home):
    """The definitions of the standard library and the recorded files are over 10,000 rows."""
    definitions = crosscom(home, "get", "python_audit/read_library:definitions")
    recorded = crosscom(home, "get", "python_audit/list_installed:recorded")

    assert definitions.count("'def'") + definitions.count("'class'") >= 10_000
    assert recorded.count("'sha256'") > 100


def test_the_first_try_leaves_nothing_to_the_second(home):
    """The draft of the failed try is history, and the second try found nothing of it."""
    history = json.loads(crosscom(home, "history", "python_audit/publish:draft", "--json"))
    found = crosscom(home, "get", "python_audit/publish:found_of_first_try")

    assert [entry["live"] for entry in history] == [False, True]
    assert found.strip() == '"nothing"'


def test_it_tells_who_pulled_what(home):
    """The table at the end names each value's readers, also those of a template."""
    pulled = {
        each["address"].partition("/")[2]: each["by"]
        for each in shown(home, "python_audit")["pulled"]
    }

    assert pulled["list_installed:recorded"] == ["check_files"]
    assert pulled["read_library:largest"] == ["count_lines"]
    assert pulled["check_files:intact"] == ["publish", "report"]


def test_its_last_lines_are_commands_that_work(home):
    """The three commands it ends with can be run."""
    output = home.joinpath("output.txt").read_text(encoding="utf-8")
    commands = [line.partition("#")[0].split()[1:] for line in output.splitlines()[-3:]]

    assert len(commands) == 3
    for command in commands:
        assert crosscom(home, *command).strip()


def test_a_second_audit_remembers_the_first(home):
    """The Variable keeps how many files the last audit found."""
    crosscom(home, "demo")

    assert int(crosscom(home, "var", "get", "python_audit_files")) > 0
    assert "'files since the last audit': 0" in crosscom(home, "get", "python_audit/report")
