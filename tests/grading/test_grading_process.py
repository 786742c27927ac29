"""Deadlines, restarts and the honest rest of a notebook."""

import io
import os
import sys
import time

import numpy as np
import pytest

from coursekit.grading import process, wire
from coursekit.grading.assignment import Limits
from coursekit.grading.process import Child, RemoteLink
from coursekit.grading.sandbox import Unconfined
from coursekit.grading.submission import StudentError, Submission

CELL = """
import os, time
import numpy as np
runs = 0
def f(x):
    return x + 1
def wait(seconds):
    time.sleep(seconds)
    return seconds
def die(status=0):
    os._exit(status)
class A:
    def value(self):
        return 1
"""


@pytest.fixture
def start(tmp_path):
    return Unconfined(Limits(), tmp_path).start


@pytest.fixture
def link(start):
    link = RemoteLink(start, [("cell 1", CELL)], 0.5, 1, 20)
    yield link
    link.close()


def test_a_function_that_kills_twice_is_not_called_again(link):
    submission = Submission(link)
    for words in ("exit status 3", "exit status 3", "was not called again"):
        with pytest.raises(StudentError, match=words) as caught:
            submission.die(3)
        assert caught.value.kind == "crash"
        assert submission.f(1) == 2
    assert link.epoch == 2


def test_a_deadline_is_for_one_call(link):
    submission = Submission(link)
    assert submission.wait(0.1) == 0.1
    with pytest.raises(StudentError, match=r"wait did not finish within 0\.5 s"):
        submission.wait(30)
    assert submission.wait(0.1) == 0.1


def test_handles_end_with_their_process(link):
    submission = Submission(link)
    old = submission.A()
    assert old.value() == 1
    with pytest.raises(StudentError):
        submission.die()
    with pytest.raises(StudentError, match="has ended"):
        old.value()
    new = submission.A()
    assert new != old
    assert new.value() == 1


def test_the_whole_notebook_has_a_limit(start):
    link = RemoteLink(start, [("cell 1", CELL)], 5, 5, 1)
    with pytest.raises(StudentError, match="the 1 s of the whole notebook"):
        Submission(link).wait(30)
    with pytest.raises(StudentError, match="used up its 1 s"):
        Submission(link).f(1)


def test_restarts_are_counted(start):
    cells = [(f"cell {number}", "import os\nos._exit(1)") for number in range(4)]
    link = RemoteLink(start, cells, 5, 5, 60, restarts=2)
    with pytest.raises(StudentError, match="died 3 times"):
        link.ensure()
    assert [failure.fatal for failure in link.failures.values()] == [True] * 3


def test_cells_that_kill_are_left_out(start):
    cells = [("cell 1", "x = 1"), ("cell 2", "while True: pass"), ("cell 3", "1 / 0"), ("cell 4", "y = 2")]
    link = RemoteLink(start, cells, 5, 0.5, 60)
    submission = Submission(link)
    assert (submission["x"], submission["y"]) == (1, 2)
    assert list(link.failures) == ["cell 2", "cell 3"]
    assert link.failures["cell 2"].message == "cell 2 did not finish within 0.5 s"
    link.close()


@pytest.mark.skipif(not os.path.exists("/proc/self/schedstat"), reason="the kernel does not say how long a task waited")
def test_time_in_the_queue_is_not_the_students(start, monkeypatch):
    monkeypatch.setattr(process, "queued_seconds", lambda pid: 100.0)
    link = RemoteLink(start, [("cell 1", CELL)], 0.5, 1, 20)
    submission = Submission(link)
    assert submission.wait(1.0) == 1.0
    began = time.monotonic()
    with pytest.raises(StudentError, match="did not finish"):
        submission.wait(30)
    assert 1.4 < time.monotonic() - began < 5
    link.close()


def test_cpu_time_is_known(start):
    link = RemoteLink(start, [("cell 1", "total = sum(range(10**6))")], 5, 5, 20)
    link.ensure()
    link.close()
    if os.path.exists("/proc/self/schedstat"):
        assert 0.01 < link.cpu_seconds < 5


def test_large_arrays_both_ways(link):
    x = np.random.default_rng(0).normal(size=(1000, 1000))
    link.call_seconds = 10
    np.testing.assert_array_equal(Submission(link).f(x), x + 1)


def test_a_child_that_never_reads_is_stopped():
    stream = io.BytesIO()
    wire.write_frame(stream, wire.encode(("ready",)))
    write = f"import sys, time\nsys.stdout.buffer.write({stream.getvalue()!r})\nsys.stdout.flush()\ntime.sleep(60)"
    child = Child([sys.executable, "-c", write])
    began = time.monotonic()
    with pytest.raises(process.Deadline):
        child.request(bytes(10**7), 0.5)
    assert time.monotonic() - began < 5
    child.close()
