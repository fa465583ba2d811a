"""The numbered schema: making a store, and bringing an older one up.

A migration is a file `sql/sqlite/NNNN_name.sql`. All that are missing are applied in one
transaction, with the checksum of each; a file that was applied never changes again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files

from crosscom.errors import StoreError, StoreVersionError
from crosscom.stores.rules import now_us
from crosscom.stores.sqlite.connecting import (
    APPLICATION_ID,
    SCHEMA,
    is_current,
    is_new,
    no_store,
    prepare,
)
from crosscom.stores.sqlite.database import Database
from crosscom.stores.sqlite.faults import read_only

# What was applied before.
_APPLIED = "SELECT name, checksum FROM migration ORDER BY number"

# Remember what is applied.
_REMEMBER = "INSERT INTO migration (number, name, checksum, applied_at) VALUES (?, ?, ?, ?)"


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema."""

    number: int
    name: str
    """The file's name without its ending: `0001_initial`."""
    sql: str

    @property
    def checksum(self) -> str:
        """What the file was when it was applied (sha256, hex)."""
        return sha256(self.sql.encode()).hexdigest()

    @property
    def statements(self) -> Iterator[str]:
        """The statements one by one: SQLite's own script runner would commit each."""
        pending = ""
        for line in self.sql.splitlines(keepends=True):
            pending += line
            if sqlite3.complete_statement(pending):
                yield pending
                pending = ""


def packaged_migrations() -> list[Migration]:
    """Give the migrations this crosscom ships, in order."""
    folder = files("crosscom.stores") / "sql" / "sqlite"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return [
        Migration(int(name[:4]), name.removesuffix(".sql"), (folder / name).read_text("utf-8"))
        for name in names
    ]


def make_current(database: Database, *, lock_timeout_seconds: float) -> None:
    """Make a store of a new file; refuse everything else that is not current.

    Raises:
        StoreError: Nothing is in the file and it may only be read, or it is not crosscom's.
        StoreVersionError: Its schema is older or newer.
    """
    if not is_new(database):
        refuse_foreign(database)
        if not is_current(database):
            raise _wrong_version(database, _version(database), SCHEMA)
    elif not database.is_writable:
        raise no_store(database.path)
    else:
        migrate(database, packaged_migrations(), lock_timeout_seconds=lock_timeout_seconds)


def migrate(
    database: Database, migrations: Sequence[Migration], *, lock_timeout_seconds: float
) -> list[str]:
    """Apply the *migrations* that are missing; give their names. Safe for any number at once.

    Raises:
        StoreError: The file is not crosscom's, or was made by other migrations than these.
        StoreReadOnly: The file may only be read.
        StoreVersionError: Its schema is newer.
    """
    if not is_new(database):
        refuse_foreign(database)
    if not database.is_writable:
        raise read_only(database.url)
    prepare(database, lock_timeout_seconds=lock_timeout_seconds)
    with database.transaction:
        # Read again under the lock: another process may just have done it.
        missing = _missing(database, migrations)
        for migration in missing:
            for statement in migration.statements:
                database.execute(statement)
            row = (migration.number, migration.name, migration.checksum, now_us())
            database.execute(_REMEMBER, row)
        if _version(database) != migrations[-1].number:
            database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            database.execute(f"PRAGMA user_version = {migrations[-1].number}")
    return [migration.name for migration in missing]


def refuse_foreign(database: Database) -> None:
    """Refuse a SQLite file that is not crosscom's.

    Raises:
        StoreError: It is not.
    """
    if database.row("PRAGMA application_id")[0] != APPLICATION_ID:
        msg = f"{database.path} is a SQLite file of another program, no store; choose another file"
        raise StoreError(msg, url=database.url)


def _missing(database: Database, migrations: Sequence[Migration]) -> list[Migration]:
    if is_new(database):
        return list(migrations)
    applied = database.rows(_APPLIED)
    if len(applied) > len(migrations):
        raise _wrong_version(database, _version(database), migrations[-1].number)
    known = [(migration.name, migration.checksum) for migration in migrations]
    if applied != known[: len(applied)]:
        msg = (
            f"store {database.url} was made by another build of crosscom: its migrations differ "
            "from this one's; use that build, or export and import"
        )
        raise StoreError(msg, url=database.url)
    return list(migrations[len(applied) :])


def _version(database: Database) -> int:
    return int(database.row("PRAGMA user_version")[0])


def _wrong_version(database: Database, found: int, supported: int) -> StoreVersionError:
    if found < supported:
        what = f"is older than {supported}, which this crosscom needs; run: crosscom db upgrade"
    else:
        what = f"is newer than {supported}, which this crosscom knows; install a newer crosscom"
    msg = f"schema {found} of store {database.url} {what}"
    return StoreVersionError(msg, url=database.url, found=found, supported=supported)
