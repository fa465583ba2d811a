"""A DAG file, loaded in this process: its code, and what others may know of it."""

from __future__ import annotations

import json
import os
from pathlib import Path

from crosscom.authoring import DAG
from crosscom.runtime.bundle import collect_bundle
from crosscom.runtime.child import Code
from crosscom.runtime.loader import load_dag_file, pick_dag
from crosscom.runtime.template_files import template_files
from crosscom.runtime.wire import Load, Loaded
from crosscom.settings import HOME_VARIABLE

_STORE_VARIABLE = "CROSSCOM__CORE__STORE"


def load_code(load: Load) -> tuple[Code, Loaded]:
    """Load a DAG file; give the code, and what there is to tell about it.

    Raises:
        DagError: It could not be loaded, has no such DAG, or its params are not met.
    """
    # What a task starts, as `crosscom get`, finds the same store wherever it stands.
    os.environ[HOME_VARIABLE] = str(load.settings.home)
    os.environ[_STORE_VARIABLE] = load.settings.store_url
    path, root = Path(load.path), Path(load.root)
    dag = pick_dag(load_dag_file(path, root), load.dag_id, path)
    code = Code(dag, dag.describe(), root, load.settings)
    bundle, sources = collect_bundle(
        path, root, further=template_files(dag), include=load.settings.bundle_include
    )
    params = "{}" if load.conf is None else _resolved_params(dag, load.conf)
    return code, Loaded(code.description.to_json(), bundle, sources, params)


def _resolved_params(dag: DAG, conf: str) -> str:
    return json.dumps(dag.resolve_params(json.loads(conf)))
