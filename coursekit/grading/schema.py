"""The tables of the gradebook, and how a gradebook of an older coursekit gets them.

The version is SQLite's own `user_version`. A step from one version to the next is a list of statements; all steps that
are missing are taken in one transaction, so that a gradebook is of one version or another and never in between.
"""

import sqlite3

__all__ = ["VERSION", "prepare"]

# 0 -> 1: the tables of the first release, which knew no version. -> 2: marks, times, assignments, pairs.
STEPS = [
    [
        """
CREATE TABLE IF NOT EXISTS result (
    assignment TEXT NOT NULL,
    student TEXT NOT NULL,
    key TEXT NOT NULL,          -- hash of submission, tests, settings and grader; '' if it is to be graded again
    status TEXT NOT NULL,       -- graded, no submission, not read, not graded
    points REAL,                -- of the tests, raw; NULL when there is nothing to give points for
    out_of REAL NOT NULL,       -- what the tests can give
    line TEXT NOT NULL,         -- what went wrong, '' if nothing did
    seconds REAL,
    details TEXT NOT NULL,      -- JSON: tests, cells, notes, output, answers
    PRIMARY KEY (assignment, student)
) STRICT""",
        "CREATE TABLE IF NOT EXISTS verified (key TEXT PRIMARY KEY) STRICT",
    ],
    [
        "ALTER TABLE result ADD COLUMN content TEXT NOT NULL DEFAULT ''",  # hash of the notebook alone
        "ALTER TABLE result ADD COLUMN submitted TEXT",  # when it was handed in: ISO 8601, UTC
        "ALTER TABLE result ADD COLUMN submitted_from TEXT NOT NULL DEFAULT ''",  # timestamp.txt, file
        """
CREATE TABLE mark (
    assignment TEXT NOT NULL,
    student TEXT NOT NULL,
    cell TEXT NOT NULL,         -- nbgrader's grade_id
    points REAL NOT NULL,
    comment TEXT NOT NULL,
    version TEXT NOT NULL,      -- hash of the answer that was marked
    marked TEXT NOT NULL,       -- when: ISO 8601, UTC
    PRIMARY KEY (assignment, student, cell)
) STRICT""",
        "CREATE TABLE assignment (name TEXT PRIMARY KEY, facts TEXT NOT NULL) STRICT",
        """
CREATE TABLE similar (
    assignment TEXT NOT NULL,
    rank INTEGER NOT NULL,      -- 0: how many were compared; 1: the most similar pair
    first TEXT NOT NULL,
    second TEXT NOT NULL,
    facts TEXT NOT NULL,        -- JSON
    PRIMARY KEY (assignment, rank)
) STRICT""",
    ],
]
VERSION = len(STEPS)


def prepare(connection):
    """Give a new or older gradebook the tables of this version.

    Parameters
    ----------
    connection : sqlite3.Connection
        In autocommit mode.

    Raises
    ------
    sqlite3.DatabaseError
        If a newer coursekit made it.

    Examples
    --------
    >>> connection = sqlite3.connect(":memory:", isolation_level=None)
    >>> prepare(connection)
    >>> connection.execute("PRAGMA user_version").fetchone() == (VERSION,)
    True
    """
    if _version(connection) == VERSION:
        return
    connection.execute("BEGIN IMMEDIATE")  # then look again: another process may have been faster
    try:
        version = _version(connection)
        if version > VERSION:
            raise sqlite3.DatabaseError(
                f"a newer coursekit made it (version {version}; this one knows {VERSION}). Update coursekit"
            )
        for step in STEPS[version:]:
            for statement in step:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {VERSION}")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _version(connection):
    return connection.execute("PRAGMA user_version").fetchone()[0]
