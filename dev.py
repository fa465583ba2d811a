#!/usr/bin/env python3
"""Every chore of this project behind one command, from a fresh clone on.

    python3 dev.py demo            show what crosscom does
    python3 dev.py test            lint, types and every test that is not slow
    python3 dev.py test --all      everything
    python3 dev.py test ARGS...    only pytest, with these arguments
    python3 dev.py lint            lint, types, docstrings
    python3 dev.py bench ARGS...   the benchmarks (benchmarks/README.md)
    python3 dev.py lock [ARGS...]  write requirements/*.txt anew (--upgrade for newer versions)
    python3 dev.py env             set up and print the environment's folder

Needs Python 3.11 and pip, nothing else: no root, no activated environment, no variables. It
brings uv into .dev/ with pip, and with uv makes the environments there. Every download is
checked against the hashes in requirements/. Indexes and certificates are those that pip and uv
are configured for. docs/adr/0006 says why.
"""

import sys

# Before the other imports, so that an old Python or another system gets as far as this.
if sys.version_info < (3, 11):  # noqa: UP036 - any Python may be told to run this file
    sys.exit("dev.py: Python 3.11 or newer is needed, this is " + sys.version.split()[0])
if sys.platform == "win32":
    sys.exit("dev.py: crosscom runs on Linux and macOS, not yet on Windows")

import ast
import contextlib
import fcntl
import functools
import hashlib
import importlib.util
import os
import shlex
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
DEV = ROOT / ".dev"
UV = DEV / "uv" / "bin" / "uv"
REQUIREMENTS = ROOT / "requirements"

# What uv reads, for what pip is configured with: one configuration serves both. The second
# text joins several values, which pip separates by blanks.
PIP_TO_UV = {
    "index-url": ("UV_DEFAULT_INDEX", ""),
    "extra-index-url": ("UV_INDEX", " "),
    "find-links": ("UV_FIND_LINKS", ","),
    "cert": ("SSL_CERT_FILE", ""),
}
# These would make the children other than what a fresh clone gives.
STRIPPED = ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "MYPYPATH")


class SetupError(Exception):
    """The machine lacks something; the text says what to do."""


def main(arguments: list[str]) -> int:
    """Do the chore and give the exit code."""
    command, rest = (arguments[0] if arguments else "help"), arguments[1:]
    chore = CHORES.get(command)
    if chore is None:
        print(__doc__)
        return 0 if command in {"help", "-h", "--help"} else 2
    try:
        return chore(rest)
    except SetupError as error:
        print(f"dev.py: {error}", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        shown = shlex.join(str(part) for part in error.cmd)
        print(f"dev.py: exit code {error.returncode} from: {shown}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


# --- chores


def demo(rest: list[str]) -> int:
    """Set up what users install, and run `crosscom demo` with it."""
    return run([environment("runtime") / "bin" / "crosscom", "demo", *rest])


def test(rest: list[str]) -> int:
    """Lint and test; with arguments for pytest, only test."""
    bin_dir = environment("dev") / "bin"
    everything = "--all" in rest
    chosen = [argument for argument in rest if argument != "--all"]
    if chosen:
        return run([bin_dir / "pytest", *chosen], keep_settings=False)
    failed = lint_with(bin_dir)
    workers = ["-n", str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2)]
    scope = ["--hypothesis-profile=thorough"] if everything else ["-m", "not slow"]
    tests = run([bin_dir / "pytest", *workers, "--dist=worksteal", *scope], keep_settings=False)
    if failed:
        print(f"dev.py: failed before the tests: {', '.join(failed)}", file=sys.stderr)
    return tests or bool(failed)


def lint(_rest: list[str]) -> int:
    """Run every check that runs no code of ours."""
    return bool(lint_with(environment("dev") / "bin"))


def bench(rest: list[str]) -> int:
    """Measure; the benchmarks say with what. uv makes the peers' environments there."""
    python = environment("dev") / "bin" / "python"
    return run([python, "-m", "benchmarks", *rest], more=pip_configuration())


def lock(rest: list[str]) -> int:
    """Write the hashed requirement files from pyproject.toml and requirements/*.in."""
    bring_uv()
    sources = {
        "uv.txt": ["requirements/uv.in"],
        "runtime.txt": ["pyproject.toml"],
        "dev.txt": ["pyproject.toml", "requirements/dev.in", "-c", "requirements/runtime.txt"],
    }
    options = ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-header"]
    # A lock file that names a registry ties every reader to it: docs/adr/0006.
    options += ["--no-emit-index-url", "--no-emit-find-links", "--quiet"]
    for name, inputs in sources.items():
        uv("pip", "compile", *options, *inputs, "-o", f"requirements/{name}", *rest)
    return 0


def env(_rest: list[str]) -> int:
    """Set up the developer's environment and print where it is."""
    print(environment("dev"))
    return 0


CHORES = {"demo": demo, "test": test, "lint": lint, "bench": bench, "lock": lock, "env": env}


def lint_with(bin_dir: Path) -> list[str]:
    """Run the checks one by one, each told with its time, and name those that failed."""
    checks = {
        "ruff check": ["ruff", "check"],
        "ruff format": ["ruff", "format", "--check"],
        "mypy": ["mypy"],
        "interrogate": ["interrogate", "--quiet", "src/crosscom"],
    }
    failed = []
    for name, (tool, *options) in checks.items():
        begin = time.monotonic()
        code = run([bin_dir / tool, *options])
        seconds = time.monotonic() - begin
        print(f"{name}: {'failed' if code else 'ok'} in {seconds:.1f} s", flush=True)
        failed += [name] if code else []
    return failed


# --- setting up


def environment(name: str) -> Path:
    """Give the environment of requirements/<name>.txt, made or renewed where it is not current."""
    folder = DEV / name
    stamp, wanted = folder / "stamp", digest_of_inputs(name)
    with locked():
        if not (stamp.is_file() and stamp.read_text() == wanted):
            begin = time.monotonic()
            print(f"setting up .dev/{name} ...", file=sys.stderr, flush=True)
            bring_uv()
            stamp.unlink(missing_ok=True)
            install(folder, REQUIREMENTS / f"{name}.txt")
            stamp.write_text(wanted)
            seconds = time.monotonic() - begin
            print(f"set up .dev/{name} in {seconds:.1f} s", file=sys.stderr, flush=True)
    return folder


def digest_of_inputs(name: str) -> str:
    """Name everything that the environment is made from."""
    digest = hashlib.sha256(f"{ROOT}\n{sys.executable}\n{sys.version}\n".encode())
    files = (REQUIREMENTS / f"{name}.txt", REQUIREMENTS / "uv.txt", ROOT / "pyproject.toml")
    for path in (*files, Path(__file__)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def install(folder: Path, requirements: Path) -> None:
    """Make an environment that holds exactly *requirements* and this project."""
    target = ("--python", folder)
    uv("venv", "--quiet", "--clear", "--python", sys.executable, folder)
    uv("pip", "sync", "--quiet", "--require-hashes", "--compile-bytecode", *target, requirements)
    # uv builds with the copy of uv_build it carries: nothing is downloaded here.
    uv("pip", "install", "--quiet", "--no-deps", "--offline", *target, "--editable", ROOT)


def bring_uv() -> None:
    """Put the pinned uv into .dev/uv: pip can do that where it may not touch the system."""
    pinned = REQUIREMENTS / "uv.txt"
    stamp, wanted = DEV / "uv" / "stamp", hashlib.sha256(pinned.read_bytes()).hexdigest()
    if UV.is_file() and stamp.is_file() and stamp.read_text() == wanted:
        return
    if importlib.util.find_spec("pip") is None:
        msg = f"{sys.executable} has no pip: install it (on Debian, the package python3-pip)"
        raise SetupError(msg)
    options = ["--quiet", "--disable-pip-version-check", "--no-input", "--no-deps", "--upgrade"]
    options.append("--root-user-action=ignore")  # --target touches nothing of the system
    pip = [sys.executable, "-m", "pip", "install", *options, "--only-binary", ":all:"]
    command = [*pip, "--require-hashes", "--target", str(DEV / "uv"), "-r", str(pinned)]
    subprocess.run(command, check=True, env={**child_environment(), "PIP_USER": "0"})
    stamp.write_text(wanted)


def uv(*arguments: str | Path) -> None:
    """Run uv with the interpreter that runs this file, and with pip's own configuration."""
    variables = {**pip_configuration(), **child_environment(), "UV_PYTHON_DOWNLOADS": "never"}
    home = variables.get("HOME", "")
    if not os.access(home, os.W_OK):
        variables.setdefault("UV_CACHE_DIR", str(DEV / "cache"))
    subprocess.run([UV, *arguments], check=True, cwd=ROOT, env=variables)


@functools.cache
def pip_configuration() -> dict[str, str]:
    """Read which indexes and certificates pip uses, as the variables that uv reads."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    answer = subprocess.run(
        command, check=True, capture_output=True, text=True, env=child_environment()
    )
    # pip takes the best file of all its indexes, uv of the first one that knows the name. What
    # is installed has a hash to match, so an index cannot slip in another file.
    found = {"UV_INDEX_STRATEGY": "unsafe-best-match"}
    for line in answer.stdout.splitlines():
        name, _, value = line.partition("=")
        option = name.rpartition(".")[2].replace("_", "-")
        if option in PIP_TO_UV and value:
            variable, joint = PIP_TO_UV[option]
            found[variable] = joint.join(str(ast.literal_eval(value)).split())
    return found


@contextlib.contextmanager
def locked() -> Iterator[None]:
    """Let one dev.py at a time change .dev."""
    DEV.mkdir(exist_ok=True)
    with (DEV / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


# --- children


def run(
    command: Sequence[str | Path],
    *,
    keep_settings: bool = True,
    more: Mapping[str, str] | None = None,
) -> int:
    """Run *command* at the root of the project and give its exit code."""
    variables = {**(more or {}), **child_environment()}
    if not keep_settings:
        variables = {k: text for k, text in variables.items() if not k.startswith("CROSSCOM")}
    return subprocess.call(command, cwd=ROOT, env=variables)


def child_environment() -> dict[str, str]:
    """Give this environment without what would change how the children run."""
    kept = {name: value for name, value in os.environ.items() if name not in STRIPPED}
    kept.setdefault("PATH", os.defpath)
    return kept


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
