"""Children that cannot start, and templates that stop or die: told, or got over."""

import os
import signal
import sys
from pathlib import Path

SECOND_LOAD = """
import os
from crosscom import DAG, task

# The template loads this once, each child a second time.
if os.path.exists("loaded"):
    {second}
open("loaded", "w").close()

@task
def one():
    return 1

with DAG("second"):
    one()
"""


def test_a_file_that_cannot_be_loaded_again_is_told(project):
    """Where a child cannot load what the template could, the run ends and says why."""
    project.environment["CROSSCOM__CORE__START_METHOD"] = "exec"
    project.write("second.py", SECOND_LOAD.replace("{second}", "raise ValueError('only once')"))

    refused = project.crosscom("run", "second.py", "--run-id", "r", check=False)

    assert refused.returncode != 0
    assert "cannot start tries: DagFileError: cannot load the DAG file" in refused.stderr
    assert "ValueError: only once" in refused.stderr
    assert project.states("second") == {"one": "up_for_retry"}
    assert project.processes() == []


def test_a_file_that_loops_when_it_is_loaded_again_is_ended(project):
    """A child that never finishes loading is ended after the import timeout."""
    project.environment["CROSSCOM__CORE__START_METHOD"] = "exec"
    project.environment["CROSSCOM__CORE__IMPORT_TIMEOUT_SECONDS"] = "0.5"
    project.write("second.py", SECOND_LOAD.replace("{second}", "while True: pass"))

    ended = project.crosscom("run", "second.py", "--run-id", "r", check=False)

    (attempt,) = project.attempts("second")
    assert ended.returncode != 0
    assert attempt.error == "its process ended by signal 14 (SIGALRM) before the try did"
    assert project.processes() == []


DYING = """
import os
from crosscom import DAG, task

os.register_at_fork(after_in_child=lambda: os._exit(7))

@task
def one():
    return 1

with DAG("dying"):
    one()
"""


def test_children_that_always_die_do_not_start_for_ever(project):
    """A file whose every child dies at once fails its tries; no process is left."""
    project.write("dying.py", DYING)

    ended = project.crosscom("run", "dying.py", "--run-id", "r", check=False)

    assert ended.returncode != 0
    assert project.processes() == []


LOOPING = """
import subprocess
open("looping", "a").write("yes\\n")
subprocess.Popen(["sleep", "1000"])
while True:
    pass
"""


def test_a_template_that_loads_for_ever_dies_with_its_scheduler(project):
    """A scheduler that is killed while a file loads leaves no process behind."""
    project.write("looping.py", LOOPING)
    scheduler = project.start_run("looping.py")
    project.wait_for_line("looping", "yes")

    scheduler.send_signal(signal.SIGKILL)
    scheduler.communicate(timeout=60)

    project.wait_until_nothing_runs()


SLEEPING = """
import os, time
from crosscom import DAG, task
from crosscom.operators import PythonOperator

class Sleeper(PythonOperator):
    def on_kill(self):
        with open("killed", "a") as file:
            file.write("yes\\n")

def sleep():
    with open("sleeping", "a") as file:
        file.write("yes\\n")
    while not os.path.exists("enough"):
        time.sleep(0.01)

with DAG("sleeping"):
    Sleeper(task_id="sleep", python_callable=sleep)
"""


def template_of(scheduler):
    """Give the number of a scheduler's one child; 0 while it has none."""
    children = Path(f"/proc/{scheduler.pid}/task/{scheduler.pid}/children").read_text().split()
    return int(children[0]) if children else 0


def test_a_task_that_is_told_to_stop_hears_of_it(project):
    """`on_kill` of an operator is called before its process ends."""
    project.write("sleeping.py", SLEEPING)
    scheduler = project.start_run("sleeping.py")
    project.wait_for_line("sleeping", "yes")

    scheduler.send_signal(signal.SIGINT)
    scheduler.communicate(timeout=60)

    assert project.lines("killed") == ["yes"]


def test_a_stopped_template_keeps_no_run_from_ending(project):
    """With its template stopped, Ctrl-C still ends the run and every process."""
    project.write("sleeping.py", SLEEPING)
    scheduler = project.start_run("sleeping.py")
    project.wait_for_line("sleeping", "yes")

    os.kill(template_of(scheduler), signal.SIGSTOP)
    scheduler.send_signal(signal.SIGINT)
    scheduler.communicate(timeout=60)

    assert scheduler.returncode == 130
    assert str(project.attempts("sleeping")[0].state) == "interrupted"
    assert project.processes() == []


def test_a_running_try_outlives_its_template(project):
    """A template that is killed is replaced; the try that runs goes on, and so does the run."""
    text = SLEEPING + "    for number in range(3):\n        dag.tasks[-1] >> Sleeper(\n"
    text += "            task_id=f'after_{number}', python_callable=sleep)\n"
    project.write("sleeping.py", text.replace('DAG("sleeping"):', 'DAG("sleeping") as dag:'))
    scheduler = project.start_run("sleeping.py")
    project.wait_for_line("sleeping", "yes")

    first = template_of(scheduler)
    os.kill(first, signal.SIGKILL)
    project.wait_for(lambda: template_of(scheduler) not in (0, first), "another one")
    project.write("enough", "")
    scheduler.communicate(timeout=60)

    assert scheduler.returncode == 0
    assert {str(one.state) for one in project.attempts("sleeping")} == {"success"}
    assert len(project.attempts("sleeping")) == 4
    assert project.processes() == []


TESTED = """
from crosscom import DAG, task

@task
def one():
    raise ValueError("no")

with DAG("tested") as dag:
    one()

if __name__ == "__main__":
    print(dag.test(run_id="r").state)
"""


def test_a_run_that_was_made_in_python_is_not_resumed(project):
    """A run of `DAG.test()` keeps no code: `resume` says so and what to do."""
    project.write("tested.py", TESTED)
    process = project.start(sys.executable, "tested.py")
    out, _ = process.communicate(timeout=60)

    refused = project.crosscom("resume", "tested@r", check=False)

    assert out == "failed\n"
    assert refused.returncode != 0
    assert "its code was not kept; run its file with `crosscom run`" in refused.stderr
