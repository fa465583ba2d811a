"""What holds for every test: no settings from outside, no skips in CI, no state left behind."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).parent.parent
IMPOSSIBLE = "impossible here: "
"""How the reason of a skip begins that CI accepts: the platform cannot do it at all."""

# No deadlines: a slow machine is no failed test. `dev.py test --all` takes the thorough one.
settings.register_profile("default", deadline=None, print_blob=True)
settings.register_profile("thorough", deadline=None, print_blob=True, max_examples=1_000)
settings.load_profile("default")


def pytest_configure(config):
    """Forget the settings of whoever runs the tests."""
    for name in [name for name in os.environ if name.startswith("CROSSCOM")]:
        del os.environ[name]
    config.stash[_STATE] = (ROOT / ".crosscom").exists()


def pytest_sessionfinish(session):
    """Fail the session when a test wrote its state into the source tree."""
    if (ROOT / ".crosscom").exists() and not session.config.stash[_STATE]:
        pytest.exit("a test left .crosscom/ in the source tree; give it a home of its own", 1)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Let no test of CI be skipped, unless its platform cannot do it."""
    return _printable(_without_skip((yield)))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    """Let no module of CI be skipped either."""
    return _without_skip((yield))


def _printable(report):
    """Escape what no terminal can show: xdist would break on the lone surrogates of our cases."""
    report.sections = [(name, _escaped(text)) for name, text in report.sections]
    if report.failed and _escaped(str(report.longrepr)) != str(report.longrepr):
        report.longrepr = _escaped(str(report.longrepr))
    return report


def _escaped(text):
    return text.encode(errors="backslashreplace").decode()


def _without_skip(report):
    """Turn a skip into a failure where nobody would see it."""
    if not os.environ.get("CI") or report.outcome != "skipped" or hasattr(report, "wasxfail"):
        return report
    reason = report.longrepr[2].removeprefix("Skipped: ")
    if not reason.startswith(IMPOSSIBLE):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {reason}; a skip CI accepts begins '{IMPOSSIBLE}'"
    return report


_STATE = pytest.StashKey[bool]()
