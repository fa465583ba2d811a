"""BashOperator: a task that runs a command."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from subprocess import PIPE, Popen
from tempfile import TemporaryDirectory
from typing import Any

from crosscom.authoring.context import Context
from crosscom.authoring.operator import BaseOperator
from crosscom.errors import CommandFailed, SkipException


def _as_it_is(line: str) -> Any:
    return line


class BashOperator(BaseOperator):
    """Runs a command in Bash; the last line it writes to stdout is pushed as `return_value`.

    What it writes appears in the try's log at once. It runs in the try's process group, and
    ends with it. What it writes to stderr is never the value.

    Args:
        bash_command: The command, or the name of a `.sh` or `.bash` file (a template).
        env: Its environment instead of this process's; a template field.
        append_env: Add *env* to this process's environment instead.
        cwd: Its folder; one made for it, and removed after it, by default. A template field.
        skip_on_exit_code: The exit codes that end the task as skipped; None for none.
        output_encoding: The encoding of what it writes; bytes that are none are shown escaped.
        output_processor: Makes the value of the last line.

    Raises:
        CommandFailed: (by `execute`) It ended with another code than 0; the text names the code.
    """

    template_fields: Sequence[str] = ("bash_command", "env", "cwd")
    template_ext: Sequence[str] = (".sh", ".bash")

    def __init__(
        self,
        *,
        bash_command: str,
        env: Mapping[str, str] | None = None,
        append_env: bool = False,
        cwd: str | os.PathLike[str] | None = None,
        skip_on_exit_code: int | Container[int] | None = 99,
        output_encoding: str = "utf-8",
        output_processor: Callable[[str], Any] = _as_it_is,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.bash_command = bash_command
        self.env = env
        self.append_env = append_env
        self.cwd = cwd
        self.skip_on_exit_code = (
            (skip_on_exit_code,) if isinstance(skip_on_exit_code, int) else skip_on_exit_code or ()
        )
        self.output_encoding = output_encoding
        self.output_processor = output_processor
        self._process: Popen[bytes] | None = None

    def execute(self, context: Context) -> Any:
        """Run the command, and give its last line as *output_processor* makes it."""
        kind = type(self.bash_command).__name__
        if kind != "str":
            # A reference or a native template may have become anything.
            msg = f"bash_command of task {self.task_id!r} must be text; it became a {kind}"
            raise TypeError(msg)
        with self._folder() as folder:
            exit_code, last_line = self._run(folder, self._environment(context))
        if exit_code in self.skip_on_exit_code:
            msg = f"the command ended with exit code {exit_code}, which skips the task"
            raise SkipException(msg)
        if exit_code != 0:
            how = f"exit code {exit_code}" if exit_code > 0 else f"signal {-exit_code}"
            msg = f"the command of task {self.task_id!r} ended with {how}; its output is in the log"
            raise CommandFailed(msg, exit_code=exit_code)
        return self.output_processor(last_line)

    def on_kill(self) -> None:
        """End the shell; what it started ends with the try's process group."""
        if self._process is not None:
            self._process.terminate()

    def _run(self, folder: str, environment: dict[str, str]) -> tuple[int, str]:
        shell = shutil.which("bash") or "bash"
        last_line = ""
        # Stderr is this process's own: it is in the log as well, and cannot become the value.
        with Popen(  # noqa: S603 - running the author's command is what this is for
            [shell, "-c", self.bash_command], stdout=PIPE, cwd=folder, env=environment
        ) as process:
            self._process = process
            try:
                for line in process.stdout or ():
                    text = line.decode(self.output_encoding, "backslashreplace")
                    last_line = text.rstrip()
                    sys.stdout.write(text if text.endswith("\n") else f"{text}\n")
                    sys.stdout.flush()
            except BaseException:
                process.kill()
                raise
        return process.returncode, last_line

    @contextmanager
    def _folder(self) -> Iterator[str]:
        if self.cwd is None:
            with TemporaryDirectory(prefix="crosscom-") as folder:
                yield folder
            return
        if not os.path.isdir(self.cwd):  # noqa: PTH112 - text or path, as it was given
            msg = f"the folder of task {self.task_id!r} is not there or is none; make it first"
            raise NotADirectoryError(msg)
        yield os.fspath(self.cwd)

    def _environment(self, context: Context) -> dict[str, str]:
        start: Mapping[str, str] = os.environ if self.env is None or self.append_env else {}
        # A template that kept its type is written out: an environment holds only text.
        own = {name: str(value) for name, value in (self.env or {}).items()}
        return {**start, **_who_runs(context), **own}


def _who_runs(context: Context) -> dict[str, str]:
    """Give what a command is told of its task, under Airflow's names."""
    told = {
        "AIRFLOW_CTX_DAG_ID": context["dag_run"].dag_id,
        "AIRFLOW_CTX_TASK_ID": context["task"].task_id,
        "AIRFLOW_CTX_DAG_RUN_ID": context["run_id"],
        "AIRFLOW_CTX_TRY_NUMBER": str(context["try_number"]),
    }
    if "ts" in context:
        told["AIRFLOW_CTX_LOGICAL_DATE"] = context["ts"]
    return told
