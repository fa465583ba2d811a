"""Which stores can be opened, and how everything else is refused."""

import shutil
import sqlite3
from contextlib import closing

import pytest

from crosscom.errors import SettingsError, StoreError, StoreVersionError
from crosscom.stores.memory import MemoryStore
from crosscom.stores.opening import holds_nothing, open_store, sqlite_path


def refusal(url, kind=StoreError, **options):
    """Give the text with which opening *url* is refused."""
    with pytest.raises(kind) as caught:
        open_store(str(url), **options)
    return str(caught.value)


def make(path):
    """Make a store with one Variable in it."""
    with closing(open_store(str(path))) as store:
        store.set_variable("early", "x")


def begin(path):
    """Leave a file as a disk leaves it that got full before the first table was made."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")


class TestHoldingNothing:
    def test_missing_empty_and_begun_files_hold_nothing(self, tmp_path):
        """Nothing was stored where there is no file, an empty one, or one without tables."""
        (tmp_path / "empty.db").touch()
        begin(tmp_path / "begun.db")

        for name in ("missing.db", "empty.db", "begun.db"):
            assert holds_nothing(str(tmp_path / name))
        assert not (tmp_path / "missing.db").exists()

    def test_a_store_holds_something(self, tmp_path):
        """A store holds something from the moment it is made, open or closed."""
        path = tmp_path / "store.db"
        with closing(open_store(str(path))):
            assert not holds_nothing(str(path))

        assert not holds_nothing(str(path))

    def test_memory_is_never_said_to_hold_nothing(self):
        """A store in memory is new each time, and its place is no file."""
        assert not holds_nothing("memory:")


class TestPlaces:
    @pytest.mark.parametrize("form", ["{}", "sqlite://{}", "sqlite:////{}"])
    def test_a_file_has_three_forms(self, tmp_path, form):
        """A path, a URL, and a URL with one slash more are one place."""
        make(tmp_path / "store.db")

        with closing(open_store(form.format(tmp_path / "store.db"), create=False)) as store:
            assert store.variable_keys() == ["early"]
            assert store.url == f"sqlite://{tmp_path}/store.db"

    def test_relative_path_counts_from_the_working_directory(self, tmp_path, monkeypatch):
        """A relative path is made absolute when the store is opened, and stays that."""
        monkeypatch.chdir(tmp_path)
        with closing(open_store("store.db")) as store:
            monkeypatch.chdir("/")
            store.set_variable("early", "x")

            assert store.url == f"sqlite://{tmp_path}/store.db"
        assert (tmp_path / "store.db").exists()

    @pytest.mark.parametrize("name", ["a b", "50%", "a?b", "a#b", "ü", "a'b", "%3f", "a&mode=ro"])
    def test_path_may_hold_any_character(self, tmp_path, name):
        """What means something in a URL is a character like any other in a path."""
        path = tmp_path / name / f"{name}.db"
        path.parent.mkdir()

        make(path)

        assert path.exists()
        with closing(open_store(f"sqlite://{path}", read_only=True)) as store:
            assert store.variable_keys() == ["early"]

    def test_each_memory_store_is_its_own(self):
        """`memory:` is a new store each time."""
        one, two = open_store("memory:"), open_store("memory:")
        one.set_variable("early", "x")

        assert isinstance(two, MemoryStore)
        assert two.variable_keys() == []

    def test_unknown_scheme_is_refused_without_its_secret(self):
        """A URL of another kind is refused with what is supported; its password is not shown."""
        text = refusal("postgresql://ann:secret@db/crosscom", SettingsError)

        assert text == (
            "no store can be opened at postgresql://...: supported are sqlite:///path/to/file.db, "
            "a path to a file, and memory:"
        )

    @pytest.mark.parametrize("url", ["", "\0", "sqlite://", "sqlite://store.db"])
    def test_no_place_is_refused(self, url):
        """A URL that names no file is refused."""
        assert refusal(url, SettingsError).startswith("no store can be opened at ")

    def test_path_of_a_url(self):
        """The path of a store can be had without opening it."""
        urls = ["memory:", "sqlite:///a/b.db", "sqlite:////a/b.db", "b.db"]

        assert [sqlite_path(url) for url in urls] == [None, "/a/b.db", "/a/b.db", "b.db"]


class TestRefusals:
    def test_missing_store_is_not_made_unasked(self, tmp_path):
        """Without `create`, and for reading, a missing store is an error and stays missing."""
        path = tmp_path / "store.db"

        texts = {refusal(path, create=False), refusal(path, read_only=True)}

        assert texts == {f"there is no store {path}; run a DAG or push a value to make one"}
        assert list(tmp_path.iterdir()) == []

    def test_missing_folder_is_told(self, tmp_path):
        """The folder of a store is not made."""
        text = refusal(tmp_path / "no" / "store.db")

        assert text == (
            f"cannot open store {tmp_path}/no/store.db: there is no folder {tmp_path}/no; "
            "make it first"
        )

    def test_folder_is_no_store(self, tmp_path):
        """A folder given as a file is told."""
        text = refusal(tmp_path)

        assert text == f"cannot open store {tmp_path}: it is a folder; name a file in it"

    def test_impossible_path_is_told(self, tmp_path):
        """A path that the system refuses is refused with the system's reason."""
        path = tmp_path / ("x" * 300) / "store.db"

        assert refusal(path) == f"cannot open store {path}: File name too long"

    def test_too_old_sqlite_is_told(self, tmp_path, monkeypatch):
        """A Python with a SQLite that lacks what the schema needs is told, and makes nothing."""
        monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 31, 1))
        monkeypatch.setattr(sqlite3, "sqlite_version", "3.31.1")

        assert refusal(tmp_path / "store.db") == (
            f"cannot open store {tmp_path}/store.db: this Python has SQLite 3.31.1, "
            "which is too old; 3.37 or newer is needed"
        )
        assert list(tmp_path.iterdir()) == []

    def test_new_file_that_stays_locked_is_told(self, tmp_path):
        """A file that another program holds while the store is to be made in it is told."""
        path = tmp_path / "store.db"
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            text = refusal(path, lock_timeout_seconds=0.05)

        assert "others held its lock for 0.05 seconds" in text
        make(path)

    @pytest.mark.parametrize("size", [5, 5000])
    def test_other_file_is_no_store(self, tmp_path, size):
        """A file that is not SQLite's is refused and stays as it is."""
        path = tmp_path / "letter.txt"
        path.write_bytes(b"x" * size)

        text = refusal(path)

        assert text == (
            f"sqlite://{path} is no store, or its file is damaged (SQLITE_NOTADB); "
            "restore it or choose another"
        )
        assert path.read_bytes() == b"x" * size

    @pytest.mark.parametrize("user_version", [0, 1, 7])
    def test_sqlite_file_of_another_program_is_no_store(self, tmp_path, user_version):
        """Another program's database is refused, whatever its version, and stays as it is."""
        path = tmp_path / "other.db"
        with closing(sqlite3.connect(path)) as other:
            other.execute(f"PRAGMA user_version = {user_version}")
            other.execute("CREATE TABLE variable (key, text)")
        before = path.read_bytes()

        text = refusal(path)

        assert text == (
            f"{path} is a SQLite file of another program, no store; choose another file"
        )
        assert path.read_bytes() == before
        assert [file.name for file in tmp_path.iterdir()] == ["other.db"]

    def test_empty_file_becomes_a_store(self, tmp_path):
        """A file without a byte, as a crash may leave it, is made a store."""
        path = tmp_path / "store.db"
        path.touch()

        make(path)

        with closing(open_store(str(path), create=False)) as store:
            assert store.variable_keys() == ["early"]

    def test_empty_file_cannot_be_read(self, tmp_path):
        """For reading, an empty file is as if there were none."""
        path = tmp_path / "store.db"
        path.touch()

        text = refusal(path, read_only=True)

        assert text == f"there is no store {path}; run a DAG or push a value to make one"
        assert path.read_bytes() == b""

    def test_store_that_was_only_begun_cannot_be_read(self, tmp_path):
        """For reading, a file in which nothing was made yet is as if there were none."""
        path = tmp_path / "store.db"
        begin(path)

        text = refusal(path, read_only=True)

        assert text == f"there is no store {path}; run a DAG or push a value to make one"

    @pytest.mark.parametrize(
        ("found", "what"),
        [
            (0, "is older than 1, which this crosscom needs; run: crosscom db upgrade"),
            (99, "is newer than 1, which this crosscom knows; install a newer crosscom"),
        ],
    )
    @pytest.mark.parametrize("read_only", [False, True])
    def test_other_schema_is_refused(self, tmp_path, found, what, read_only):
        """A store of an older or newer crosscom is refused with what to do, and stays as it is."""
        path = tmp_path / "store.db"
        make(path)
        with closing(sqlite3.connect(path)) as raw:
            raw.execute(f"PRAGMA user_version = {found}")

        with pytest.raises(StoreVersionError) as caught:
            open_store(str(path), read_only=read_only)

        assert str(caught.value) == f"schema {found} of store sqlite://{path} {what}"
        assert (caught.value.found, caught.value.supported) == (found, 1)

    def test_damaged_store_is_told(self, tmp_path):
        """A file whose pages were overwritten is refused as damaged."""
        path = tmp_path / "store.db"
        make(path)
        pages = bytearray(path.read_bytes())
        pages[4096:] = b"\xa5" * (len(pages) - 4096)
        path.write_bytes(pages)

        assert refusal(path) == (
            f"sqlite://{path} is no store, or its file is damaged (SQLITE_CORRUPT); "
            "restore it or choose another"
        )

    def test_copied_store_is_a_store(self, tmp_path):
        """A closed store is one file, that can be copied and opened elsewhere."""
        make(tmp_path / "store.db")
        assert [file.name for file in tmp_path.iterdir()] == ["store.db"]
        shutil.copy(tmp_path / "store.db", tmp_path / "copy.db")

        with closing(open_store(str(tmp_path / "copy.db"), create=False)) as store:
            assert store.variable_keys() == ["early"]
