"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
import re
import sqlite3
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

_LIBRARIES = ("crosscom", "msgspec", "blake3", "jinja2", "cyclopts")


def describe(scratch: Path) -> list[str]:
    """Give what matters of this machine, one fact a line; *scratch* tells the file system."""
    libraries = ", ".join(f"{name} {metadata.version(name)}" for name in _LIBRARIES)
    return [
        f"Date: {datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        f"CPU: {_cpu()}, {len(_cores())} cores",
        f"Memory: {_memory()}; scratch folder on {_file_system(scratch)}",
        f"System: {platform.system()} {platform.release()}",
        f"Python: {platform.python_implementation()} {platform.python_version()}",
        f"Libraries: SQLite {sqlite3.sqlite_version}, {libraries}",
    ]


def load() -> float:
    """Give how many processes wanted to run, on the average of the last minute."""
    return os.getloadavg()[0]


def busy(before: float) -> str | None:
    """Give a warning when others used the machine before the run began; else None."""
    if before <= 0.25 * len(_cores()):
        return None
    return f"the machine was not idle (load {before:.2f} before the run): the figures are noisy"


def _cores() -> set[int]:
    if hasattr(os, "sched_getaffinity"):
        return os.sched_getaffinity(0)
    return set(range(os.cpu_count() or 1))


def _cpu() -> str:
    return _field(Path("/proc/cpuinfo"), "model name") or platform.processor() or "unknown"


def _memory() -> str:
    total = _field(Path("/proc/meminfo"), "MemTotal")
    return "unknown" if total is None else f"{int(total.split()[0]) / 2**20:.1f} GiB"


def _field(path: Path, name: str) -> str | None:
    if not path.exists():
        return None
    found = re.search(rf"^{name}\s*:\s*(.+)$", path.read_text(), re.MULTILINE)
    return found and found[1].strip()


def _file_system(folder: Path) -> str:
    """Give the type of the nearest mount above *folder*."""
    mounts = Path("/proc/mounts")
    if not mounts.exists():
        return "an unknown file system"
    fields = [line.split()[1:3] for line in mounts.read_text().splitlines()]
    above = [(len(place), kind) for place, kind in fields if folder.resolve().is_relative_to(place)]
    return max(above)[1] if above else "an unknown file system"
