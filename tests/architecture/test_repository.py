"""What the repository holds, and what it must not."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOT_OURS = {".git", ".dev", ".venv", "dist", "__pycache__", ".crosscom", ".hypothesis"}
# Written in two parts, so that this file does not name them.
REGISTRY_HOSTS = ("pypi" + ".org", "python" + "hosted.org", "pypi" + ".python")


def texts():
    """Give every text file of the repository with its content."""
    for path in sorted(ROOT.rglob("*")):
        inside = path.relative_to(ROOT)
        hidden = any(part in NOT_OURS or part.endswith("_cache") for part in inside.parts)
        if path.is_file() and not hidden:
            try:
                yield str(inside), path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue


def test_no_file_names_a_registry():
    """Whoever reaches packages through an index of their own finds no other address here."""
    named = {name for name, text in texts() if any(host in text for host in REGISTRY_HOSTS)}

    assert named == set()


@pytest.mark.parametrize("name", ["uv.lock", ".python-version", "poetry.lock", "setup.py"])
def test_nothing_ties_the_set_up(name):
    """No file fixes a registry, an interpreter or another way to build."""
    assert not (ROOT / name).exists()


@pytest.mark.parametrize("name", ["uv.txt", "runtime.txt", "dev.txt"])
def test_every_requirement_is_pinned_and_hashed(name):
    """Each package that is installed has one version and the hashes of its files."""
    text = (ROOT / "requirements" / name).read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]

    assert lines
    assert [line for line in lines if not re.match(r"[\w.-]+==\S+ .*--hash=sha256:", line)] == []


def test_the_runtime_is_part_of_the_tests():
    """What the tests run with has the very versions that users of the lock get."""
    runtime, dev = (
        set(re.findall(r"^[\w.-]+==\S+", (ROOT / "requirements" / name).read_text(), re.MULTILINE))
        for name in ("runtime.txt", "dev.txt")
    )

    assert runtime <= dev


def test_links_lead_somewhere():
    """Each relative link of the documentation points at a file that is there."""
    broken = {
        f"{name}: {target}"
        for name, text in texts()
        if name.endswith(".md")
        for target in re.findall(r"\]\(([^)#\s]+)[^)\s]*\)", text)
        if not (re.match(r"\w+:", target) or (ROOT / name).parent.joinpath(target).exists())
    }

    assert broken == set()


def test_the_wheel_holds_what_runs(tmp_path):
    """A built wheel has every file of the package: modules, SQL, the demo's DAG, py.typed."""
    uv = ROOT / ".dev" / "uv" / "bin" / "uv"
    builder = str(uv) if uv.exists() else shutil.which("uv")
    if builder is None:
        pytest.skip("no uv: `python3 dev.py test` brings it")

    command = [builder, "build", "--wheel", "--offline", "--out-dir", str(tmp_path), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)

    (wheel,) = tmp_path.glob("*.whl")
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    source = ROOT / "src"
    there = {
        str(path.relative_to(source))
        for path in (source / "crosscom").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert there == {name for name in held if not name.endswith("/")}
    assert {"crosscom/py.typed", "crosscom/stores/sql/sqlite/0001_initial.sql"} <= held
