"""A place to run DAGs in, once with each store."""

from collections.abc import Callable, Iterator

import pytest

from crosscom import DAG
from crosscom.runtime.dag_run import DagRun
from crosscom.runtime.inline import run_inline
from crosscom.runtime.workplace import Workplace
from crosscom.settings import load_settings
from crosscom.stores.base import Store
from crosscom.stores.memory import MemoryStore
from crosscom.stores.opening import open_store


@pytest.fixture(params=["memory", "sqlite"])
def store(request, tmp_path) -> Iterator[Store]:
    """Give an empty store."""
    if request.param == "memory":
        yield MemoryStore()
        return
    sqlite = open_store(f"sqlite://{tmp_path}/crosscom.db")
    yield sqlite
    sqlite.close()


@pytest.fixture
def run(store) -> Callable[..., DagRun]:
    """Give a function that runs a DAG in the store of this test, and gives the `DagRun`."""

    def run_in_store(dag: DAG, conf=None, **arguments) -> DagRun:
        place = Workplace.of(dag, store, load_settings())
        return place.show(run_inline(place, place.new_run(conf, **arguments)))

    return run_in_store
