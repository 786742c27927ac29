"""The gradebook: one SQLite file, one transaction a submission.

A row is keyed by assignment and student and carries the hash of everything that made it (`key_of`): a second run
grades only what changed, and a run that is killed loses only what it was grading at that moment.
"""

import contextlib
import hashlib
import json
import os
import sqlite3
from pathlib import Path

__all__ = ["Gradebook", "key_of"]

FORMAT = 1  # of the stored results; part of every key
_SCHEMA = """
CREATE TABLE IF NOT EXISTS result (
    assignment TEXT NOT NULL,
    student TEXT NOT NULL,
    key TEXT NOT NULL,          -- hash of submission, tests, settings and grader; '' if it is to be graded again
    status TEXT NOT NULL,       -- graded, no submission, not read, not graded
    points REAL,                -- NULL when there is nothing to give points for
    out_of REAL NOT NULL,
    line TEXT NOT NULL,         -- what went wrong, '' if nothing did
    seconds REAL,
    details TEXT NOT NULL,      -- JSON: tests, cells, notes, output
    PRIMARY KEY (assignment, student)
) STRICT;
CREATE TABLE IF NOT EXISTS verified (key TEXT PRIMARY KEY) STRICT;
"""


def key_of(*parts):
    """The hash that says whether a result is still the result.

    Examples
    --------
    >>> key_of(b"submission", "tests") == key_of(b"submission", "tests")
    True
    >>> key_of("ab", "c") == key_of("a", "bc")
    False
    """
    digest = hashlib.sha256(str(FORMAT).encode())
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


class Gradebook:
    """The results of a class.

    Parameters
    ----------
    folder : path
        Made if it is not there; the file in it is gradebook.sqlite. What is made is for this user only.
    """

    def __init__(self, folder):
        folder = Path(folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        self.path = folder / "gradebook.sqlite"
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))  # SQLite gives its other files the same rights
        self.connection = sqlite3.connect(self.path, timeout=60, isolation_level=None)
        self.connection.row_factory = sqlite3.Row
        self.connection.execute("PRAGMA journal_mode=WAL")
        self.connection.executescript(_SCHEMA)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.connection.close()

    def key(self, assignment, student):
        """The key of the stored result, or None."""
        row = self.connection.execute(
            "SELECT key FROM result WHERE assignment = ? AND student = ?", (assignment, student)
        ).fetchone()
        return row["key"] if row else None

    def record(self, assignment, student, *, key, status, points, out_of, line, seconds=None, **details):
        """Store one result in one transaction, in place of an earlier one."""
        self.connection.execute(
            "INSERT OR REPLACE INTO result VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (assignment, student, key, status, points, out_of, line, seconds, json.dumps(details)),
        )

    def keep(self, assignment, student, line):
        """Keep the points of a student whose notebook is no longer there, to be graded again when it is.

        Returns
        -------
        bool
            False if there are no such points.
        """
        changed = self.connection.execute(
            "UPDATE result SET key = '', line = ? WHERE assignment = ? AND student = ? AND status = 'graded'",
            (line, assignment, student),
        )
        return changed.rowcount > 0

    def results(self, assignment=None):
        """All results, or those of one assignment, sorted by assignment and student; dicts with `details` decoded."""
        rows = self.connection.execute(
            "SELECT * FROM result WHERE ?1 IS NULL OR assignment = ?1 ORDER BY assignment, student", (assignment,)
        )
        return [{**row, "details": json.loads(row["details"])} for row in map(dict, rows)]

    def is_verified(self, key):
        """Whether the reference solution of this very assignment has had full marks on this grader."""
        return self.connection.execute("SELECT 1 FROM verified WHERE key = ?", (key,)).fetchone() is not None

    def verify(self, key):
        """Remember that it has."""
        with contextlib.suppress(sqlite3.IntegrityError):
            self.connection.execute("INSERT INTO verified VALUES (?)", (key,))
