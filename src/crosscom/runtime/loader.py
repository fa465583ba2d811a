"""DAG files: loaded once per process, as plain modules that find what lies beside them."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from crosscom.authoring import DAG, collect_dags, recording_dags
from crosscom.errors import CrosscomError, DagError, DagFileError, DagNotFound
from crosscom.model.nearest import nearest
from crosscom.runtime.fresh_imports import import_from_source


def load_dag_file(path: Path, bundle_root: Path) -> list[DAG]:
    """Run a DAG file and give the DAGs it made, in the order in which it made them.

    Its folder comes first on `sys.path`, so that it finds what lies beside it. The module keeps
    the file's own name where no other has it, so that helpers that import it back, and
    processes that its tasks start, meet the same classes.

    Args:
        path: The file.
        bundle_root: The folder of the run's code; the text of an error names the last line in
            there.

    Raises:
        DagFileError: There is no such file, or running it raised; names file and line.
        DagCycle: Its tasks wait for each other.
        DuplicateTaskId: Two of its tasks have one id.
    """
    try:
        source = path.read_bytes()
    except OSError as error:
        msg = f"cannot read the DAG file {path}: {error.strerror}"
        raise DagFileError(msg, path=str(path)) from None
    if str(path.parent) not in sys.path:
        sys.path.insert(0, str(path.parent))
    import_from_source(bundle_root)
    module = ModuleType(_module_name(path))
    module.__file__ = str(path)
    sys.modules[module.__name__] = module
    try:
        # A DAG file is the user's own program: running it is what was asked for.
        with recording_dags() as recorded:
            exec(compile(source, str(path), "exec", dont_inherit=True), vars(module))  # noqa: S102
        return collect_dags(vars(module), recorded)
    except BaseException as error:
        sys.modules.pop(module.__name__, None)
        if isinstance(error, (DagError, KeyboardInterrupt)):
            raise
        # The edge to the user's code: whatever it raises, also SystemExit, becomes one error.
        raise DagFileError(_why(error, path, bundle_root), path=str(path)) from error


def pick_dag(dags: Sequence[DAG], dag_id: str | None, path: Path) -> DAG:
    """Give the DAG with that id; without an id, the only one.

    Raises:
        DagNotFound: There is none, or several and no id; names those that are there.
    """
    if not dags:
        msg = f"there is no DAG in {path}; make one, as in `with DAG('my_dag'): ...`"
        raise DagNotFound(msg, dag_id=dag_id)
    names = [dag.dag_id for dag in dags]
    if dag_id is None:
        if len(dags) == 1:
            return dags[0]
        msg = f"there are {len(dags)} DAGs in {path}: {', '.join(names)}; say which one"
        raise DagNotFound(msg, dag_id=None)
    for dag in dags:
        if dag.dag_id == dag_id:
            return dag
    near = nearest(dag_id, names)
    hint = f"did you mean {near!r}?" if near else "choose one of these"
    msg = f"there is no DAG {dag_id!r} in {path}, which has {', '.join(names)}; {hint}"
    raise DagNotFound(msg, dag_id=dag_id)


def _module_name(path: Path) -> str:
    name = path.stem
    if name.isidentifier() and name not in sys.modules and name not in sys.stdlib_module_names:
        return name
    return f"dag_file_{''.join(c if c.isalnum() else '_' for c in name)}"


def _why(error: BaseException, path: Path, bundle_root: Path) -> str:
    what = f"cannot load the DAG file {path}: {_told(error)} ({_where(error, path, bundle_root)})"
    if isinstance(error, CrosscomError):
        return what
    return f"{what}; `python {path}` shows the whole traceback"


def _told(error: BaseException) -> str:
    name = type(error).__name__
    lines = (error.msg if isinstance(error, SyntaxError) else str(error)).split("\n")
    return f"{name}: {lines[0]}" if lines[0] else name


def _where(error: BaseException, path: Path, bundle_root: Path) -> str:
    """Name the last line of the user's own code that was running."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno}"
    found = f"{path}:1"
    for frame in traceback.extract_tb(error.__traceback__):
        if Path(frame.filename).is_relative_to(bundle_root) and frame.lineno:
            found = f"{frame.filename}:{frame.lineno}"
    return found
