"""pytest fixtures: a store in memory, `run_dag`, `run_task`, a home of its own.

pytest imports this module at each of its starts, in every project where crosscom is installed:
each fixture imports what it needs itself.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from crosscom.runtime.dag_run import DagRun
    from crosscom.testing.dags import TaskResult


@pytest.fixture
def crosscom_store() -> Any:
    """Give an empty XCom store in memory: `push(address, value)`, `pull(address)`."""
    from crosscom.handles import open  # noqa: A004, PLC0415 - see above

    return open("memory:")


@pytest.fixture
def run_dag() -> Callable[..., DagRun]:
    """Give `crosscom.testing.run_dag`: a DAG is run to its end in this process."""
    from crosscom.testing import dags  # noqa: PLC0415 - see above

    return dags.run_dag


@pytest.fixture
def run_task() -> Callable[..., TaskResult]:
    """Give `crosscom.testing.run_task`: one task is tried on given upstream values."""
    from crosscom.testing import dags  # noqa: PLC0415 - see above

    return dags.run_task


@pytest.fixture
def crosscom_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an empty home: what is run or opened in this test keeps its store and logs there."""
    home = tmp_path / "crosscom_home"
    home.mkdir()
    monkeypatch.setenv("CROSSCOM_HOME", str(home))
    # A store that the developer's shell names is not this test's.
    monkeypatch.delenv("CROSSCOM__CORE__STORE", raising=False)
    return home
