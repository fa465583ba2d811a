"""The DAGs of a loaded file."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from crosscom.authoring.dag import DAG
from crosscom.errors import DagError


def collect_dags(namespace: Mapping[str, object], recorded: Collection[DAG] = ()) -> list[DAG]:
    """Give the DAGs of a loaded file: those it made, in that order, then those it imported.

    Args:
        namespace: The file's globals.
        recorded: What `recording_dags` gave while the file was loaded: DAGs whose `with` block
            or `@dag` call ended there, also where no global names them.

    Raises:
        DagError: Two of them have one id.
    """
    found = dict.fromkeys(recorded)
    found.update(dict.fromkeys(value for value in namespace.values() if isinstance(value, DAG)))
    by_id: dict[str, DAG] = {}
    for dag in found:
        if by_id.setdefault(dag.dag_id, dag) is not dag:
            msg = f"there are two DAGs with the id {dag.dag_id!r} in this file; rename one"
            raise DagError(msg, dag_id=dag.dag_id)
    return list(found)
