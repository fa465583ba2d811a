"""A value that cannot be kept: why, and where inside the whole it lies."""

from __future__ import annotations

_LONGEST_SHOWN = 200
_LONGEST_KEY = 100


class Refused(Exception):
    """Something inside a value cannot be kept.

    It is raised without knowing where it lies; each container on the way out puts its own step
    before the path.
    """

    def __init__(self, reason: str, type_name: str) -> None:
        """Carry why, and the name of the *type* that was found."""
        super().__init__(reason)
        self.reason = reason
        self.type_name = type_name
        self._before: list[str] = []
        self._after: list[str] = []

    def under(self, step: str) -> None:
        """Note that the container reaches it by *step*, as `[1]` or `.lock`."""
        self._after.append(step)

    def enclose(self) -> None:
        """Note that the steps so far count in the list of what the container iterates over."""
        self._before.append("list(")
        self._after.append(")")

    def under_item(self, index: int) -> None:
        """Note that it is number *index* of what the container iterates over."""
        self._before.append("list(")
        self._after.append(f")[{index}]")

    def under_key(self, key: object, index: int) -> None:
        """Note that a dict holds it under *key*, the *index*-th of its keys."""
        if (type(key) is str and len(key) <= _LONGEST_KEY) or (
            type(key) in (int, bool, type(None)) and -(2**63) <= (key or 0) < 2**64  # type: ignore[operator] # ints and None only
        ):
            self.under(f"[{key!r}]")
        else:
            self._before.append("list(")
            self._after.append(f".values())[{index}]")

    @property
    def path(self) -> str:
        """Where it lies, as Python: `value['rows'][1]['lock']`."""
        return f"{''.join(self._before)}value{''.join(reversed(self._after))}"

    @property
    def short_path(self) -> str:
        """The path for a text of one line: the middle of a long one is left out."""
        path = self.path
        if len(path) <= _LONGEST_SHOWN:
            return path
        half = _LONGEST_SHOWN // 2
        return f"{path[:half]} ... {path[-half:]}"
