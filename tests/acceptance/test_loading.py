"""DAG files that cannot be loaded: a clear error, an exit code, and nothing stored."""

import pytest

OPERATOR = "from crosscom import DAG\nfrom crosscom.operators import EmptyOperator\n"

BROKEN = {
    "raises": (
        "import helper\n",
        "RuntimeError: no luck (ROOT/helper.py:2); `python ROOT/broken.py`",
    ),
    "syntax": ("x = (\n", "SyntaxError: '(' was never closed (ROOT/broken.py:1)"),
    "missing import": (
        "\nimport no_such_module\n",
        "ModuleNotFoundError: No module named 'no_such_module' (ROOT/broken.py:2)",
    ),
    "leaves": ("import sys\nsys.exit(3)\n", "SystemExit: 3 (ROOT/broken.py:2)"),
    "dies": ("import os\nos._exit(3)\n", "it ended its own process by exit status 3"),
    "is killed": (
        "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n",
        "it ended its own process by signal 9 (SIGKILL)",
    ),
    "bad id": (
        "from crosscom import DAG\nDAG('no blanks')\n",
        "InvalidName: dag_id of 9 characters is refused",
    ),
    "no DAG": ("x = 1\n", "there is no DAG in ROOT/broken.py"),
    "cycle": (
        f"{OPERATOR}with DAG('d'):\n    a, b = [EmptyOperator(task_id=i) for i in 'ab']; a >> b >> a\n",
        "the tasks of DAG 'd' wait for each other: a >> b >> a",
    ),
    "duplicate task": (
        f"{OPERATOR}with DAG('d'):\n    for _ in range(2):\n        EmptyOperator(task_id='a')\n",
        "DAG 'd' has two tasks with the id 'a'",
    ),
    "two DAGs": (
        "from crosscom import DAG\nwith DAG('one'):\n    pass\nwith DAG('two'):\n    pass\n",
        "there are 2 DAGs in ROOT/broken.py: one, two; say which one",
    ),
    "missing param": (
        "from crosscom import DAG, Param\ndag = DAG('d', params={'n': Param(type='integer')})\n",
        "param 'n' has no value and no default",
    ),
}
HELPER = "def fail():\n    raise RuntimeError('no luck')\nfail()\n"


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("isolation", ["process", "none"])
def test_a_file_that_cannot_be_loaded_is_refused_in_one_line(project, name, isolation):
    """The error is one line that names cause and place, the exit code is not 0, nothing is kept."""
    if isolation == "none" and name in ("dies", "is killed"):
        return
    text, expected = BROKEN[name]
    project.write("broken.py", text)
    project.write("helper.py", HELPER)

    refused = project.crosscom("run", "broken.py", "--isolation", isolation, check=False)

    assert refused.returncode != 0
    assert expected.replace("ROOT", str(project.root)) in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    with project.store() as store:
        assert store.runs() == []
    assert project.processes() == []


def test_a_file_that_is_not_there_is_refused(project):
    """Running a file that does not exist names it."""
    refused = project.crosscom("run", "nowhere.py", check=False)

    assert refused.returncode != 0
    assert f"cannot read the DAG file {project.root}/nowhere.py" in refused.stderr


def test_an_unknown_dag_is_refused(project):
    """Asking for a DAG that the file does not have names those it has."""
    project.write("one.py", "from crosscom import DAG\nwith DAG('churn'):\n    pass\n")

    refused = project.crosscom("run", "one.py", "chrun", check=False)

    assert refused.returncode != 0
    assert "there is no DAG 'chrun'" in refused.stderr
    assert "did you mean 'churn'?" in refused.stderr


def test_loading_for_ever_is_ended(project):
    """A file that loops at import is ended after the import timeout, with what it started."""
    project.environment["CROSSCOM__CORE__IMPORT_TIMEOUT_SECONDS"] = "1"
    project.write(
        "loop.py", "import subprocess\nsubprocess.Popen(['sleep', '1000'])\nwhile True: pass\n"
    )

    refused = project.crosscom("run", "loop.py", check=False)

    assert refused.returncode != 0
    assert "it took longer than 1 s" in refused.stderr
    project.wait_until_nothing_runs()


@pytest.mark.parametrize("conf", ["[1]", "{", "null"])
def test_a_conf_that_is_no_object_is_refused(project, conf):
    """`--conf` takes a JSON object only."""
    project.write("one.py", "from crosscom import DAG\nwith DAG('churn'):\n    pass\n")

    refused = project.crosscom("run", "one.py", "--conf", conf, check=False)

    assert refused.returncode != 0
    assert "conf" in refused.stderr


def test_a_link_to_a_dag_file_finds_what_lies_beside_the_file(project):
    """Modules are looked for where the file is, not where a link to it is."""
    project.write("real/shapes.py", "SIDES = 3\n")
    project.write(
        "real/linked.py",
        "import shapes\n"
        "from crosscom import DAG, task\n"
        "with DAG('linked'):\n"
        "    @task\n"
        "    def count():\n"
        "        return shapes.SIDES\n"
        "    count()\n",
    )
    project.root.joinpath("link.py").symlink_to("real/linked.py")

    project.run("link.py")

    assert project.crosscom("get", "linked/count").stdout.strip() == "3"
