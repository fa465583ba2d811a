"""Environments for the peers: made once, in a folder of their own, and kept."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

_INSTALL_SECONDS = 1800.0
_DEV_UV = Path(__file__).resolve().parents[2] / ".dev" / "uv" / "bin" / "uv"


def default_folder() -> Path:
    """Give the folder where environments are kept between runs."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "crosscom-benchmarks"


def environment_with(folder: Path, requirements: tuple[str, ...]) -> Path:
    """Give the Python of an environment that holds *requirements*; made where it is missing.

    Packages come from the index that pip and uv are configured for.
    """
    python = folder / "bin" / "python"
    note = folder / "requirements.txt"
    wanted = "\n".join(requirements)
    if note.exists() and note.read_text() == wanted:
        return python
    print(f"making {folder} with {', '.join(requirements)} ...", file=sys.stderr, flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    _make(folder, python, requirements)
    # Written last: an environment that was interrupted is made anew.
    note.write_text(wanted)
    return python


def variables_for(python: Path, **more: str) -> dict[str, str]:
    """Give what a program in the environment of *python* is told.

    Nothing that would bring it modules from elsewhere: the same DAG file is crosscom's where
    crosscom can be imported.
    """
    own = {name: text for name, text in os.environ.items() if not name.startswith("PYTHON")}
    path = f"{python.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return {**own, "PATH": path, **more}


def _make(folder: Path, python: Path, requirements: tuple[str, ...]) -> None:
    uv = str(_DEV_UV) if _DEV_UV.exists() else shutil.which("uv")
    if uv is None:
        _run(sys.executable, "-m", "venv", str(folder))
        _run(str(python), "-m", "pip", "install", "--quiet", *requirements)
    else:
        _run(uv, "venv", "--quiet", "--python", sys.executable, str(folder))
        _run(uv, "pip", "install", "--quiet", "--python", str(python), *requirements)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, timeout=_INSTALL_SECONDS)
