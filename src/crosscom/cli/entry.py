"""Where the command line begins and ends: arguments in, exit code out."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from io import TextIOWrapper

from cyclopts import CycloptsError

from crosscom.cli.app import app, make_app
from crosscom.cli.exit_codes import INTERRUPTED, SUCCESS, USAGE, exit_code_of
from crosscom.cli.output import complain, say
from crosscom.cli.refusals import BadArgument
from crosscom.cli.usage import usage_text
from crosscom.errors import CrosscomError

_ASKS_WHAT_THERE_IS: tuple[list[str], ...] = ([], ["--help"], ["-h"])
_SIGPIPE = 13


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code.

    Errors of crosscom become one line on stderr. Any other exception is a bug and shows itself.

    Args:
        arguments: What follows `crosscom`; this process's by default.
    """
    _print_everything()
    given = sys.argv[1:] if arguments is None else list(arguments)
    try:
        code = (make_app(eager=True) if given in _ASKS_WHAT_THERE_IS else app)(
            given,
            exit_on_error=False,
            print_error=False,
            result_action="return_value",
        )
        sys.stdout.flush()
    except CycloptsError as error:
        complain(usage_text(error))
        return USAGE
    except BadArgument as error:
        complain(str(error))
        return USAGE
    except CrosscomError as error:
        complain(str(error))
        for note in getattr(error, "__notes__", ()):
            say(note)
        return exit_code_of(error)
    except KeyboardInterrupt:
        complain("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        return _reader_is_gone()
    return code if isinstance(code, int) else SUCCESS


def _print_everything() -> None:
    """Let no character that a terminal cannot show break a command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _reader_is_gone() -> int:
    """End as a shell expects it of a command whose reader has closed the pipe."""
    # What is still buffered must not raise once more when Python ends.
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 128 + _SIGPIPE
