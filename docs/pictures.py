"""Make the pictures of the documentation anew, from what the commands really print.

Run it in the development environment: python docs/pictures.py
"""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

COLUMNS = 112
IMAGES = Path(__file__).parent / "images"
# No web font: a picture shows with what the reader has, and asks no other machine.
FORMAT = """\
<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
text {{ font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; }}
.{unique_id}-matrix {{ font-size: {char_height}px; line-height: {line_height}px; }}
{styles}
</style>
<rect width="{width}" height="{height}" rx="8" fill="#16181d"/>
<defs>{lines}</defs>
<g transform="translate(16, 24)">
{backgrounds}
<g class="{unique_id}-matrix">{matrix}</g>
</g>
</svg>
"""


def on_a_terminal(*command: str) -> str:
    """Run a command on a terminal of its own and give what it shows there at the end."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(COLUMNS), "TERM": "xterm-256color"}
    with tempfile.TemporaryDirectory() as folder:
        environment["CROSSCOM_HOME"] = f"{folder}/.crosscom"
        # The command is written below, and the program is that of this environment.
        with subprocess.Popen(  # noqa: S603
            command, stdout=theirs, stderr=theirs, cwd=folder, env=environment
        ) as process:
            os.close(theirs)
            shown = b"".join(iter(lambda: _read(ours), b""))
    os.close(ours)
    if process.returncode != 0:
        sys.exit(f"{command[0]} ended with {process.returncode}")
    # A line that was written over shows only what was written last.
    lines = re.split(r"\r*\n", shown.decode())
    return "\n".join(line.rpartition("\x1b[2K")[2] for line in lines)


def picture(text: str, title: str) -> str:
    """Give terminal output as SVG."""
    console = Console(width=COLUMNS, record=True, file=io.StringIO(), force_terminal=True)
    console.print(Text.from_ansi(text), no_wrap=True, crop=True)
    return console.export_svg(title=title, code_format=FORMAT, unique_id="crosscom")


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:
        return b""


def main() -> None:
    """Write every picture."""
    crosscom = str(Path(sys.executable).with_name("crosscom"))
    shown = on_a_terminal(crosscom, "demo")
    ending = shown[shown.index("\x1b[1mwhat each task passed") :]
    ending = ending.replace(crosscom, "crosscom").rstrip()
    IMAGES.mkdir(exist_ok=True)
    IMAGES.joinpath("demo.svg").write_text(picture(ending, "crosscom demo"), encoding="utf-8")


if __name__ == "__main__":
    main()
