"""Time spent in the tests themselves: bounded, whatever the tests and the libraries they call catch."""

import contextlib
import time

import pytest

from coursekit.grading.assignment import TestCase
from coursekit.grading.judge import run_tests
from coursekit.grading.process import StartError
from coursekit.grading.submission import Submission


def cases(*functions):
    return [
        TestCase(function.__name__, "task", 1.0, "title", True, lambda submission, run=function: run(), {})
        for function in functions
    ]


def swallows():
    while True:
        with contextlib.suppress(Exception):  # as NumPy's array_equal does
            time.sleep(0.05)


def swallows_everything_once():
    with contextlib.suppress(BaseException):
        time.sleep(60)
    time.sleep(60)


def naps():
    time.sleep(0.3)


@pytest.mark.parametrize("function", [swallows, swallows_everything_once])
def test_a_test_that_does_not_end_is_ended(function):
    began = time.monotonic()
    (result,) = run_tests(cases(function), Submission(None), 0.3)
    assert time.monotonic() - began < 5
    assert result["outcome"] == "broken"
    assert "did not end within 0.3 s" in result["message"]


def test_all_tests_together_have_a_limit():
    results = run_tests(cases(naps, naps, naps, naps), Submission(None), 10, together=0.5)
    assert [result["outcome"] for result in results] == ["passed", "broken", "failed", "failed"]
    assert results[2]["message"] == "not called: the tests before it took 0.5 s"
    assert sum(result["earned"] for result in results) == 1


def test_a_sandbox_that_does_not_start_again_is_no_grade():
    """The machine's fault must not become a test that failed."""

    def no_start():
        raise StartError("no processes left")

    with pytest.raises(StartError):
        run_tests(cases(no_start), Submission(None), 1)
