"""`macros` in templates."""

import json
import random
import time
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from crosscom.authoring import macros


@pytest.mark.parametrize(
    ("days", "text"),
    [
        (0, "a few seconds"),
        (1 / 86400, "1 second"),
        (0.5, "12 hours"),
        (1, "1 day"),
        (13, "1 week"),
        (45, "1 month"),
        (800, "2 years"),
    ],
)
def test_a_difference_is_told_in_its_largest_unit(days, text):
    """Before and after, in words."""
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    span = timedelta(days)

    assert macros.datetime_diff_for_humans(begin - span, since=begin) == f"{text} before"
    if days:
        assert macros.datetime_diff_for_humans(begin + span, since=begin) == f"{text} after"


@pytest.mark.parametrize("zone", [UTC, None])
def test_a_difference_from_now_looks_back_or_ahead(zone):
    """With and without a zone."""
    now = datetime.now(zone)

    assert macros.datetime_diff_for_humans(now - timedelta(days=3, hours=1)) == "3 days ago"
    assert macros.datetime_diff_for_humans(now + timedelta(days=3, hours=1)) == "in 3 days"


def test_days_are_added_and_forms_are_changed():
    """`ds_add` and `ds_format` do what Airflow's do."""
    assert macros.ds_add("2026-03-01", -1) == "2026-02-28"
    assert macros.ds_format("31/01/26", "%d/%m/%y", "%Y%m%d") == "20260131"


def test_modules_are_there_by_name():
    """What Airflow offers of the standard library is offered."""
    assert macros.json is json
    assert macros.uuid is uuid
    assert macros.random is random.random
    assert macros.time is time
    assert (macros.datetime, macros.timedelta) == (datetime, timedelta)


def test_other_names_are_not_there():
    """A macro that does not exist is an AttributeError, which templates know."""
    with pytest.raises(AttributeError, match="has no attribute 'yaml'"):
        macros.yaml
