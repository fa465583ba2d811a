"""What a store promises about Variables."""

# ruff: noqa: S101 - asserting is what a contract is for

from __future__ import annotations

from crosscom.model import (
    Bundle,
)
from crosscom.stores.base import Store
from crosscom.testing.contracts.samples import (
    at,
    encoded,
    new_run,
    resting,
)

BUNDLE = Bundle(
    digest="b1",
    root="/home/ann/dags",
    dag_file="sales.py",
    files=(("shapes.py", "d2"), ("templates/ü.sql", "d3")),
)


class VariableContract:
    """Variables: named texts that belong to no run."""

    def test_variable_comes_back(self, store: Store) -> None:
        """A Variable's text is kept as it is; an unknown one is None, an empty one is not."""
        store.set_variable("region", "eu\n'ü'")
        store.set_variable("empty", "")

        assert store.get_variable("region") == "eu\n'ü'"
        assert store.get_variable("empty") == ""
        assert store.get_variable("nobody") is None

    def test_variable_is_replaced(self, store: Store) -> None:
        """Setting a Variable again replaces its text, with and without a description."""
        store.set_variable("region", "eu", description="where we sell")
        store.set_variable("region", "us")

        assert store.get_variable("region") == "us"
        assert store.variable_keys() == ["region"]

    def test_variable_is_deleted_once(self, store: Store) -> None:
        """Deleting tells whether there was something."""
        store.set_variable("region", "eu")

        assert [store.delete_variable("region") for _ in range(2)] == [True, False]
        assert store.get_variable("region") is None

    def test_variable_keys_are_sorted_by_prefix(self, store: Store) -> None:
        """Keys are listed by how they begin; no character of the prefix is special."""
        for key in ("b_2", "a%1", "b%1", "b_1", "B_1", "ab"):
            store.set_variable(key, "x")

        assert store.variable_keys() == sorted(["b_2", "a%1", "b%1", "b_1", "B_1", "ab"])
        assert store.variable_keys("b_") == ["b_1", "b_2"]
        assert store.variable_keys("b%") == ["b%1"]
        assert store.variable_keys("zzz") == []

    def test_variables_belong_to_no_run(self, store: Store) -> None:
        """A Variable is no XCom: neither sees the other."""
        store.create_run(new_run())
        store.set_variable("rows", "text")
        store.put_by_hand(at("rows"), encoded("xcom"), reason="a test")

        assert store.get_variable("rows") == "text"
        assert resting(store, at("rows")) == "xcom"
