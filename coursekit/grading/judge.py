"""One submission before the tests: run the notebook, call every test, write down what came of it.

The tests run here, in the trusted process. What they can do with a stranger's answer is bounded too: memory by
`bound_memory` (an answer of an odd shape can broadcast to anything), time by an alarm, so that a test that never ends
on some answer costs its submission that test and nobody else anything.

Points are given only by a test that returns. Its exceptions are told apart:

    failed     an AssertionError, or a StudentError: the answer is wrong, or there is none
    broken     anything else: the test could not work with the answer. No points either, because the same test has just
               passed on the reference solution; and the instructor gets a list, and sees which of the two it was.
"""

import contextlib
import io
import math
import os
import random
import re
import signal
import threading
import time
import warnings
from dataclasses import asdict

import numpy as np

from coursekit.grading.answers import answers
from coursekit.grading.assignment import tidy
from coursekit.grading.link import RemoteLink
from coursekit.grading.notebook import NotebookError, parse_notebook
from coursekit.grading.process import StartError
from coursekit.grading.submission import StudentError, Submission, clip

__all__ = ["bound_memory", "judge", "link_to", "run_tests"]

ADDRESS = re.compile(r" at 0x[0-9a-f]+")  # of an object, in what pytest says of it: another one in every run
SPARE_SECONDS = 15
UNWRITTEN = "NotImplementedError"
KEPT_OUTPUT = 10_000  # characters of what the cells print, for the instructor
KEPT_CELLS = 50  # that failed; the line says how many more there are


class TestTimeout(BaseException):
    """A test itself did not end. No Exception, because a library that the test calls may catch those."""

    __test__ = False


def judge(assignment, data, starter, everything=False):
    """Grade one notebook.

    Parameters
    ----------
    assignment : Assignment
    data : bytes
        The notebook as submitted.
    starter : sandbox.Sandbox or sandbox.Unconfined
    everything : bool
        Also run the cells that are only there to be looked at, see `notebook.demonstrations`.

    Returns
    -------
    dict
        points (float), line (str: what went wrong, "" if nothing), tests, cells, notes, answers (lists), output (str:
        what the cells printed), seconds, cpu (float, the tests included). Plain values only: it goes into the gradebook
        as JSON. A cell is `early` if it failed like this before any test was called: then what it says cannot come from
        a test.
    """
    began, cpu = time.monotonic(), time.process_time()
    result = {"points": 0.0, "line": "", "tests": [], "cells": [], "notes": [], "answers": [], "output": ""}
    try:
        notebook = parse_notebook(data)
    except NotebookError as error:
        result |= {"line": str(error), "tests": [_report(test, "failed", str(error)) for test in assignment.tests]}
        result |= {"notes": [str(error)], "answers": answers(assignment.parts, None)}
        return result | {"seconds": 0.0, "cpu": 0.0}
    result["answers"] = answers(assignment.parts, notebook)
    if not everything:
        notebook.cells = [cell for cell in notebook.cells if cell[1] not in assignment.shown]
    link = link_to(notebook, assignment.limits, starter)
    try:
        with contextlib.suppress(StudentError):  # each test will say so itself
            link.ensure()
        early = dict(link.failures)
        total = assignment.limits.total_seconds
        result["tests"] = run_tests(
            assignment.tests, Submission(link), total + SPARE_SECONDS, together=2 * total + SPARE_SECONDS
        )
    finally:
        link.close()
    result["points"] = tidy(sum(test["earned"] for test in result["tests"]))
    result["cells"] = [
        asdict(failure) | {"early": early.get(cell) == failure} for cell, failure in link.failures.items()
    ]
    result["notes"] = notebook.notes
    result["output"] = link.output[:KEPT_OUTPUT]
    result["line"] = _line(result)
    del result["cells"][KEPT_CELLS:]
    cpu = time.process_time() - cpu + link.cpu_seconds
    return result | {"seconds": round(time.monotonic() - began, 3), "cpu": round(cpu, 4)}


def link_to(notebook, limits, starter):
    """The link to a notebook in a process of its own, with the limits of its assignment."""
    return RemoteLink(starter.start, notebook.cells, limits.call_seconds, limits.cell_seconds, limits.total_seconds)


def run_tests(tests, submission, seconds=None, together=None):
    """Call tests one after the other.

    Parameters
    ----------
    tests : iterable of TestCase
    submission : Submission
    seconds : float, optional
        For one test, its own time included; None: no bound.
    together : float, optional
        For all of them.

    Returns
    -------
    list of dict
        name, task, title, visible, points, earned, outcome ("passed", "failed", "broken"), message, and kind: that of
        the StudentError, "" for a wrong answer.
    """
    end = None if together is None else time.monotonic() + together
    results = []
    for test in tests:
        left = seconds
        if end is not None:
            left = min(math.inf if seconds is None else seconds, end - time.monotonic())
        if left is not None and left <= 0:
            results.append(_report(test, "failed", f"not called: the tests before it took {together:g} s", "timeout"))
        else:
            results.append(_run_test(test, submission, left))
    return results


def _run_test(test, submission, seconds):
    import pytest

    random.seed(0)  # a test that draws numbers draws the same ones for everybody
    np.random.seed(0)  # noqa: NPY002
    submission._last = ""
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()), _alarm(seconds):
            warnings.simplefilter("ignore")
            test.run(submission)
    except StartError:  # the machine's fault: no grade can come of it
        raise
    except StudentError as error:
        return _report(test, "failed", str(error), error.kind)
    except (AssertionError, pytest.fail.Exception) as error:
        # The author's message, without the line that pytest's rewriting puts below it.
        message, _, _ = str(error).partition("\nassert ")
        return _report(test, "failed", message or "the answer is not the expected one")
    except (Exception, pytest.skip.Exception, TestTimeout) as error:
        last = f"{submission._last}; " if submission._last else ""
        return _report(test, "broken", f"{last}the test could not go on: {type(error).__name__}: {error}")
    return _report(test, "passed", "")


def _report(test, outcome, message, kind=""):
    return {
        "name": test.name,
        "task": test.task,
        "title": test.title,
        "visible": test.visible,
        "points": test.points,
        "earned": test.points if outcome == "passed" else 0.0,
        "outcome": outcome,
        "message": "\n".join(clip(line, 300) for line in ADDRESS.sub("", message).strip().splitlines()[:30]),
        "kind": kind,
    }


@contextlib.contextmanager
def _alarm(seconds):
    """Raise `TestTimeout` in the body after so many seconds, and then each second; where there are alarms."""
    if seconds is None or not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(number, frame):
        raise TestTimeout(f"it did not end within {seconds:.3g} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _line(result):
    """The reason when something went wrong, short: the first broken cells, then what the tests met most often."""
    reasons = [cell["message"] for cell in result["cells"][:2]]
    if len(result["cells"]) > 2:
        reasons.append(f"{len(result['cells']) - 2} more cells failed")
    unwritten = [
        test["message"].partition(" is not written yet")[0] for test in result["tests"] if test["kind"] == UNWRITTEN
    ]
    unwritten = list(dict.fromkeys(unwritten))
    if unwritten:
        more = f" and {len(unwritten) - 2} more" if len(unwritten) > 2 else ""
        reasons.append(f"not written yet: {', '.join(unwritten[:2])}{more}")
    for test in result["tests"]:
        if test["kind"] not in ("", UNWRITTEN):
            reason = test["message"].partition("\n")[0]
            if reason not in reasons and len(reasons) < 4:
                reasons.append(reason)
    broken = sum(test["outcome"] == "broken" for test in result["tests"])
    if broken:
        reasons.append(f"{broken} test(s) could not work with an answer")
    return "; ".join([*reasons, *result["notes"]])


def bound_memory(spare_gb=4):
    """Give this process the address space it has now and `spare_gb` on top; what it starts may take its own."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        with open("/proc/self/statm") as stream:
            size = int(stream.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        resource.setrlimit(resource.RLIMIT_AS, (size + spare_gb * 2**30, hard))
