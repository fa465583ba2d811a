"""BaseOperator: arguments, default_args, own operators, what a run remembers of a task."""

# Wrong arguments are given on purpose, and default_args give what a type checker misses.
# mypy: disable-error-code="arg-type,attr-defined,call-arg"

import copy
from dataclasses import dataclass
from datetime import timedelta

import pytest

from crosscom import DAG, BaseOperator, TriggerRule
from crosscom.errors import DagError, DuplicateTaskId, InvalidName, InvalidParam
from crosscom.model import TaskDescription
from crosscom.operators import EmptyOperator


class Query(BaseOperator):
    """An operator as users write it."""

    template_fields = ("sql",)

    def __init__(self, sql, limit=10, **kwargs):
        super().__init__(**kwargs)
        self.sql = sql
        self.limit = limit

    def execute(self, context):
        """Give the text."""
        return self.sql


class Patient(Query):
    """An operator on top of another, that decides an argument itself."""

    def __init__(self, *, label="none", **kwargs):
        super().__init__(retries=7, **kwargs)
        self.label = label


def test_an_own_operator_hands_on_what_it_does_not_know():
    """Its own arguments and those of its base are set."""
    query = Query(task_id="q", sql="select 1", retries=2, owner="me")

    assert (query.task_id, query.sql, query.limit, query.retries) == ("q", "select 1", 10, 2)
    assert query.owner == "me"
    assert repr(query) == "<Task(Query): q>"


def test_default_args_reach_every_class_of_an_operator():
    """What is not given is taken from the DAG's default_args, for each `__init__` on the way."""
    defaults = {"sql": "select 2", "limit": 5, "label": "x", "retry_delay": 1, "nobody": 1}

    with DAG("d", default_args=defaults):
        patient = Patient(task_id="p")

    assert (patient.sql, patient.limit, patient.label) == ("select 2", 5, "x")
    assert patient.retry_delay == timedelta(seconds=1)
    assert not hasattr(patient, "nobody")


def test_explicit_arguments_win_then_the_operators_then_the_dags():
    """The order of Airflow: explicit, `default_args` of the operator, `default_args` of the DAG."""
    with DAG("d", default_args={"limit": 1, "retries": 1, "sql": "dag"}) as dag:
        query = Query(task_id="q", default_args={"limit": 2, "retries": 2}, retries=3)
        patient = Patient(task_id="p", default_args={"retries": 2})

    assert (query.sql, query.limit, query.retries) == ("dag", 2, 3)
    assert patient.retries == 7
    assert dag.default_args == {"limit": 1, "retries": 1, "sql": "dag"}


def test_default_args_of_a_dag_that_is_given_count():
    """`dag=` is as good as a `with` block."""
    dag = DAG("d", default_args={"sql": "dag"})

    assert Query(task_id="q", dag=dag).sql == "dag"
    assert dag.task_ids == ["q"]


def test_hints_of_airflow_in_default_args_are_kept():
    """What Airflow files say of owner, e-mail and queue does no harm."""
    with DAG("d", default_args={"owner": "data", "email": ["a@b"], "start_date": "2020"}):
        empty = EmptyOperator(task_id="e")

    assert (empty.owner, empty.email, empty.start_date) == ("data", ["a@b"], "2020")


def test_an_unknown_argument_is_named_with_its_neighbour():
    """The text names class, task, argument, and what may have been meant; never the value."""
    with pytest.raises(TypeError) as caught:
        Query(task_id="q", sql="s", limt="secret")
    assert str(caught.value) == (
        "Query (task 'q') got unknown argument 'limt'; did you mean 'limit'?"
    )
    with pytest.raises(TypeError, match=r"\(task 'q'\) got unknown arguments 'xx', 'yy'$"):
        Query(task_id="q", sql="s", xx=1, yy=2)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: Query(task_id="q"), "Query is missing keyword argument 'sql'"),
        (Query, "Query is missing keyword argument 'sql'"),
        (BaseOperator, "BaseOperator is missing keyword argument 'task_id'"),
        (lambda: Query("s", task_id="q"), "Query takes keyword arguments only; name each argument"),
    ],
)
def test_arguments_are_named_and_complete(make, text):
    """A missing or unnamed argument is refused with a text that says which."""
    with pytest.raises(TypeError) as caught:
        make()
    assert str(caught.value) == text


def test_an_operator_must_call_its_base():
    """An `__init__` that does not is told what to write."""

    class Forgetful(BaseOperator):
        def __init__(self, **kwargs):
            self.x = 1

    with pytest.raises(TypeError) as caught:
        Forgetful(task_id="f")
    assert str(caught.value) == (
        "Forgetful.__init__ must call super().__init__(task_id=..., **kwargs)"
    )


def test_template_fields_are_names():
    """One text would be taken letter by letter."""
    with pytest.raises(TypeError, match="^Wrong.template_fields must be a tuple of names"):

        class Wrong(BaseOperator):
            template_fields = "sql"


def test_a_dataclass_can_be_an_operator():
    """Fields made before the base is called are linked and rendered as others are."""

    @dataclass(eq=False)
    class Copy(BaseOperator):
        template_fields = ("source",)
        name: str
        source: object

        def __post_init__(self):
            super().__init__(task_id=self.name)

    with DAG("d") as dag:
        first = EmptyOperator(task_id="first")
        Copy("copy", first.output)

    assert dag.get_task("copy").upstream_task_ids == {"first"}


@pytest.mark.parametrize("task_id", ["", "a b", "a/b", "..", "x" * 251, None, 5])
def test_a_task_id_keeps_its_rule(task_id):
    """Ids that could leave their folder, or have blanks, are refused when the task is made."""
    with pytest.raises(InvalidName, match="^task_id of "):
        EmptyOperator(task_id=task_id)


def test_two_tasks_cannot_share_an_id():
    """The second one is refused; the text names DAG and id."""
    with DAG("d"):
        EmptyOperator(task_id="e")
        with pytest.raises(DuplicateTaskId) as caught:
            EmptyOperator(task_id="e")
    assert str(caught.value) == "DAG 'd' has two tasks with the id 'e'; rename one"
    assert (caught.value.dag_id, caught.value.task_id) == ("d", "e")


def test_policies_are_checked_when_the_task_is_made():
    """A wrong rule, delay, count or param is refused before anything runs."""
    with pytest.raises(ValueError, match="trigger_rule must be one of all_success, all_failed"):
        EmptyOperator(task_id="e", trigger_rule="all_sucess")
    with pytest.raises(TypeError, match="retry_delay must be"):
        EmptyOperator(task_id="e", retry_delay="5m")
    with pytest.raises(ValueError, match="retries must not be negative"):
        EmptyOperator(task_id="e", retries=-1)
    with pytest.raises(InvalidParam, match="the default of param 'x' must be plain JSON"):
        EmptyOperator(task_id="e", params={"x": object()})


@pytest.mark.parametrize("rule", TriggerRule)
def test_every_trigger_rule_of_airflow_is_known(rule):
    """Names and members are the same; a run remembers the name."""
    assert EmptyOperator(task_id="e", trigger_rule=rule.value).trigger_rule is rule
    assert EmptyOperator(task_id="e", trigger_rule=rule).describe().trigger_rule == rule.value


def test_the_runtime_knows_every_trigger_rule():
    """No rule can be written that cannot be decided."""
    from crosscom.runtime.trigger_rules import Tally, decide_tally

    for rule in TriggerRule:
        decide_tally(rule.value, Tally())


def test_what_a_run_remembers_of_a_task():
    """A description has edges, reads and policies in plain words; durations are seconds."""
    with DAG("d"):
        first = EmptyOperator(task_id="first")
        query = Query(
            task_id="q",
            sql=[first.output, first.output["k"], first.output],
            retries=2,
            retry_delay=timedelta(minutes=1),
            retry_exponential_backoff=True,
            max_retry_delay=600,
            execution_timeout=timedelta(hours=1),
            trigger_rule="all_done",
            do_xcom_push=False,
            multiple_outputs=True,
            doc_md="Asks.",
        )

    assert query.describe() == TaskDescription(
        task_id="q",
        operator="Query",
        upstream=("first",),
        reads=(("first", "k"), ("first", "return_value")),
        trigger_rule="all_done",
        retries=2,
        retry_delay_seconds=60.0,
        retry_exponential_backoff=2.0,
        max_retry_delay_seconds=600.0,
        execution_timeout_seconds=3600.0,
        do_xcom_push=False,
        multiple_outputs=True,
        doc="Asks.",
    )


def test_a_reference_set_later_makes_an_edge():
    """Assigning a template field after the task was made links as well, other fields do not."""
    with DAG("d"):
        first, second = EmptyOperator(task_id="a"), EmptyOperator(task_id="b")
        query = Query(task_id="q", sql="s")

    query.limit = second.output
    query.sql = {"x": first.output}

    assert query.upstream_task_ids == {"a"}
    assert first.downstream_task_ids == {"q"}


def test_a_reference_put_into_a_field_is_found_by_describe():
    """A field changed in place is looked at again when the DAG is described."""
    with DAG("d") as dag:
        first = EmptyOperator(task_id="a")
        query = Query(task_id="q", sql=[])
    query.sql.append(first.output)

    assert dag.describe().by_id["q"].upstream == ("a",)


def test_a_task_without_a_dag_stands_alone():
    """It has no DAG, no neighbours, and can join one later with what it refers to."""
    first = EmptyOperator(task_id="a")
    query = Query(task_id="q", sql=first.output)
    assert (query.dag, query.dag_id, query.upstream_list) == (None, None, [])

    dag = DAG("d")
    dag.add_task(query)

    assert query.upstream_list == [first]
    assert first.downstream_list == [query]
    assert (query.dag, first.dag_id) == (dag, "d")


def test_a_task_joins_one_dag_for_good():
    """`task.dag = dag` joins it; leaving it or joining another one is refused."""
    dag = DAG("d")
    query = Query(task_id="q", sql="s")

    query.dag = dag
    query.dag = dag

    assert dag.tasks == [query]
    for other in (DAG("other"), None):
        with pytest.raises(DagError, match="^task 'q' stays in DAG 'd'; make another one instead$"):
            query.dag = other


def test_preparing_changes_nothing_but_the_copy(context_of):
    """References and templates are there in the copy; the task can be prepared again."""
    with DAG("d", params={"n": 5}):
        first = EmptyOperator(task_id="a")
        query = Query(task_id="q", sql=["{{ params.n }}", first.output, {"x": ("{{ ds }}",)}])
    before = copy.copy(query.sql)
    context = context_of(query, {("a", "return_value"): [1]})

    ready = query.prepare(context)

    assert ready.execute(context) == ["5", [1], {"x": ("2026-01-31",)}]
    assert query.sql == before
    assert query.prepare(context).sql == ready.sql


def test_what_a_prepared_task_does_to_itself_stays_with_it(context_of):
    """Setting a template field while it runs links nothing and changes no other try."""
    with DAG("d"):
        query = Query(task_id="q", sql="s")

    other = EmptyOperator(task_id="other", dag=query.dag)
    ready = query.prepare(context_of(query))
    ready.sql = ["changed", other.output]

    assert query.sql == "s"
    assert other.downstream_task_ids == set()


def test_an_operator_without_execute_says_so(context_of):
    """Running the base itself is an error that names the class."""
    bare = BaseOperator(task_id="b", dag=DAG("d"))

    with pytest.raises(NotImplementedError) as caught:
        bare.execute(context_of(bare))
    assert str(caught.value) == "BaseOperator has no execute(self, context) of its own"
    bare.on_kill()
