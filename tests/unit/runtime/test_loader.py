"""DAG files as modules: their names, what they find, and what an error tells."""

import sys

import pytest

from crosscom.errors import DagCycle, DagFileError, DagNotFound
from crosscom.runtime.loader import load_dag_file, pick_dag

TWO = """
from crosscom import DAG, dag, task
with DAG("first"):
    pass
@dag
def second():
    pass
second()
third = DAG("third")
"""


@pytest.fixture(autouse=True)
def forget(monkeypatch):
    """Forget after each test which modules it loaded, and where it looked for them."""
    before = set(sys.modules)
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield
    for name in set(sys.modules) - before:
        del sys.modules[name]


def load(folder, text, name="pipeline.py"):
    """Write a DAG file and load it."""
    path = folder / name
    path.write_text(text)
    return load_dag_file(path, folder)


def test_dags_come_in_the_order_in_which_they_were_made(tmp_path):
    """DAGs of `with`, of `@dag` calls and of plain names are all found."""
    assert [dag.dag_id for dag in load(tmp_path, TWO)] == ["first", "second", "third"]


def test_a_file_keeps_its_own_name_as_a_module(tmp_path):
    """A helper that imports the DAG file back gets the same classes."""
    (tmp_path / "back.py").write_text(
        "def again():\n    from pipeline import Kind\n    return Kind\n"
    )
    text = "from crosscom import DAG\nfrom back import again\nclass Kind: pass\nd = DAG('d')\n"
    load(tmp_path, text + "assert again() is Kind\nassert __name__ == 'pipeline'\n")

    assert sys.modules["pipeline"].__file__ == str(tmp_path / "pipeline.py")


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("json.py", "dag_file_json"),
        ("my-dag.py", "dag_file_my_dag"),
        ("crosscom.py", "dag_file_crosscom"),
    ],
)
def test_a_name_that_is_taken_or_no_name_gets_a_prefix(tmp_path, file, expected):
    """A file named like a module that exists, or by no identifier, replaces nothing."""
    load(tmp_path, f"assert __name__ == {expected!r}, __name__\n", file)

    assert sys.modules[expected].__file__ == str(tmp_path / file)


def test_a_block_for_scripts_does_not_run(tmp_path):
    """`if __name__ == '__main__'` is for `python file.py` only."""
    assert load(tmp_path, "if __name__ == '__main__':\n    raise SystemExit\n") == []


def test_an_error_names_the_last_line_of_the_users_own_code(tmp_path):
    """Where a library raises, the text names the line of the user's code that called it."""
    with pytest.raises(DagFileError) as caught:
        load(tmp_path, "import json\n\njson.loads('{')\n")

    assert str(caught.value) == (
        f"cannot load the DAG file {tmp_path}/pipeline.py: JSONDecodeError: Expecting property name "
        f"enclosed in double quotes: line 1 column 2 (char 1) ({tmp_path}/pipeline.py:3); "
        f"`python {tmp_path}/pipeline.py` shows the whole traceback"
    )
    assert caught.value.path == str(tmp_path / "pipeline.py")
    assert "pipeline" not in sys.modules


def test_an_error_of_a_dag_stays_what_it_is(tmp_path):
    """A cycle that the file itself asks about is told as a cycle."""
    text = (
        "from crosscom import DAG\nfrom crosscom.operators import EmptyOperator\n"
        "with DAG('d') as d:\n    a = EmptyOperator(task_id='a')\n    a >> a\nd.describe()\n"
    )
    with pytest.raises(DagCycle):
        load(tmp_path, text)


def test_ctrl_c_while_loading_stays_ctrl_c(tmp_path):
    """`KeyboardInterrupt` is not taken for a fault of the file."""
    with pytest.raises(KeyboardInterrupt):
        load(tmp_path, "raise KeyboardInterrupt\n")


def test_a_dag_is_picked_by_its_id(tmp_path):
    """Of several DAGs the one with the id is picked."""
    dags = load(tmp_path, TWO)

    assert pick_dag(dags, "second", tmp_path / "pipeline.py") is dags[1]


def test_the_only_dag_needs_no_id(tmp_path):
    """A file with one DAG needs no id."""
    dags = load(tmp_path, "from crosscom import DAG\nd = DAG('d')\n")

    assert pick_dag(dags, None, tmp_path / "pipeline.py") is dags[0]


@pytest.mark.parametrize(
    ("text", "dag_id", "expected"),
    [
        ("", None, "there is no DAG in PATH; make one, as in `with DAG('my_dag'): ...`"),
        (TWO, None, "there are 3 DAGs in PATH: first, second, third; say which one"),
        (
            TWO,
            "frist",
            "there is no DAG 'frist' in PATH, which has first, second, third; did you mean 'first'?",
        ),
        (
            TWO,
            "zzz",
            "there is no DAG 'zzz' in PATH, which has first, second, third; choose one of these",
        ),
    ],
)
def test_what_cannot_be_picked_is_named(tmp_path, text, dag_id, expected):
    """An absent, unknown or ambiguous DAG is refused with the ids that are there."""
    dags = load(tmp_path, text)

    with pytest.raises(DagNotFound) as caught:
        pick_dag(dags, dag_id, tmp_path / "pipeline.py")

    assert str(caught.value) == expected.replace("PATH", f"{tmp_path}/pipeline.py")
