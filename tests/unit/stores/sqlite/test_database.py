"""One connection: to whom it belongs, and that no transaction stays open."""

import os
import sqlite3
from contextlib import closing

import pytest

from crosscom.errors import StoreUnavailable
from crosscom.stores.sqlite import SQLiteStore
from crosscom.stores.sqlite.connecting import connect


@pytest.fixture
def store(tmp_path):
    """Give a new store."""
    with closing(SQLiteStore(tmp_path / "store.db")) as store:
        yield store


@pytest.fixture
def database(tmp_path):
    """Give a connection to a file of its own with one table."""
    with closing(
        connect(tmp_path / "other.db", lock_timeout_seconds=0, create=True, read_only=False)
    ) as database:
        database.execute("CREATE TABLE word (text)")
        yield database


def in_child(act):
    """Run *act* in a forked child; give the text of the error it raises."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            act()
        except StoreUnavailable as error:
            os.write(writer, str(error).encode())
        finally:
            os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with os.fdopen(reader) as told:
        return told.read()


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
class TestForks:
    def test_child_cannot_use_its_parents_store(self, store):
        """A forked child that uses the store is told to open a new one."""
        texts = {
            in_child(lambda: store.set_variable("child", "x")),
            in_child(store.variable_keys),
            in_child(lambda: store.clear([], reason="a test")),
        }

        assert texts == {
            f"store {store.url} was opened before this process was forked; open a new one here"
        }
        assert store.variable_keys() == []

    def test_parent_goes_on_after_its_child_closed(self, store):
        """A child that closes the store, or ends, takes no lock from its parent."""
        in_child(store.close)

        store.set_variable("parent", "x")

        with closing(SQLiteStore(store.url.removeprefix("sqlite://"))) as other:
            assert other.variable_keys() == ["parent"]

    def test_child_opens_its_own(self, store):
        """A child may open the file anew."""
        path = store.url.removeprefix("sqlite://")

        def act():
            with closing(SQLiteStore(path)) as own:
                own.set_variable("child", "x")

        assert in_child(act) == ""
        assert store.variable_keys() == ["child"]


class TestClosing:
    def test_closed_store_is_told(self, store):
        """A store that was closed is refused everywhere, with what to do."""
        store.close()

        for act in (
            store.variable_keys,
            lambda: store.get_variable("a"),
            lambda: store.set_variable("a", "x"),
            lambda: store.clear([], reason="a test"),
        ):
            with pytest.raises(StoreUnavailable) as caught:
                act()

            assert str(caught.value) == f"store {store.url} is closed; open it again"

    def test_closed_store_leaves_one_file(self, store, tmp_path):
        """The last one to close moves the log into the file and takes it away."""
        store.set_variable("a", "x")
        store.close()

        assert [file.name for file in tmp_path.iterdir()] == ["store.db"]


class TestTransactions:
    def test_error_inside_undoes_everything(self, database):
        """What happened before an error in the block is undone."""

        def half():
            with database.transaction:
                database.execute("INSERT INTO word VALUES ('half')")
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            half()

        assert database.rows("SELECT * FROM word") == []
        with database.transaction:
            database.execute("INSERT INTO word VALUES ('whole')")
        assert database.rows("SELECT * FROM word") == [("whole",)]

    def test_interrupt_just_after_begin_leaves_nothing_open(self, database):
        """Ctrl-C that comes with the first statement leaves no transaction behind."""
        execute = database._execute

        def interrupted(sql, parameters):
            execute(sql, parameters)
            raise KeyboardInterrupt

        database._execute = interrupted
        with pytest.raises(KeyboardInterrupt), database.transaction:
            pass
        database._execute = execute

        with database.transaction:
            database.execute("INSERT INTO word VALUES ('whole')")
        assert database.rows("SELECT * FROM word") == [("whole",)]

    def test_failed_commit_is_undone(self, database):
        """A transaction that cannot be committed is undone and told."""
        database.execute("PRAGMA foreign_keys = ON")
        database.execute("CREATE TABLE parent (id INTEGER PRIMARY KEY)")
        database.execute(
            "CREATE TABLE child (id REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)"
        )

        with pytest.raises(Exception, match="SQLITE_CONSTRAINT"), database.transaction:
            database.execute("INSERT INTO child VALUES (1)")

        assert database.rows("SELECT * FROM child") == []
        database.execute("INSERT INTO word VALUES ('after')")
        with closing(sqlite3.connect(database.path)) as foreign:
            assert foreign.execute("SELECT * FROM word").fetchall() == [("after",)]
