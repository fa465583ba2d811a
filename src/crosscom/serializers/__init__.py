"""The bytes: a value becomes a payload and comes back equal and of the same type, or is refused.

Plain JSON is written and read at the speed of C; everything else in a tagged form of JSON that
a person can read. Nothing here does I/O, imports a module that bytes name, or pickles.
"""

from crosscom.serializers.classes import NO_CLASSES, ClassFinder
from crosscom.serializers.preview import describe, preview_text
from crosscom.serializers.serialization import deserialize, plain_json, serialize

__all__ = [
    "NO_CLASSES",
    "ClassFinder",
    "describe",
    "deserialize",
    "plain_json",
    "preview_text",
    "serialize",
]
