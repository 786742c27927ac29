"""Deadlines, restarts and the honest rest of a notebook."""

import io
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from coursekit.grading import process, usage, wire, wire_format
from coursekit.grading.assignment import Limits
from coursekit.grading.link import RemoteLink
from coursekit.grading.process import launch
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


def test_a_function_that_kills_is_not_called_again(link):
    submission = Submission(link)
    for words in ("exit status 3", "was not called again", "was not called again"):
        with pytest.raises(StudentError, match=words) as caught:
            submission.die(3)
        assert caught.value.kind == "crash"
        assert submission.f(1) == 2
    assert link.epoch == 1


def test_many_bad_functions_do_not_cost_the_good_ones(start):
    source = "\n".join(f"def bad{number}():\n    os._exit(1)" for number in range(8))
    link = RemoteLink(start, [("cell 1", CELL + source)], 5, 5, 60)
    submission = Submission(link)
    for number in range(8):
        with pytest.raises(StudentError, match="exit status 1"):
            submission.call(f"bad{number}")
    assert submission.f(1) == 2
    link.close()


def test_a_process_that_dies_of_being_asked_for_its_output(start):
    """It is asked once, in the child that then dies, and the tests are answered by the next."""
    cell = "import os, sys\nsys._getframe(1).f_locals['self'].output = lambda: os._exit(1)\n"
    link = RemoteLink(start, [("cell 1", cell + CELL)], 5, 5, 60)
    assert Submission(link).f(1) == 2
    assert (link.epoch, link.output) == (1, "")
    link.close()


def test_a_cell_that_cannot_be_sent_costs_only_itself(start, monkeypatch):
    monkeypatch.setattr(wire_format, "MAX_BYTES", 10_000)
    link = RemoteLink(start, [("cell 1", "#" * 10_000), ("cell 2", CELL)], 5, 5, 20)
    assert Submission(link).f(1) == 2
    assert "cell 1 was not run: the value takes" in link.failures["cell 1"].message
    link.close()


@pytest.mark.parametrize("reply", ["(np.array([1, 2]), None)", "('missing', np.array([1, 2]))", "[1]", "(None,)", "()"])
def test_a_reply_that_is_no_reply_is_an_answer_of_the_students(start, reply):
    """An array where a word belongs must not raise in the grader."""
    forge = f"import sys\nwire = sys.modules['wire']\nreal = wire.encode\nanswer = {reply}\n"
    forge += "wire.encode = lambda value, handle_of=None: real(answer)\n"
    for cells in ([("cell 1", CELL + forge)], [("cell 1", CELL), ("cell 2", "def g():\n    exec(forge)")]):
        link = RemoteLink(start, [*cells, ("cell 3", f"forge = {forge!r}\nf = lambda x: g()")], 5, 5, 20)
        with pytest.raises(StudentError):
            Submission(link).f(1)
        link.close()


def test_memory_of_a_process_whose_first_thread_has_ended_is_counted():
    """The kernel says nothing of it where it says how much a process uses: only in the lines of the other threads."""
    if not usage.memory_mb(os.getpid()):
        pytest.skip("the kernel does not say who started whom")
    source = """
import ctypes, threading
def hog():
    kept = bytearray(b"x" * (40 * 2**20))
    print("held", flush=True)
    threading.Event().wait(10)
threading.Thread(target=hog).start()
ctypes.CDLL(None).pthread_exit(None)
"""
    with subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.PIPE) as child:
        assert child.stdout.readline() == b"held\n"
        end = time.monotonic() + 5
        while "zombie" not in Path(f"/proc/{child.pid}/status").read_text() and time.monotonic() < end:
            time.sleep(0.01)
        assert usage.memory_mb(child.pid) >= 40
        child.kill()


def test_the_memory_of_all_its_processes_is_bounded_together(start):
    if not usage.memory_mb(os.getpid()):
        pytest.skip("the kernel does not say who started whom")
    cell = """
import os, time
def hog():
    for _ in range(3):
        if os.fork() == 0:
            break
    kept = bytearray(b"x" * (40 * 2**20))
    time.sleep(60)
def fine():
    time.sleep(0.5)
    return 1
"""

    def bounded():
        child = start()
        child.memory_mb = 150
        return child

    link = RemoteLink(bounded, [("cell 1", cell)], 10, 5, 60)
    submission = Submission(link)
    assert submission.fine() == 1
    began = time.monotonic()
    with pytest.raises(StudentError, match="it used more than 150 MB of memory"):
        submission.hog()
    assert time.monotonic() - began < 5
    link.close()


def test_an_interrupted_request_ends_the_child(start, monkeypatch):
    """Else its answer would be taken for the answer to the next request."""

    class TimeIsUp(BaseException):
        pass

    def interrupted(stream):
        raise TimeIsUp

    link = RemoteLink(start, [("cell 1", CELL)], 5, 5, 20)
    submission = Submission(link)
    assert submission.f(1) == 2
    with monkeypatch.context() as patch:
        patch.setattr(wire, "read_frame", interrupted)
        with pytest.raises(TimeIsUp):
            submission.f(10)
    assert submission.f(20) == 21
    link.close()


def test_a_deadline_is_for_one_call(link):
    submission = Submission(link)
    assert submission.wait(0.1) == 0.1
    with pytest.raises(StudentError, match=r"wait did not finish within 0\.5 s"):
        submission.wait(30)
    assert submission.f(1) == 2


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
    monkeypatch.setattr(usage, "waited", lambda pid, before: 100.0)
    link = RemoteLink(start, [("cell 1", CELL)], 0.5, 1, 20)
    submission = Submission(link)
    assert submission.wait(1.0) == 1.0
    began = time.monotonic()
    with pytest.raises(StudentError, match="did not finish"):
        submission.wait(30)
    assert 1.4 < time.monotonic() - began < 5
    link.close()


@pytest.mark.skipif(not os.path.exists("/proc/self/schedstat"), reason="the kernel does not say how long a task waited")
def test_only_what_others_took_is_added(monkeypatch):
    """Not what was waited before the request, nor what the submission's own tasks take from each other."""
    tasks = [usage._Task(1, number, ready=number < 3, used=1.0, queued=9.0 + number) for number in range(5)]
    monkeypatch.setattr(usage, "_tasks", lambda pid: iter(tasks))
    monkeypatch.setattr(usage.os, "sched_getaffinity", lambda pid: {0, 1, 2, 3})
    before = dict.fromkeys(range(5), 8.0)
    assert usage.waited(1, before) == 5.0
    assert usage.waited(1, usage.queued(1)) == 0.0
    monkeypatch.setattr(usage.os, "sched_getaffinity", lambda pid: {0, 1})
    assert usage.waited(1, before) == 0.0


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
    child = launch([sys.executable, "-c", write])
    began = time.monotonic()
    with pytest.raises(process.Deadline):
        child.request(bytes(10**7), 0.5)
    assert time.monotonic() - began < 5
    child.close()
