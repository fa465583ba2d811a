import os

from crosscom.stores.rules import actor, storable, storable_error


def test_unknown_user_has_a_number(monkeypatch):
    """The audit names a user that the machine has no name for by number."""
    monkeypatch.setattr(os, "getuid", lambda: 4_123_456_789)

    assert actor() == "uid 4123456789"


def test_lone_surrogates_are_written_out():
    """Text that no encoding knows is kept as escapes; other text stays as it is."""
    assert storable("caf\udce9 ü 🗝") == "caf\\udce9 ü 🗝"


def test_errors_are_cut_after_they_are_escaped():
    """An error is at most 1,000 characters as it is kept."""
    kept = storable_error("\udce9" * 1000)

    assert kept is not None
    assert len(kept) == 1000
    assert storable_error(None) is None
