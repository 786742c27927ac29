"""Gradebooks with invented results, so that what is made of them can be tested without a sandbox."""

from types import SimpleNamespace

from coursekit.grading.answers import version_of
from coursekit.grading.gradebook import Gradebook

NAME = "01-small"
WHY = {
    "cell": "why", "id": "cell-6", "title": "In words", "points": 2.0, "question": "Why <b>?", "reference": "Because.",
    "starter": "YOUR ANSWER HERE",
}  # fmt: skip
TESTS = [
    {"name": "test_visible.py::test_a", "task": "softmax", "title": "rows sum to one", "visible": True, "points": 1.0},
    {"name": "test_hidden.py::test_b", "task": "softmax", "title": "large numbers", "visible": False, "points": 3.0},
]
HOSTILE = [
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "=cmd|' /C calc'!A0", "+1", "-rf", "@SUM(1)",
    "\uff1d1+1", "'; DROP TABLE result;--", "עברית", "李小龙", "ü" * 200, "con", "CON", "a~b", "Anna", "anna", "..",
    "Points Possible", "index", "{body}", "%s", "a;b,c",
]  # fmt: skip


def book_of(folder, parts=(WHY,), name=NAME):
    """A gradebook that knows the invented assignment."""
    book = Gradebook(folder)
    tests = [SimpleNamespace(**test) for test in TESTS]
    points = 4 + sum(part["points"] for part in parts)
    book.describe(
        SimpleNamespace(
            name=name, title="Small <things>", points=points, automatic_points=4.0, parts=parts, tests=tests
        )
    )
    return book


def hand_in(book, student, passed=(True, True), answer="Because.", when="2026-11-02T10:00:00+00:00", **changes):
    """One result, as `grade` stores it."""
    tests = []
    for test, right in zip(TESTS, passed, strict=True):
        outcome = {"earned": test["points"], "outcome": "passed", "message": "", "kind": ""}
        if not right:
            outcome = {"earned": 0.0, "outcome": "failed", "message": f"it is wrong in {test['title']}", "kind": ""}
        tests.append(test | outcome)
    state = "given" if answer else "empty"
    values = {
        "key": "k", "status": "graded", "points": sum(test["earned"] for test in tests), "out_of": 4.0, "line": "",
        "seconds": 0.5, "content": version_of(answer), "submitted": when, "submitted_from": "file", "tests": tests,
        "cells": [], "notes": [], "cpu": 0.1, "found": "",
        "answers": [{"cell": "why", "state": state, "source": answer, "version": version_of(answer)}],
    }  # fmt: skip
    book.record(NAME, student, **values | changes)


def no_submission(book, student):
    book.record(NAME, student, key="", status="no submission", points=None, out_of=4.0, line="no submission")


def give(book, student, points, comment="", answer="Because.", cell="why"):
    book.mark(
        [
            {
                "assignment": NAME, "student": student, "cell": cell, "points": points, "comment": comment,
                "version": version_of(answer),
            }
        ]
    )  # fmt: skip
