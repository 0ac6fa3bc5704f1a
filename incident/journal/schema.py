"""The journal's tables, and the way from each version to the next."""

from __future__ import annotations

import sqlite3

PAGE = 4096  # bytes; fixed, because rows are picked out of a damaged file page by page

# One tuple of statements per version. What has once been released here is never changed, only followed.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """
        CREATE TABLE events (
            position INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            node TEXT NOT NULL,
            seq INTEGER NOT NULL,
            incident TEXT NOT NULL,
            kind TEXT NOT NULL,
            body TEXT NOT NULL,
            prev TEXT NOT NULL,
            sha TEXT NOT NULL,
            UNIQUE (node, seq)
        )
        """,
        "CREATE UNIQUE INDEX opened_once ON events (incident) WHERE kind = 'incident.opened'",
        """
        CREATE TRIGGER never_changed BEFORE UPDATE ON events
        BEGIN SELECT RAISE(ABORT, 'the timeline is never changed, only added to'); END
        """,
        """
        CREATE TRIGGER never_removed BEFORE DELETE ON events
        BEGIN SELECT RAISE(ABORT, 'nothing is ever removed from the timeline'); END
        """,
    ),
    (
        "ALTER TABLE events ADD COLUMN origin TEXT NOT NULL DEFAULT ''",
        # Two journals may each have opened an incident; put together, both openings stay.
        "DROP INDEX opened_once",
        "CREATE UNIQUE INDEX opened_once ON events (incident) WHERE kind = 'incident.opened' AND origin = ''",
        "CREATE INDEX openings ON events (incident) WHERE kind IN ('incident.opened', 'redacted')",
        "CREATE INDEX redactions ON events (incident) WHERE kind = 'redaction'",
        "CREATE INDEX imports ON events (node) WHERE origin <> ''",
        # A fact may give way to its tombstone when an order in the same incident names it, and nothing else about
        # the row may change.
        "DROP TRIGGER never_changed",
        """
        CREATE TRIGGER never_changed BEFORE UPDATE ON events
        WHEN (
            NEW.position = OLD.position AND NEW.id = OLD.id AND NEW.node = OLD.node AND NEW.seq = OLD.seq
            AND NEW.incident = OLD.incident AND NEW.prev = OLD.prev AND NEW.sha = OLD.sha AND NEW.origin = OLD.origin
            AND OLD.kind NOT IN ('redaction', 'redacted') AND NEW.kind = 'redacted'
            AND json_extract(NEW.body, '$.kind') = 'redacted' AND json_extract(NEW.body, '$.body.was') = OLD.kind
            AND json_remove(NEW.body, '$.kind', '$.body', '$.seal')
                = json_remove(OLD.body, '$.kind', '$.body', '$.seal', '$.cleaned')
            AND (SELECT count(*) FROM json_each(NEW.body, '$.body')) = 4
            AND EXISTS (
                SELECT 1 FROM events WHERE kind = 'redaction' AND incident = OLD.incident
                AND json_extract(body, '$.body.event') = OLD.id
            )
        ) IS NOT TRUE
        BEGIN SELECT RAISE(ABORT, 'the timeline is never changed, only added to'); END
        """,
    ),
    (
        # What an incident's state is made of is found without reading the rest.
        "CREATE INDEX by_incident ON events (incident, kind)",
        "DROP INDEX openings",
    ),
)
VERSION = len(MIGRATIONS)
WITH_ORIGINS = 2  # from this version on a row says where it came from


def version_of(connection: sqlite3.Connection) -> int:
    """The version that the file was written by; 0 when it is new."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def has_tables(connection: sqlite3.Connection) -> bool:
    """Whether the file holds events, whatever version it says it is."""
    return connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'events'").fetchone() is not None


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the file to this version, all or nothing; a newer file is left alone."""
    if version_of(connection) >= VERSION:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Asked again under the lock: another process may have been first.
        for statements in MIGRATIONS[version_of(connection) :]:
            for statement in statements:
                connection.execute(statement)
        if version_of(connection) < VERSION:
            connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
    except sqlite3.Error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
