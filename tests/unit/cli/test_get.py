from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass

import pytest

from crosscom.backends import Backend
from crosscom.model import TaskInstanceKey, XComAddress
from crosscom.serializers import ClassFinder


@dataclass
class Point:
    """A class that no process but this one knows."""

    x: int


Point.__module__ = "shapes"


@pytest.fixture
def push(churn):
    """Push a value to `churn@r7/train:v`, as Python code would."""

    def push(value, classes=()):
        address = XComAddress(TaskInstanceKey("churn", "r7", "train"), "v")
        encoded = Backend(ClassFinder(named=tuple(classes))).encode(value, address)
        churn.put_by_hand(address, encoded, reason="a test")

    return push


class TestText:
    def test_plain_json(self, crosscom, churn):
        """What is plain JSON is printed as it is."""
        assert (0, '{"depth":3}\n', "") == crosscom("get", "churn@r7/train:model")

    def test_return_value(self, crosscom, churn):
        """Without a key it is what the task returned; None is a value."""
        assert (0, "null\n", "") == crosscom("get", "churn/train")

    def test_anything_else(self, crosscom, churn):
        """What JSON cannot say is printed as Python shows it."""
        assert (0, "(1, 2)\n", "") == crosscom("get", "churn/load")

    def test_all_of_it(self, crosscom, push):
        """A large value is printed whole."""
        push([(n, n) for n in range(5000)])

        assert "(4999, 4999)]\n" == crosscom("get", "churn@r7/train:v").out[-14:]

    def test_big_numbers(self, crosscom, push):
        """Numbers keep all their digits."""
        push([2**100, 0.1])

        assert "[1267650600228229401496703205376,0.1]\n" == crosscom("get", "churn/train:v").out


class TestJson:
    def test_plain(self, crosscom, churn):
        """What is plain JSON is the same with --json."""
        assert '{"depth":3}\n' == crosscom("get", "churn@r7/train:model", "--json").out

    def test_tagged(self, crosscom, churn):
        """What JSON cannot say comes in its stored form, which is JSON too."""
        assert json.loads(crosscom("get", "churn/load", "--json").out)


class TestOut:
    @pytest.mark.parametrize(
        ("value", "written"),
        [
            (b"\x00\xff", b"\x00\xff"),
            (bytearray(b"ab"), b"ab"),
            ("f\u00fcnf\n", "f\u00fcnf\n".encode()),
            ({"a": 1}, b'{"a":1}'),
        ],
    )
    def test_what_is_written(self, crosscom, push, here, value, written):
        """Bytes and texts are written as they are, anything else as it is stored."""
        push(value)

        answer = crosscom("get", "churn/train:v", "--out", "file.bin")

        assert (0, "", f"wrote file.bin ({len(written)} B)\n") == answer
        assert written == (here / "file.bin").read_bytes()

    def test_to_stdout(self, crosscom, push):
        """`--out -` writes the bytes to stdout, and nothing else."""
        push(b"\x00 bytes")

        assert (0, "\x00 bytes", "") == crosscom("get", "churn/train:v", "--out", "-")

    def test_a_folder(self, crosscom, churn, here):
        """A folder in the place of the file is refused."""
        assert (
            crosscom("get", "churn/load", "--out", ".").refusal == "cannot write .: Is a directory"
        )

    def test_a_missing_folder(self, crosscom, churn):
        """A folder that is missing is not made."""
        assert crosscom("get", "churn/load", "--out", "no/file").refusal == (
            "cannot write no/file: No such file or directory"
        )


class TestClasses:
    def test_unknown_classes(self, crosscom, push):
        """A value of unknown classes is shown as it is stored, and a note says why."""
        push(Point(1), classes=[Point])

        answer = crosscom("get", "churn@r7/train:v")

        assert 0 == answer.code
        assert "Point" in json.dumps(json.loads(answer.out))
        assert answer.err == (
            "crosscom: note: churn@r7/train:v needs classes that are not loaded here, "
            "so it is shown as it is stored\n"
        )

    def test_another_backend(self, crosscom, push, churn):
        """A value that another backend wrote is an error that names it."""
        address = XComAddress(TaskInstanceKey("churn", "r7", "train"), "other")
        encoded = Backend().encode(1, address)
        payload = encoded.payload._replace(backend="shop.Backend")
        churn.put_by_hand(address, dataclasses.replace(encoded, payload=payload), reason="a test")

        answer = crosscom("get", "churn/train:other")

        assert (1, "") == (answer.code, answer.out)
        assert answer.err == (
            "crosscom: error: cannot pull churn@r7/train:other: "
            "backend shop.Backend wrote it, and it is not set up\n"
        )
