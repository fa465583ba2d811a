"""BashOperator: a task that runs a command."""

import json
import os

import pytest

from crosscom import DAG, SkipException
from crosscom.errors import CommandFailed
from crosscom.operators import BashOperator


@pytest.fixture
def run(context_of):
    """Give a function that runs a command as a task."""

    def run(command, *, dag=(), conf=(), **arguments):
        dag = DAG("d", **dict(dag))
        operator = BashOperator(task_id="bash", dag=dag, bash_command=command, **arguments)
        context = context_of(operator, conf=conf)
        return operator.prepare(context).execute(context)

    return run


@pytest.mark.parametrize(
    ("command", "value"),
    [
        ("echo one; echo two", "two"),
        ("printf 'one\\ntwo'", "two"),
        ("true", ""),
        ("echo one; echo", ""),
        ("echo 'one  '", "one"),
        ("echo one; echo two >&2", "one"),
        (r"printf '\xff\xe4'", r"\xff\xe4"),
        ("echo {{ ds }}", "2026-01-31"),
    ],
)
def test_the_last_line_of_stdout_is_the_value(run, command, value, capfd):
    """Without its blanks at the end; stderr is in the log only; no output is empty text."""
    assert run(command) == value


def test_output_appears_in_the_log(run, capfd):
    """Every line of both streams, as it was written."""
    run("echo ' one  '; printf 'two'; echo three >&2")

    assert capfd.readouterr() == (" one  \ntwo\n", "three\n")


def test_the_value_can_be_made_of_the_last_line(run, capfd):
    """`output_processor` gives what is pushed."""
    assert run("""echo '{"rows": 5}'""", output_processor=json.loads) == {"rows": 5}


def test_an_encoding_can_be_named(run, capfd):
    """What the command writes is read in it."""
    assert run(r"printf '\xe4'", output_encoding="latin-1") == "ä"
    with pytest.raises(LookupError):
        run("echo a", output_encoding="no-such-encoding")


def test_a_command_that_fails_fails_the_task(run, capfd):
    """The text has the code, and nothing of what was written."""
    with pytest.raises(CommandFailed) as caught:
        run("echo hunter2; exit 3")
    assert str(caught.value) == (
        "the command of task 'bash' ended with exit code 3; its output is in the log"
    )
    assert caught.value.exit_code == 3

    with pytest.raises(CommandFailed, match="ended with signal 15; its output") as caught:
        run("kill -TERM $$")
    assert caught.value.exit_code == -15


def test_an_exit_code_can_skip_the_task(run):
    """99 by default, others where they are named, none for None."""
    with pytest.raises(SkipException, match="^the command ended with exit code 99, which skips"):
        run("exit 99")
    with pytest.raises(SkipException):
        run("exit 4", skip_on_exit_code=[3, 4])
    with pytest.raises(SkipException):
        run("true", skip_on_exit_code=0)
    with pytest.raises(CommandFailed):
        run("exit 99", skip_on_exit_code=None)
    with pytest.raises(CommandFailed):
        run("exit 99", skip_on_exit_code={1})


def test_the_environment_is_this_processs_by_default(run, monkeypatch, capfd):
    """Or the one given, or both."""
    monkeypatch.setenv("FROM_HERE", "here")
    command = "echo $FROM_HERE-$MINE"
    mine = {"MINE": "{{ ds }}"}

    assert run(command) == "here-"
    assert run(command, env=mine) == "-2026-01-31"
    assert run(command, env=mine, append_env=True) == "here-2026-01-31"


def test_numbers_in_the_environment_are_text(run, capfd):
    """A template that kept its type is written out."""
    dag = {"render_template_as_native_obj": True, "params": {"n": 5}}

    assert run("echo $N", dag=dag, env={"N": "{{ params.n }}"}) == "5"


def test_a_command_knows_its_task(run, capfd):
    """Under the names that Airflow's commands know."""
    names = ("DAG_ID", "TASK_ID", "DAG_RUN_ID", "TRY_NUMBER", "LOGICAL_DATE")
    command = "echo " + " ".join(f"$AIRFLOW_CTX_{name}" for name in names)

    assert run(command, env={}) == "d bash r 1 2026-01-31T10:05:00+00:00"


def test_a_command_has_a_folder_of_its_own(run, tmp_path, capfd):
    """It is empty and gone afterwards; another one can be named."""
    folder = run("ls -A; pwd")

    assert not os.path.exists(folder)  # noqa: PTH110 - as text
    assert run("pwd", cwd=tmp_path) == str(tmp_path)
    assert run("pwd", cwd="{{ params.cwd }}", conf={"cwd": str(tmp_path)}) == str(tmp_path)
    with pytest.raises(NotADirectoryError, match="^the folder of task 'bash' is not there or is"):
        run("pwd", cwd=tmp_path / "nope")


def test_a_script_beside_the_dag_is_a_template(run, tmp_path, capfd):
    """A command that ends in .sh names a file; a blank after it means the text itself."""
    (tmp_path / "job.sh").write_text("echo {{ ds }}\n")
    dag = {"template_searchpath": tmp_path}

    assert run("job.sh", dag=dag) == "2026-01-31"
    with pytest.raises(CommandFailed, match="exit code 127"):
        run("job.sh ", dag=dag)


def test_a_command_must_be_text(run):
    """A template that kept another type is told so."""
    dag = {"render_template_as_native_obj": True}

    with pytest.raises(TypeError) as caught:
        run("{{ [1] }}", dag=dag)
    assert str(caught.value) == "bash_command of task 'bash' must be text; it became a list"


def test_the_command_runs_in_the_process_group_of_the_try(run, capfd):
    """So that it ends with the try, whatever happens."""
    assert run("ps -o pgid= -p $$ || cut -d' ' -f5 /proc/$$/stat").strip() == str(os.getpgrp())


class Listener:
    """A stdout that does something at the first line."""

    def __init__(self, act):
        self.act = act
        self.lines = []

    def write(self, text):
        """Keep the line and act."""
        self.lines.append(text)
        self.act()

    def flush(self):
        """Do nothing."""


def test_the_shell_ends_when_the_task_is_interrupted(context_of, monkeypatch):
    """Whatever breaks the wait for output ends the shell before it goes on."""

    def interrupt():
        raise KeyboardInterrupt

    operator = BashOperator(task_id="bash", dag=DAG("d"), bash_command="echo $$; exec sleep 600")
    listener = Listener(interrupt)
    monkeypatch.setattr("sys.stdout", listener)

    with pytest.raises(KeyboardInterrupt):
        operator.execute(context_of(operator))

    with pytest.raises(ProcessLookupError):
        os.kill(int(listener.lines[0]), 0)


def test_killing_the_task_ends_the_shell(context_of, monkeypatch):
    """`on_kill` before anything ran does nothing; afterwards it ends the command."""
    operator = BashOperator(task_id="bash", dag=DAG("d"), bash_command="echo on; exec sleep 600")
    operator.on_kill()
    monkeypatch.setattr("sys.stdout", Listener(operator.on_kill))

    with pytest.raises(CommandFailed, match="ended with signal 15"):
        operator.execute(context_of(operator))
