"""Order and cycles, on names alone."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosscom.authoring.topology import find_cycle, topological_order


@st.composite
def graphs(draw):
    """Draw what each of some names waits for; cycles may be among it."""
    names = draw(st.lists(st.sampled_from("abcdefgh"), unique=True, min_size=1))
    return {name: draw(st.lists(st.sampled_from(names), unique=True)) for name in names}


@given(graphs())
def test_an_order_puts_each_after_what_it_waits_for_or_there_is_a_cycle(upstream):
    """Either every name comes after those it waits for, or a way leads back to its begin."""
    order = topological_order(upstream)

    if order is None:
        cycle = find_cycle(upstream)
        assert cycle[0] == cycle[-1]
        assert all(before in upstream[after] for before, after in pairwise(cycle))
    else:
        assert sorted(order) == sorted(upstream)
        place = {name: number for number, name in enumerate(order)}
        assert all(place[one] < place[name] for name in upstream for one in upstream[name])


def test_ties_keep_the_order_of_definition():
    """Names that wait for nothing stay as they were given, wherever they can."""
    order = topological_order({"z": [], "y": [], "a": ["y"], "x": []})

    assert order == ["z", "y", "a", "x"]


def test_a_name_that_waits_for_itself_is_a_cycle():
    """The shortest cycle is one name."""
    assert topological_order({"a": ["a"]}) is None
    assert find_cycle({"a": ["a"]}) == ["a", "a"]


def test_a_cycle_is_found_behind_what_leads_to_it():
    """Names before and after the cycle are no part of what is told."""
    upstream = {"begin": [], "b": ["begin", "d"], "c": ["b"], "d": ["c"], "end": ["d"]}

    assert find_cycle(upstream) == ["b", "c", "d", "b"]


def test_looking_for_a_cycle_where_none_is_is_refused():
    """Without a cycle there is nothing to give."""
    with pytest.raises(ValueError, match="there is no cycle"):
        find_cycle({"a": [], "b": ["a"]})


@pytest.mark.parametrize("last", [[], ["n9999"]])
def test_no_chain_is_too_long(last):
    """Ten thousand names in a row are ordered, or found to be a ring, without recursion."""
    upstream = {f"n{i}": [f"n{i - 1}"] if i else last for i in range(10_000)}

    order = topological_order(upstream)

    assert (order or find_cycle(upstream))[0] == "n0"
    assert len(order or find_cycle(upstream)) == 10_000 + bool(last)
