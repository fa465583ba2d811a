"""DAG: its tasks, its params, what a run remembers of it."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from crosscom import DAG, Param, chain
from crosscom.errors import DagCycle, DagError, DuplicateTaskId, InvalidName
from crosscom.model import DagDescription
from crosscom.operators import EmptyOperator


def empties(dag, names):
    """Make empty tasks."""
    return [EmptyOperator(task_id=name, dag=dag) for name in names]


def test_a_dag_knows_its_tasks():
    """By id, in the order in which they were made."""
    dag = DAG("d")
    b, a = empties(dag, "ba")

    assert dag.task_dict == {"b": b, "a": a}
    assert (dag.task_ids, dag.tasks) == (["b", "a"], [b, a])
    assert dag.get_task("a") is a
    assert (dag.has_task("a"), dag.has_task("x")) == (True, False)
    assert repr(dag) == "<DAG: d>"


def test_a_task_that_is_not_there_is_named():
    """The text says which tasks there are."""
    dag = DAG("d")
    with pytest.raises(DagError, match="^DAG 'd' has no task 'x'; it has none at all$"):
        dag.get_task("x")
    empties(dag, "ab")
    with pytest.raises(DagError, match="^DAG 'd' has no task 'x'; it has a, b$"):
        dag.get_task("x")


def test_adding_a_task_again_changes_nothing():
    """Another task with its id is refused."""
    dag = DAG("d")
    (a,) = empties(dag, "a")
    dag.add_task(a)

    with pytest.raises(DuplicateTaskId):
        dag.add_task(EmptyOperator(task_id="a"))
    assert dag.tasks == [a]


@pytest.mark.parametrize("dag_id", ["", "a b", "a/b", ".", "ä", "x" * 251, None])
def test_a_dag_id_keeps_its_rule(dag_id):
    """The text names field, length and rule."""
    with pytest.raises(InvalidName, match="^dag_id of .* is refused; it must be 1 to 250"):
        DAG(dag_id)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"isolation": "thread"}, "isolation must be one of process, reuse, none"),
        ({"on_missing": "raise"}, "on_missing must be one of none, error"),
        ({"max_active_tasks": 0}, "max_active_tasks must be an int of at least 1"),
    ],
)
def test_options_keep_their_rules(arguments, text):
    """A wrong one is refused where the DAG is made."""
    with pytest.raises(ValueError) as caught:
        DAG("d", **arguments)
    assert str(caught.value) == text


def test_a_description_is_in_topological_order():
    """Each task comes after those it waits for, ties as they were made."""
    dag = DAG("d")
    last, _, first = empties(dag, ["last", "free", "first"])
    first >> last

    description = dag.describe()

    assert [one.task_id for one in description.tasks] == ["free", "first", "last"]
    assert description.by_id["last"].upstream == ("first",)


def test_a_description_says_what_was_said():
    """Params, schedule, tags, text and limits are in it; it survives its own JSON."""
    dag = DAG(
        "d",
        description="Short.",
        schedule=timedelta(hours=1),
        params={"n": Param(1, "How many.", type="integer")},
        tags={"b", "a"},
        max_active_tasks=3,
        isolation="none",
    )
    empties(dag, "a")

    description = dag.describe()

    assert description.params == (
        '{"n":{"default":1,"description":"How many.","schema":{"type":"integer"}}}'
    )
    assert (description.schedule, description.tags) == ("1:00:00", ("a", "b"))
    assert (description.doc, description.isolation) == ("Short.", "none")
    assert description.max_active_tasks == 3
    assert DagDescription.from_json(description.to_json()) == description


@pytest.mark.parametrize(
    ("schedule", "shown"), [(None, None), ("@daily", "@daily"), (object(), "object"), ([1], "list")]
)
def test_a_schedule_is_shown_without_an_address(schedule, shown):
    """Equal DAGs have equal descriptions in every process."""
    assert DAG("d", schedule=schedule).describe().schedule == shown


def test_describing_twice_gives_the_same_digest():
    """Nothing in a description depends on the order of sets."""
    digests = set()
    for _ in range(2):
        dag = DAG("d", tags=list("cab"))
        a, *others = empties(dag, ["a", *(f"n{i}" for i in range(50))])
        a << others
        digests.add(dag.describe().digest)

    assert len(digests) == 1


def test_a_cycle_is_named_in_its_order():
    """The text shows the way round; what is not on it is left out."""
    dag = DAG("d")
    begin, c, a, b = empties(dag, ["begin", "c", "a", "b"])
    begin >> a >> b >> c >> a

    with pytest.raises(DagCycle) as caught:
        dag.describe()

    assert str(caught.value) == (
        "the tasks of DAG 'd' wait for each other: a >> b >> c >> a; remove an edge"
    )
    assert (caught.value.cycle, caught.value.dag_id) == (("a", "b", "c", "a"), "d")


def test_a_task_cannot_wait_for_itself():
    """Drawn or by a reference."""
    dag = DAG("d")
    (a,) = empties(dag, "a")
    a >> a

    with pytest.raises(DagCycle, match="wait for each other: a >> a; remove an edge$"):
        dag.describe()


def test_a_chain_of_five_thousand_tasks_is_described():
    """Nothing in it is recursive."""
    dag = DAG("d")
    chain(*empties(dag, [f"t{i}" for i in range(5_000)]))

    description = dag.describe()

    assert description.tasks[4_999].upstream == ("t4998",)


def test_a_param_can_be_referred_to_by_name():
    """With a default it is made or set; without one it must be there or be given."""
    dag = DAG("d", params={"zone": Param("eu", enum=["eu", "us"])})

    assert str(dag.param("zone")) == "{{ params['zone'] }}"
    dag.param("zone", "us")
    dag.param("day")

    assert dag.resolve_params({"day": "mon"}) == {"zone": "us", "day": "mon"}
    assert dag.params.get_param("zone").schema == {"enum": ["eu", "us"]}


def test_template_files_are_looked_for_beside_the_file():
    """Further folders come after it; relative ones are below it."""
    own = str(Path(__file__).parent)
    dag = DAG("d", template_searchpath=["/srv/sql", "sql", Path("more")])

    assert dag.fileloc == __file__
    assert dag.templates.options.search_path == (
        own,
        "/srv/sql",
        os.path.join(own, "sql"),  # noqa: PTH118 - as text
        os.path.join(own, "more"),  # noqa: PTH118 - as text
    )
    assert DAG("d", template_searchpath="x").templates.options.search_path[1].endswith("/x")
    assert DAG("d", template_searchpath=Path("/x")).templates.options.search_path[1] == "/x"
