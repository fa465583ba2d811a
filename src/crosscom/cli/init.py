"""`crosscom init`: a folder with a first DAG."""

from __future__ import annotations

from pathlib import Path

from crosscom.cli.options import AsJson
from crosscom.cli.output import emit, emit_json
from crosscom.cli.refusals import BadArgument

_DAG_FILE = "first.py"

_DAG = '''\
"""Three tasks that pass values to each other. Run them with: crosscom run first.py"""

from crosscom import dag, task


@dag
def first():
    @task
    def measure():
        return {"london": [11, 14, 9], "oslo": [2, -1, 4], "rome": [19, 22, 20]}

    @task
    def average(days):
        return {city: sum(values) / len(values) for city, values in days.items()}

    @task
    def warmest(averages):
        city = max(averages, key=averages.get)
        print("the warmest city is", city)
        return city

    warmest(average(measure()))


first()
'''

_SETTINGS = """\
# Every option and its meaning: docs/reference/settings.md

[core]
# How many tasks run at once; the number of processors where it is not set.
# slots = 4
"""

_IGNORED = """\
.crosscom/
__pycache__/
"""

_FILES = {_DAG_FILE: _DAG, "crosscom.toml": _SETTINGS, ".gitignore": _IGNORED}


def init(name: str, /, *, json: AsJson = False) -> None:
    """Make a folder with a first DAG in it.

    Args:
        name: The folder; it must be missing or empty.
    """
    folder = Path(name)
    try:
        if folder.is_dir() and any(folder.iterdir()):
            msg = f"cannot make a project in {folder}: the folder is not empty; choose another name"
            raise BadArgument(msg)
        folder.mkdir(parents=True, exist_ok=True)
        for file, text in _FILES.items():
            (folder / file).write_text(text, encoding="utf-8")
    except OSError as error:
        msg = f"cannot make a project in {folder}: {error.strerror}"
        raise BadArgument(msg) from None
    if json:
        emit_json({"folder": str(folder), "files": list(_FILES)})
        return
    emit(f"made {folder}: {', '.join(_FILES)}")
    emit(f"now:  cd {folder} && crosscom run {_DAG_FILE}")
