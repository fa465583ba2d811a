"""A skipped test that nobody sees is a hole: CI has none."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).parents[1] / "conftest.py"


@pytest.fixture
def suite(tmp_path):
    """A function that runs a test module under our conftest and gives its closing line."""
    (tmp_path / "tests").mkdir()
    shutil.copy(CONFTEST, tmp_path / "tests")

    def run(body, workers=0, **variables):
        (tmp_path / "tests" / "test_it.py").write_text(f"import pytest\n{body}\n")
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "no:cacheprovider",
            "-n",
            str(workers),
            "tests",
        ]
        answer = subprocess.run(
            command, check=False, cwd=tmp_path, env=variables, capture_output=True, text=True
        )
        return answer.stdout.splitlines()[-1]

    return run


@pytest.mark.parametrize(
    "body",
    [
        "def test_it():\n    pytest.skip('no database')",
        "@pytest.mark.skip(reason='later')\ndef test_it(): pass",
        "pytest.importorskip('no_such_module')",
    ],
)
def test_ci_accepts_no_skip(suite, body):
    """With CI set, a skip fails: in a test, by a mark, of a whole module."""
    closing = suite(body, CI="true")

    assert "skipped" not in closing
    assert "1 failed" in closing or "1 error" in closing


def test_a_lone_surrogate_does_not_break_a_report(suite):
    """A test that prints, logs or raises a lone surrogate passes or fails, also under xdist."""
    closing = suite("def test_it():\n    print('\\ud800')\n    assert 'a' == '\\ud800'", workers=2)

    assert "1 failed" in closing


def test_ci_accepts_what_the_platform_cannot_do(suite):
    """With CI set, a skip whose reason begins `impossible here: ` stays a skip."""
    closing = suite("def test_it():\n    pytest.skip('impossible here: no fork')", CI="true")

    assert "1 skipped" in closing


def test_without_ci_a_skip_is_a_skip(suite):
    """Without CI, a skip stays a skip."""
    closing = suite("def test_it():\n    pytest.skip('no database')")

    assert "1 skipped" in closing
