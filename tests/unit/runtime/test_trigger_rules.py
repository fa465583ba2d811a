"""Every trigger rule of Airflow 3, as a table over all that two upstream tasks can be."""

from itertools import combinations_with_replacement, product

import pytest

from crosscom.model import TaskState
from crosscom.runtime.trigger_rules import TRIGGER_RULES, Decision, decide

_LETTERS = {
    "s": TaskState.SUCCESS,
    "f": TaskState.FAILED,
    "k": TaskState.SKIPPED,
    "u": TaskState.UPSTREAM_FAILED,
    "r": TaskState.RUNNING,
}
_ANSWERS = {
    "R": Decision.RUN,
    "w": Decision.WAIT,
    "K": Decision.SKIPPED,
    "U": Decision.UPSTREAM_FAILED,
}

# One column for each pair: ss sf sk su sr  ff fk fu fr  kk ku kr  uu ur  rr.
# Read off Airflow 3's TriggerRuleDep.
_PAIRS = ["".join(pair) for pair in combinations_with_replacement("sfkur", 2)]
_TABLE = {
    "all_success": "R  U  K  U  w  U  U  U  U  K  U  K  U  U  w",
    "all_failed": "K  K  K  K  K  R  K  R  w  K  K  K  R  w  w",
    "all_done": "R  R  R  R  w  R  R  R  w  R  R  w  R  w  w",
    "all_done_setup_success": "R  R  R  R  w  R  R  R  w  R  R  w  R  w  w",
    "all_done_min_one_success": "R  R  K  R  w  U  K  U  w  K  K  K  U  w  w",
    "one_success": "R  R  R  R  R  U  U  U  w  K  U  w  U  w  w",
    "one_failed": "K  R  K  R  w  R  R  R  R  K  R  w  R  R  w",
    "one_done": "R  R  R  R  R  R  R  R  R  K  K  w  K  w  w",
    "none_failed": "R  U  R  U  w  U  U  U  U  R  U  w  U  U  w",
    "none_failed_min_one_success": "R  U  R  U  w  U  U  U  U  K  U  w  U  U  w",
    "none_skipped": "R  R  K  R  w  R  K  R  w  K  K  K  R  w  w",
    "all_skipped": "K  K  K  K  K  K  K  K  K  R  K  w  K  K  w",
    "always": "R  R  R  R  R  R  R  R  R  R  R  R  R  R  R",
}
_CASES = [
    pytest.param(rule, pair, _ANSWERS[answer], id=f"{rule}-{pair}")
    for rule, answers in _TABLE.items()
    for pair, answer in zip(_PAIRS, answers.split(), strict=True)
]


@pytest.mark.parametrize(("rule", "pair", "expected"), _CASES)
def test_decides_as_airflow_does(rule, pair, expected):
    """Each rule answers for each pair of upstream states as Airflow 3 does, in both orders."""
    states = [_LETTERS[letter] for letter in pair]

    assert expected is decide(rule, states)
    assert expected is decide(rule, reversed(states))


def test_the_table_names_every_rule():
    """No rule is left out of the table."""
    assert set(_TABLE) == set(TRIGGER_RULES)


@pytest.mark.parametrize("rule", TRIGGER_RULES)
def test_a_task_without_upstream_runs(rule):
    """Whatever its rule, a task that waits for nothing runs."""
    assert Decision.RUN is decide(rule, [])


@pytest.mark.parametrize("rule", TRIGGER_RULES)
def test_every_end_is_an_answer(rule):
    """Once all upstream tasks ended no rule waits, so no run can come to a standstill."""
    ends = [state for state in TaskState if state.is_finished]

    for states in product(ends, repeat=3):
        assert Decision.WAIT is not decide(rule, states)


@pytest.mark.parametrize("rule", TRIGGER_RULES)
def test_to_run_is_never_taken_back(rule):
    """What may run while others work may still run when those have ended, however they end."""
    ends = [state for state in TaskState if state.is_finished and state is not TaskState.REMOVED]

    for first, second in product(ends, repeat=2):
        if decide(rule, [first, TaskState.RUNNING]) is Decision.RUN:
            assert Decision.RUN is decide(rule, [first, second])


def test_removed_task_instances_do_not_count():
    """An upstream task instance that was removed is as if it had never been."""
    states = [TaskState.SUCCESS, TaskState.REMOVED]

    assert Decision.RUN is decide("all_success", states)
    assert Decision.WAIT is decide("all_success", [*states, TaskState.RUNNING])


def test_an_unknown_rule_is_a_key_error():
    """A rule that does not exist decides nothing."""
    with pytest.raises(KeyError, match="sometimes"):
        decide("sometimes", [TaskState.SUCCESS])
