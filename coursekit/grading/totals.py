"""What a student gets: the points of the tests, the marks of people, and what lateness takes off."""

from dataclasses import dataclass

from coursekit.grading.answers import version_of
from coursekit.grading.assignment import tidy
from coursekit.grading.deadlines import Lateness

__all__ = ["SOURCES", "Total", "total"]

SOURCES = {"timestamp.txt": "nbgrader's timestamp", "file": "the time of the file"}


@dataclass(frozen=True)
class Total:
    """The points of one student for one assignment.

    Attributes
    ----------
    automatic : float or None
        Of the tests; None if nothing was handed in, or it could not be graded.
    manual : float or None
        Of people, as far as they have marked; None if there is nothing for them to mark.
    out_of : float
        What can be had in all.
    missing : tuple of str
        The cells that somebody has yet to mark. Then `points` are not the last word.
    changed : tuple of str
        The cells whose answer is not the one that was marked.
    late : Lateness or None
        None where there is no deadline.
    deduction : float
        Taken off for being late.
    points : float or None
        What is left of automatic and manual points together.
    """

    automatic: float | None
    manual: float | None
    out_of: float
    missing: tuple
    changed: tuple
    late: Lateness | None
    deduction: float
    points: float | None

    def notes(self):
        """What somebody who sees the points should know, in words, for the instructor.

        Returns
        -------
        list of str
        """
        notes = []
        if self.missing:
            notes.append(f"not marked yet: {', '.join(self.missing)}")
        if self.changed:
            notes.append(f"changed since it was marked: {', '.join(self.changed)}")
        if self.late is not None and self.late.submitted is None:
            notes.append(str(self.late))
        elif self.late is not None and self.late.seconds:
            off = f" (-{self.deduction:g})" if self.deduction else ""
            notes.append(f"{self.late}{off}, by {SOURCES[self.late.source]}")
        return notes


def total(row, facts, deadlines):
    """Add up one row of the gradebook.

    Parameters
    ----------
    row : dict
        From `Gradebook.results`.
    facts : dict
        What `Gradebook.assignments` knows of its assignment.
    deadlines : Deadlines

    Returns
    -------
    Total

    Notes
    -----
    A cell that is worth 0 points is nobody's duty to mark: it is never missing, and what is given for it comes on top.

    Examples
    --------
    >>> from coursekit.grading.deadlines import Deadlines
    >>> row = {"assignment": "01", "student": "anna", "status": "graded", "points": 3.0, "out_of": 4.0}
    >>> row |= {"details": {}, "marks": {"why": {"points": 0.5, "version": "x"}}}
    >>> facts = {"points": 6, "parts": [{"cell": "why", "points": 1.0}, {"cell": "how", "points": 1.0}]}
    >>> sum_ = total(row, facts, Deadlines())
    >>> sum_.points, sum_.out_of, sum_.missing, sum_.changed
    (3.5, 6, ('how',), ('why',))
    """
    marks, parts = row["marks"], {part["cell"]: part for part in facts["parts"]}
    given = {cell: mark for cell, mark in marks.items() if cell in parts}
    manual = tidy(sum(mark["points"] for mark in given.values())) if given or _points(parts) else None
    if row["points"] is None:  # nothing was handed in, or the grader failed: nothing to mark, nothing to be late with
        return Total(None, manual, facts["points"], (), (), None, 0.0, None)
    versions = {answer["cell"]: answer["version"] for answer in row["details"].get("answers", ())}
    nothing = version_of("")
    changed = tuple(cell for cell, mark in given.items() if mark["version"] != versions.get(cell, nothing))
    missing = tuple(cell for cell, part in parts.items() if part["points"] and cell not in marks)
    before = tidy(row["points"] + (manual or 0.0))
    late = deadlines.lateness(row)
    deduction = late.deduction(before, facts["points"]) if late is not None else 0.0
    points = tidy(before - deduction)
    return Total(row["points"], manual, facts["points"], missing, changed, late, tidy(deduction), points)


def _points(parts):
    return any(part["points"] for part in parts.values())
