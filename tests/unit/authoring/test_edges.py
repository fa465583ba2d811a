"""Edges: `>>`, `<<`, lists, chain, cross_downstream, labels."""

import pytest

from crosscom import DAG, Label, chain, cross_downstream, task
from crosscom.errors import DagError
from crosscom.operators import EmptyOperator


@pytest.fixture
def dag():
    """Give a DAG with the tasks a to f."""
    with DAG("d") as dag:
        for name in "abcdef":
            EmptyOperator(task_id=name)
    return dag


@pytest.fixture
def tasks(dag):
    """Give the tasks a to f."""
    return dag.tasks


def edges(dag):
    """Give every edge as two letters, sorted."""
    return sorted(f"{one.task_id}{other}" for one in dag.tasks for other in one.downstream_task_ids)


def upstream_edges(dag):
    """The same, as the downstream ends know it."""
    return sorted(f"{one}{other.task_id}" for other in dag.tasks for one in other.upstream_task_ids)


def link_with_shifts(a, b, c, d, e, f):
    """Draw with `>>` and `<<`, one after the other and with lists."""
    a >> b >> [c, d] >> e
    f << e << a


def link_with_methods(a, b, c, d, e, f):
    """Draw with set_upstream and set_downstream."""
    a.set_downstream([b, e])
    b.set_downstream([c, d])
    e.set_upstream([c, d])
    f.set_upstream(e)


def link_with_references(a, b, c, d, e, f):
    """Draw at the references to what tasks return."""
    a.output >> b >> [c.output, d] >> e.output
    f << e.output << a.output


@pytest.mark.parametrize("draw", [link_with_shifts, link_with_methods, link_with_references])
def test_every_way_to_draw_an_edge_draws_the_same(draw, dag, tasks):
    """Operators, lists and references are linked, and both ends know it."""
    draw(*tasks)

    assert edges(dag) == ["ab", "ae", "bc", "bd", "ce", "de", "ef"]
    assert upstream_edges(dag) == edges(dag)


def test_a_list_can_stand_on_either_side(dag, tasks):
    """Lists of lists are flat; what stands right of an arrow is what comes back."""
    a, b, c, d, e, f = tasks

    assert ([a, (b, {c})] >> d) is d
    assert ([e, f] << d) is d

    assert edges(dag) == ["ad", "bd", "cd", "de", "df"]


def test_chain_links_neighbours(dag, tasks):
    """A task beside a list is linked with each of it, two lists pair by pair."""
    a, b, c, d, e, f = tasks

    chain(a, [b, c], [d, e.output], f)

    assert edges(dag) == ["ab", "ac", "bd", "ce", "df", "ef"]


def test_chain_refuses_lists_of_different_lengths(dag, tasks):
    """The text tells both lengths, and nothing of that pair was linked."""
    a, b, c, d, e, _ = tasks

    with pytest.raises(ValueError) as caught:
        chain([a, b], [c, d, e])
    assert str(caught.value) == (
        "chain needs lists of one length side by side; there are 2 and 3 tasks"
    )
    assert edges(dag) == []


def test_cross_downstream_links_all_with_all(dag, tasks):
    """Each of the first waits for none, each of the second for all."""
    a, b, c, d, *_ = tasks

    cross_downstream([a, b], [c, d])

    assert edges(dag) == ["ac", "ad", "bc", "bd"]


def test_a_label_is_kept_on_its_edges(dag, tasks):
    """A label between arrows is no task; the edges across it carry its text."""
    a, b, c, d, e, f = tasks

    a >> Label("good") >> [b, c]
    e << Label("bad") << d
    [b, c] >> Label("both") >> f
    [a, d] << Label("back") << f.output
    d.set_downstream(c, Label("set"))

    assert dag.edge_labels == {
        ("a", "b"): "good",
        ("a", "c"): "good",
        ("d", "e"): "bad",
        ("b", "f"): "both",
        ("c", "f"): "both",
        ("f", "a"): "back",
        ("f", "d"): "back",
        ("d", "c"): "set",
    }
    assert edges(dag) == ["ab", "ac", "bf", "cf", "dc", "de", "fa", "fd"]


def test_labels_work_in_a_chain(dag, tasks):
    """`chain` takes labels between tasks, also in lists."""
    a, b, c, d, e, f = tasks

    chain([a, b], [Label("one"), Label("two")], [c, d])
    chain(e, Label("three"), f)

    assert dag.edge_labels == {("a", "c"): "one", ("b", "d"): "two", ("e", "f"): "three"}


def test_drawing_an_edge_twice_is_drawing_it_once(dag, tasks):
    """Edges are a set."""
    a, b, *_ = tasks

    a >> b
    b << a

    assert edges(dag) == ["ab"]


@pytest.mark.parametrize(
    ("other", "text"),
    [
        (5, "only tasks and lists of tasks can be linked, not int"),
        ("b", "only tasks and lists of tasks can be linked, not str"),
        ([None], "only tasks and lists of tasks can be linked, not NoneType"),
    ],
)
def test_only_tasks_can_be_linked(other, text, tasks):
    """The text names what was found."""
    with pytest.raises(TypeError) as caught:
        tasks[0] >> other
    assert str(caught.value) == text


def test_a_task_function_that_was_not_called_is_told_so(tasks):
    """The commonest slip gets its remedy."""

    @task
    def extract():
        """Give nothing."""

    with pytest.raises(TypeError, match=r"not extract; call it: extract\(\)$"):
        tasks[0] >> extract


def test_a_task_without_a_dag_joins_the_one_of_its_neighbour(dag, tasks):
    """An edge takes the other end along."""
    late = EmptyOperator(task_id="late")

    late >> tasks[0]

    assert late.dag is dag
    assert edges(dag) == ["latea"]


def test_an_edge_needs_a_dag_and_stays_inside_of_it(tasks):
    """Two tasks without a DAG, or in two, cannot be linked; the texts say what to do."""
    with pytest.raises(DagError) as caught:
        EmptyOperator(task_id="x") >> EmptyOperator(task_id="y")
    assert str(caught.value) == (
        "cannot link 'x' to 'y': neither is in a DAG; "
        "make them inside of `with DAG(...)`, or give dag="
    )

    with pytest.raises(DagError) as caught:
        tasks[0] >> EmptyOperator(task_id="z", dag=DAG("other"))
    assert str(caught.value) == (
        "cannot link 'a' of DAG 'd' to 'z' of DAG 'other'; an edge stays inside of one DAG"
    )
