"""The gradebook: one SQLite file, one transaction a submission.

    result       what the tests gave, one row a student and assignment; written by `grade`, replaced by the next result
    mark         what people gave, one row a student, assignment and cell; written by `mark`, never by `grade`
    assignment   title, points and cells to be marked, as they were when it was graded last
    similar      pairs of submissions to look at

A result carries the hash of everything that made it (`key_of`): a second run grades only what changed, and a run that
is killed loses only what it was grading at that moment. What is stored is raw: marks are added and penalties for being
late are taken off when somebody asks (`totals`), so neither needs anything to be graded again.
"""

import contextlib
import hashlib
import json
import os
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from coursekit.grading.schema import prepare

__all__ = ["Gradebook", "key_of"]

FORMAT = 1  # of the stored results; part of every key


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
        Made if it is not there; the file in it is gradebook.sqlite. What is made is for this user only. One of an older
        coursekit is brought up to date, all of it or nothing.

    Raises
    ------
    sqlite3.DatabaseError
        If the file is no gradebook, or that of a newer coursekit.
    """

    def __init__(self, folder):
        folder = Path(folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        self.path = folder / "gradebook.sqlite"
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))  # SQLite gives its other files the same rights
        self.connection = sqlite3.connect(self.path, timeout=60, isolation_level=None)
        self.connection.row_factory = sqlite3.Row
        try:
            self.connection.execute("PRAGMA journal_mode=WAL")
            prepare(self.connection)
        except BaseException:
            self.connection.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.connection.close()

    @contextlib.contextmanager
    def transaction(self):
        """All that is written in the body, or nothing of it."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    # ------------------------------------------------------------------ what the tests gave

    def key(self, assignment, student):
        """The key of the stored result, or None."""
        row = self.connection.execute(
            "SELECT key FROM result WHERE assignment = ? AND student = ?", (assignment, student)
        ).fetchone()
        return row["key"] if row else None

    def record(
        self, assignment, student, *, key, status, points, out_of, line, seconds=None,
        content="", submitted=None, submitted_from="", **details,
    ):  # fmt: skip
        """Store one result in one transaction, in place of an earlier one."""
        with self.transaction():
            self.connection.execute(
                "INSERT INTO result (assignment, student, key, status, points, out_of, line, seconds, details) "
                "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO UPDATE SET "
                "key = ?3, status = ?4, points = ?5, out_of = ?6, line = ?7, seconds = ?8, details = ?9",
                (assignment, student, key, status, points, out_of, line, seconds, json.dumps(details)),
            )
            self.arrived(assignment, student, content, submitted, submitted_from)

    def arrived(self, assignment, student, content, submitted, submitted_from):
        """Store when a notebook was handed in that is graded already.

        Parameters
        ----------
        assignment, student : str
        content : str
            The hash of the notebook.
        submitted : str or None
            A point in time, ISO 8601 in UTC.
        submitted_from : str
            "timestamp.txt" or "file". The time of a file changes when it is copied, so for the same content the
            earliest one ever seen is kept.
        """
        self.connection.execute(
            "UPDATE result SET content = ?3, submitted = ?4, submitted_from = ?5 "
            "WHERE assignment = ?1 AND student = ?2 AND (content, submitted, submitted_from) IS NOT (?3, ?4, ?5) "
            "AND NOT (content = ?3 AND submitted IS NOT NULL "
            "AND submitted_from = 'file' AND ?5 = 'file' AND submitted <= ?4)",
            (assignment, student, content, submitted, submitted_from),
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
        """All results, or those of one assignment, sorted by assignment and student.

        Returns
        -------
        list of dict
            The columns of the table, `details` decoded, and `marks`: cell -> {points, comment, version, marked}.
        """
        marks = {}
        for row in self.connection.execute("SELECT * FROM mark WHERE ?1 IS NULL OR assignment = ?1", (assignment,)):
            mark = {name: row[name] for name in ("points", "comment", "version", "marked")}
            marks.setdefault((row["assignment"], row["student"]), {})[row["cell"]] = mark
        rows = self.connection.execute(
            "SELECT * FROM result WHERE ?1 IS NULL OR assignment = ?1 ORDER BY assignment, student", (assignment,)
        )
        return [
            {**row, "details": json.loads(row["details"]), "marks": marks.get((row["assignment"], row["student"]), {})}
            for row in map(dict, rows)
        ]

    # ------------------------------------------------------------------ what people gave

    def mark(self, marks):
        """Store marks, all of them or none.

        Parameters
        ----------
        marks : iterable of dict
            assignment, student, cell, points (None: take the mark away), comment, version.
        """
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with self.transaction():
            for mark in marks:
                key = mark["assignment"], mark["student"], mark["cell"]
                if mark["points"] is None:
                    self.connection.execute("DELETE FROM mark WHERE assignment = ? AND student = ? AND cell = ?", key)
                else:
                    self.connection.execute(
                        "INSERT OR REPLACE INTO mark VALUES (?, ?, ?, ?, ?, ?, ?)",
                        (*key, mark["points"], mark["comment"], mark["version"], now),
                    )

    # ------------------------------------------------------------------ what is known of the assignments

    def describe(self, assignment):
        """Remember what reports need to know of an assignment, so that they need not its folder."""
        facts = {
            "title": assignment.title,
            "points": assignment.points,
            "automatic": assignment.automatic_points,
            "parts": list(assignment.parts),
            "tests": [
                {name: getattr(test, name) for name in ("name", "task", "title", "visible", "points")}
                for test in assignment.tests
            ],
        }
        self.connection.execute("INSERT OR REPLACE INTO assignment VALUES (?, ?)", (assignment.name, json.dumps(facts)))

    def assignments(self):
        """What is known of each assignment.

        Returns
        -------
        dict
            name -> title, points, automatic, parts (see `answers.hand_marked`), tests. Of one that an older coursekit
            graded only the name and the points of its tests.
        """
        graded = self.connection.execute("SELECT assignment, max(out_of) AS points FROM result GROUP BY assignment")
        known = {
            name: {"title": name, "points": points, "automatic": points, "parts": [], "tests": []}
            for name, points in graded
        }
        for row in self.connection.execute("SELECT * FROM assignment"):
            known[row["name"]] = json.loads(row["facts"])
        return dict(sorted(known.items()))

    def set_similar(self, assignment, pairs, submissions):
        """Replace the pairs of submissions to look at.

        Parameters
        ----------
        assignment : str
        pairs : list of dict
            From `similarity.similar_pairs`, the most similar first.
        submissions : int
            How many were compared.
        """
        rows = [("", "", {"submissions": submissions}), *((pair["first"], pair["second"], pair) for pair in pairs)]
        with self.transaction():
            self.connection.execute("DELETE FROM similar WHERE assignment = ?", (assignment,))
            for rank, (first, second, facts) in enumerate(rows):
                row = (assignment, rank, first, second, json.dumps(facts))
                self.connection.execute("INSERT INTO similar VALUES (?, ?, ?, ?, ?)", row)

    def similar(self, assignment):
        """The pairs, the most similar first, and how many submissions were compared; None if nobody has looked."""
        rows = self.connection.execute("SELECT facts FROM similar WHERE assignment = ? ORDER BY rank", (assignment,))
        facts = [json.loads(row["facts"]) for row in rows]
        return (facts[1:], facts[0]["submissions"]) if facts else None

    # ------------------------------------------------------------------ the assignment itself

    def is_verified(self, key):
        """Whether the reference solution of this very assignment has had full marks on this grader."""
        return self.connection.execute("SELECT 1 FROM verified WHERE key = ?", (key,)).fetchone() is not None

    def verify(self, key):
        """Remember that it has."""
        with contextlib.suppress(sqlite3.IntegrityError):
            self.connection.execute("INSERT INTO verified VALUES (?)", (key,))
