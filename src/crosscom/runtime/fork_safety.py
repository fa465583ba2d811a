"""Whether a process that loaded a DAG file may be forked, or its children must start by exec.

A fork copies memory but only one thread. What another thread held at that moment stays locked
in the child for ever.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

_TASKS = Path("/proc/self/task")
_MAPS = Path("/proc/self/maps")

UNSAFE_ONCE_IMPORTED: Mapping[str, str] = {
    "polars": "its thread pool does not survive a fork (docs.pola.rs, Multiprocessing)",
    "obstore": "a forked child waits for ever in its first call",
    "jax": "it is multi-threaded and warns of deadlocks after a fork",
    "jaxlib": "it is multi-threaded and warns of deadlocks after a fork",
    "tensorflow": "its thread pools do not survive a fork",
    "datafusion": "its runtime panics after a fork",
    "lance": "its runtime's threads do not survive a fork",
    "deltalake": "its runtime's threads do not survive a fork",
    "jpype": "a JVM does not survive a fork",
}
"""Libraries that start threads of their own when they are imported or first used, and why."""

UNSAFE_WITH_THREADS: Mapping[str, str] = {
    "grpc": "gRPC that was used before a fork is not supported after it",
    "ray": "a connection to Ray cannot be shared between processes",
    "torch": "its OpenMP threads do not survive a fork",
    "pyarrow.flight": "Flight that was used before a fork does not work after it",
}
"""Libraries that may be imported, but not used, before a fork: their threads tell."""

# OpenBLAS and Arrow take their thread pools down before a fork and build them up after it.
_THREADS_THAT_SURVIVE = ("openblas", "libarrow")


def why_not_fork(modules: Mapping[str, ModuleType] | None = None) -> str | None:
    """Give the reason why this process must not be forked, or None where it may be.

    Args:
        modules: What is loaded; `sys.modules` by default.
    """
    loaded = sys.modules if modules is None else modules
    if sys.platform != "linux":
        return f"forking is not safe on {sys.platform}"
    for name, reason in UNSAFE_ONCE_IMPORTED.items():
        if name in loaded:
            return f"{name} is loaded, and {reason}"
    if _uses_cuda(loaded):
        return "torch uses CUDA, which does not survive a fork"
    threads = [thread.name for thread in threading.enumerate()][1:]
    if threads:
        return f"loading the file started {len(threads)} thread(s): {', '.join(threads[:3])}"
    return _why_not_for_foreign_threads(loaded)


def _uses_cuda(loaded: Mapping[str, ModuleType]) -> bool:
    cuda = loaded.get("torch.cuda")
    return bool(cuda is not None and cuda.is_initialized())


def _why_not_for_foreign_threads(loaded: Mapping[str, ModuleType]) -> str | None:
    """Judge by the threads that Python does not know."""
    foreign = sum(1 for _ in _TASKS.iterdir()) - 1
    if foreign <= 0:
        return None
    for name, reason in UNSAFE_WITH_THREADS.items():
        if name in loaded:
            return f"{name} runs {foreign} thread(s), and {reason}"
    if _survivors() == 0:
        return f"a library runs {foreign} thread(s) of its own"
    return None


def _survivors() -> int:
    """Count the loaded libraries whose threads are known to survive a fork."""
    text = _MAPS.read_text(encoding="utf-8", errors="replace")
    return sum(name in text for name in _THREADS_THAT_SURVIVE)
