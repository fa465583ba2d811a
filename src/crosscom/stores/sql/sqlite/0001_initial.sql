-- Times are microseconds since 1970, UTC. Digests of values are blake3, 32 bytes.

CREATE TABLE migration (
    number     INTEGER PRIMARY KEY,
    name       TEXT NOT NULL,
    checksum   TEXT NOT NULL,                 -- of the file that was applied
    applied_at INTEGER NOT NULL
) STRICT;

CREATE TABLE dag_description (
    digest TEXT PRIMARY KEY,
    dag_id TEXT NOT NULL,
    body   TEXT NOT NULL
) STRICT;

-- The code of a run: one manifest, each file once.
CREATE TABLE bundle (
    digest   TEXT PRIMARY KEY,
    root     TEXT NOT NULL,
    dag_file TEXT NOT NULL,
    manifest TEXT NOT NULL                    -- [[path, digest], ...] as JSON
) STRICT;

CREATE TABLE source (
    digest TEXT PRIMARY KEY,
    data   BLOB NOT NULL
) STRICT;

CREATE TABLE dag_run (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    dag_id       TEXT NOT NULL,
    run_id       TEXT NOT NULL,
    state        TEXT NOT NULL,
    run_type     TEXT NOT NULL,
    logical_date INTEGER,
    conf         TEXT NOT NULL,
    params       TEXT NOT NULL,
    description  TEXT REFERENCES dag_description (digest),
    bundle       TEXT REFERENCES bundle (digest),
    code_root    TEXT,                        -- runs with equal bundles may come from several folders
    scheduler    TEXT,                        -- a process identity as JSON
    lease        INTEGER NOT NULL DEFAULT 0,
    revision     INTEGER NOT NULL DEFAULT 0,
    created_at   INTEGER NOT NULL,
    started_at   INTEGER,
    ended_at     INTEGER,
    UNIQUE (dag_id, run_id)
) STRICT;

CREATE INDEX dag_run_latest ON dag_run (dag_id, id);

-- What include_prior_dates walks through, the latest first.
CREATE INDEX dag_run_by_date ON dag_run (dag_id, coalesce(logical_date, created_at));

-- The fence: a try may write while it is `attempt` here and the state is `running`.
CREATE TABLE task_instance (
    run        INTEGER NOT NULL REFERENCES dag_run (id),
    task_id    TEXT NOT NULL,
    map_index  INTEGER NOT NULL,
    state      TEXT NOT NULL,
    try_number INTEGER NOT NULL DEFAULT 0,
    retries    INTEGER NOT NULL,              -- of its task; how many clear grants anew
    max_tries  INTEGER NOT NULL,
    lost_tries INTEGER NOT NULL DEFAULT 0,
    attempt    INTEGER,
    retry_at   INTEGER,
    started_at INTEGER,
    ended_at   INTEGER,
    PRIMARY KEY (run, task_id, map_index)
) STRICT, WITHOUT ROWID;

-- AUTOINCREMENT: the id of an attempt is its fence and is never used again.
CREATE TABLE attempt (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    run        INTEGER NOT NULL REFERENCES dag_run (id),
    task_id    TEXT NOT NULL,
    map_index  INTEGER NOT NULL,
    try_number INTEGER NOT NULL,
    state      TEXT NOT NULL,
    process    TEXT,                          -- a process identity as JSON
    bundle     TEXT,
    started_at INTEGER NOT NULL,
    ended_at   INTEGER,
    error      TEXT
) STRICT;

CREATE INDEX attempt_of_task ON attempt (run, task_id, map_index);

-- Live entries and history in one table: clearing moves no bytes.
-- Ids grow in the order of the pushes and are not used again, without AUTOINCREMENT, which costs
-- each push another page: where the newest entry is forgotten, an empty one (run NULL) keeps its id.
-- `data` stands last, so that lists do not read through it.
CREATE TABLE xcom (
    id         INTEGER PRIMARY KEY,
    run        INTEGER REFERENCES dag_run (id),
    task_id    TEXT NOT NULL,
    map_index  INTEGER NOT NULL,
    key        TEXT NOT NULL,
    live       INTEGER DEFAULT 1 CHECK (live = 1),  -- NULL: history
    try_number INTEGER NOT NULL,
    attempt    INTEGER,                       -- NULL: pushed by hand
    sequence   INTEGER,
    backend    TEXT NOT NULL,
    encoding   TEXT NOT NULL,
    type_name  TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    digest     BLOB NOT NULL,
    preview    TEXT,                          -- NULL: the data is small JSON, its own preview
    pushed_at  INTEGER NOT NULL,
    ended_at   INTEGER,
    data       BLOB NOT NULL
) STRICT;

-- One index for what rests and for history: an entry that becomes history moves within one page of
-- it. Each insert sees to it that at most one entry of an address is live. Attempt and sequence are
-- in it so that whether a push was done before takes no longer with every push.
CREATE INDEX xcom_address ON xcom (run, task_id, map_index, key, live, attempt, sequence);

-- Which try pulled which entry; written in the transaction that ended the try.
CREATE TABLE receipt (
    entry   INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    PRIMARY KEY (entry, attempt)
) STRICT, WITHOUT ROWID;

-- What a backend must forget; written in the transaction that forgot the entry.
CREATE TABLE purge (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    backend    TEXT NOT NULL,
    encoding   TEXT NOT NULL,
    reference  BLOB NOT NULL,
    address    TEXT NOT NULL,
    queued_at  INTEGER NOT NULL,
    tries      INTEGER NOT NULL DEFAULT 0,
    last_error TEXT
) STRICT;

CREATE TABLE variable (
    key         TEXT PRIMARY KEY,
    text        TEXT NOT NULL,
    description TEXT,
    updated_at  INTEGER NOT NULL
) STRICT;

-- What people did by hand, and why.
CREATE TABLE audit (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,
    actor   TEXT NOT NULL,
    action  TEXT NOT NULL,                    -- push, delete or clear
    address TEXT NOT NULL,
    reason  TEXT NOT NULL
) STRICT;
