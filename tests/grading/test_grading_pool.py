"""Judging processes that die, hang, or get no sandbox: one submission's loss at most."""

import os
import signal
import time

import pytest
from small_assignment import HONEST, notebook

from coursekit.grading import pool as pool_module
from coursekit.grading import sandbox as sandbox_module
from coursekit.grading.assignment import AssignmentError
from coursekit.grading.pool import Pool
from coursekit.grading.process import StartError
from coursekit.grading.sandbox import Sandbox, SandboxUnavailable

GOOD = notebook(*HONEST)


def pretend(assignment, data, starter):
    """In the place of `judge`: what the data says happens."""
    if data == b"no start":
        raise StartError("no processes left")
    if data == b"hang":
        time.sleep(60)
    return {"points": 1.0}


@pytest.fixture
def pool(assignment):
    pool = Pool(assignment, 1, sandbox=False)
    yield pool
    pool.close()


def test_a_judge_killed_between_two_notebooks_is_replaced(pool):
    for name in ("anna", "ben"):
        ((_, result),) = pool.map([(name, GOOD)])
        assert result["points"] == 4
        os.kill(pool.judges[0].process.pid, signal.SIGKILL)
        pool.judges[0].process.join()


def test_a_judge_that_hangs_is_ended(pool, monkeypatch):
    monkeypatch.setattr(pool_module, "judge", pretend)
    pool.seconds = 1
    results = dict(pool.map([("a", b"hang"), ("b", b"fine")]))
    assert results == {"a": "the judging process did not end within 1 s", "b": {"points": 1.0}}


def test_a_sandbox_that_does_not_start_costs_its_submission_the_run(pool, monkeypatch):
    monkeypatch.setattr(pool_module, "judge", pretend)
    results = dict(pool.map([("a", b"no start"), ("b", b"fine"), ("c", b"no start"), ("d", b"no start")]))
    assert results["b"] == {"points": 1.0}
    assert [results[name] for name in "acd"] == ["no processes left"] * 3
    with pytest.raises(SandboxUnavailable, match="no processes left"):
        list(pool.map([(name, b"no start") for name in "abc"]))
    with pytest.raises(SandboxUnavailable, match="no processes left"):
        list(pool.map([("solution", b"no start")], failed_starts=1))


def test_a_sandbox_is_tried_again(assignment, sandbox, monkeypatch):
    cold, tries = Sandbox(assignment.packages, assignment.limits, warm=False), []

    def child(command, *args, **options):
        tries.append(command)
        if len(tries) < 3:
            raise StartError("fork: Resource temporarily unavailable")
        return "a child"

    monkeypatch.setattr(sandbox_module, "launch", child)
    monkeypatch.setattr(sandbox_module, "PAUSES", (0, 0))
    assert cold.start() == "a child"
    tries.clear()
    monkeypatch.setattr(sandbox_module, "PAUSES", (0,))
    with pytest.raises(StartError):
        cold.start()


def test_a_judge_that_is_not_forked_works_with_the_same_tests(own_folder):
    assert pool_module._read_again(own_folder, pool_module.load_assignment(own_folder).digest).tests
    with pytest.raises(AssignmentError, match="edited during the run"):
        pool_module._read_again(own_folder, "another digest")
