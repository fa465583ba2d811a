"""Making and upgrading stores by numbered migrations."""

import sqlite3
from contextlib import closing

import pytest

from crosscom.errors import StoreError, StoreReadOnly, StoreVersionError
from crosscom.stores.opening import open_store
from crosscom.stores.schema import upgrade
from crosscom.stores.sqlite.connecting import APPLICATION_ID, SCHEMA, connect
from crosscom.stores.sqlite.migrations import Migration, migrate, packaged_migrations

SECOND = Migration(2, "0002_notes", "-- Notes;\nCREATE TABLE note (\n  a TEXT -- b; c\n);\n")
BROKEN = Migration(2, "0002_broken", "CREATE TABLE note (a TEXT);\nCREATE TABLE note (a TEXT);\n")


@pytest.fixture
def path(tmp_path):
    """Give the path of a store of the current schema."""
    path = tmp_path / "store.db"
    open_store(str(path)).close()
    return path


def bring_up(path, *migrations):
    """Apply migrations to a store; give the names of those that were missing."""
    with closing(connect(path, lock_timeout_seconds=5, create=True, read_only=False)) as database:
        return migrate(database, migrations, lock_timeout_seconds=5)


def stamps(path):
    """Give schema number, application id, and the names in the table of migrations."""
    with closing(sqlite3.connect(path)) as raw:
        (schema,) = raw.execute("PRAGMA user_version").fetchone()
        (application,) = raw.execute("PRAGMA application_id").fetchone()
        names = [name for (name,) in raw.execute("SELECT name FROM migration ORDER BY number")]
    return schema, application, names


class TestPackaged:
    def test_migrations_are_numbered_without_gaps(self):
        """The files are 1, 2, 3, ... up to the schema this crosscom works with."""
        migrations = packaged_migrations()

        assert [one.number for one in migrations] == list(range(1, SCHEMA + 1))
        assert all(one.name.startswith(f"{one.number:04}_") for one in migrations)

    def test_statements_are_split_where_they_end(self):
        """Semicolons in comments end no statement, and nothing of the file is left out."""
        assert [text.count("CREATE") for text in SECOND.statements] == [1]
        for migration in packaged_migrations():
            assert "".join(migration.statements).rstrip() == migration.sql.rstrip()


class TestUpgrade:
    def test_new_store_is_made_whole(self, tmp_path):
        """Upgrading a missing store makes one, stamped and with each migration remembered."""
        path = tmp_path / "store.db"

        assert upgrade(f"sqlite://{path}") == ["0001_initial"]
        assert stamps(path) == (SCHEMA, APPLICATION_ID, ["0001_initial"])

    def test_current_store_stays(self, path):
        """Upgrading a current store does nothing; a memory store has nothing to upgrade."""
        assert upgrade(str(path)) == []
        assert upgrade("memory:") == []

    def test_missing_migrations_are_applied(self, path):
        """Only what is missing is applied, once, and stamped."""
        migrations = [*packaged_migrations(), SECOND]

        assert bring_up(path, *migrations) == ["0002_notes"]
        assert bring_up(path, *migrations) == []
        assert stamps(path) == (2, APPLICATION_ID, ["0001_initial", "0002_notes"])

    def test_failed_migration_leaves_the_store_as_it_was(self, path):
        """Where one statement of a migration fails nothing of it stays."""
        with pytest.raises(StoreError):
            bring_up(path, *packaged_migrations(), BROKEN)

        assert stamps(path) == (SCHEMA, APPLICATION_ID, ["0001_initial"])
        assert bring_up(path, *packaged_migrations(), SECOND) == ["0002_notes"]

    def test_newer_store_is_refused(self, path):
        """A store with more migrations than this crosscom knows is not touched."""
        bring_up(path, *packaged_migrations(), SECOND)

        with pytest.raises(StoreVersionError) as caught:
            upgrade(str(path))

        assert (caught.value.found, caught.value.supported) == (2, SCHEMA)
        with pytest.raises(StoreVersionError):
            open_store(str(path))

    def test_older_store_is_opened_after_its_upgrade(self, path):
        """A store that says it is older is refused with what to do, and that helps."""
        with closing(sqlite3.connect(path)) as raw:
            raw.execute("PRAGMA user_version = 0")
        with pytest.raises(StoreVersionError, match="run: crosscom db upgrade"):
            open_store(str(path))

        upgrade(str(path))

        open_store(str(path)).close()

    def test_store_of_another_build_is_refused(self, path):
        """A store that was made by another text of a migration is refused."""
        with closing(sqlite3.connect(path)) as raw:
            raw.execute("UPDATE migration SET checksum = 'other'")
            raw.commit()

        with pytest.raises(StoreError) as caught:
            upgrade(str(path))

        assert str(caught.value) == (
            f"store sqlite://{path} was made by another build of crosscom: its migrations differ "
            "from this one's; use that build, or export and import"
        )

    def test_other_programs_file_is_refused(self, tmp_path):
        """A database of another program gets none of our tables."""
        path = tmp_path / "other.db"
        with closing(sqlite3.connect(path)) as other:
            other.execute("CREATE TABLE mine (a)")
        before = path.read_bytes()

        with pytest.raises(StoreError, match="is a SQLite file of another program"):
            upgrade(str(path))

        assert path.read_bytes() == before

    def test_store_that_may_only_be_read_is_not_upgraded(self, path):
        """A store opened for reading is not changed."""
        with (
            closing(connect(path, lock_timeout_seconds=5, create=False, read_only=True)) as reader,
            pytest.raises(StoreReadOnly),
        ):
            migrate(reader, [*packaged_migrations(), SECOND], lock_timeout_seconds=5)
