"""Workers forked from a warm process: as shut in as the others, and strangers to it and to each other."""

import os
import signal
import time
from pathlib import Path

import pytest

from coursekit.grading import sandbox as sandbox_module
from coursekit.grading.link import RemoteLink
from coursekit.grading.process import StartError
from coursekit.grading.sandbox import Sandbox
from coursekit.grading.submission import StudentError, Submission

CELL = """
import ctypes, os, random, signal, sys
import numpy as np

def draw():
    return random.random(), float(np.random.rand())

def rights():
    libc = ctypes.CDLL(None)
    libc.prctl.argtypes = [ctypes.c_int] + [ctypes.c_ulong] * 4
    header, sets = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    libc.capget(header, sets)
    bounding = [right for right in range(41) if libc.prctl(23, right, 0, 0, 0) == 1]
    return list(sets), bounding, libc.prctl(39, 0, 0, 0, 0)

def signal_everybody():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for target in (0, -1, os.getppid()):
        try:
            os.kill(target, signal.SIGTERM)
        except OSError:
            pass
    return os.getpid(), os.getppid(), os.getpgid(0), os.getsid(0)

def change():
    np.add = sys.modules["random"].changed = None
    return True

def changed():
    return np.add is None or hasattr(random, "changed")

def fill():
    count = 0
    try:
        for count in range(10_000):
            open(f"/tmp/{count}", "x").close()
    except OSError:
        return count

def die():
    ctypes.string_at(0)

def leave():
    os._exit(7)
"""


@pytest.fixture(scope="module")
def warm(sandbox):
    """A sandbox whose workers are forked."""
    if not sandbox.proven:
        pytest.skip("workers cannot be forked here")
    return sandbox


@pytest.fixture
def fork(warm):
    """fork() gives a submission in a new fork."""
    links = []

    def fork():
        links.append(RemoteLink(warm.start, [("cell 1", CELL)], 5, 5, 60, restarts=0))
        return Submission(links[-1])

    yield fork
    for link in links:
        link.close()


def children(pid):
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def template_of(sandbox):
    """The number of the template's process: the last in the chain that began with our command."""
    pid = sandbox.template.process.pid
    while b"/worker/template.py" not in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0") or children(pid):
        (pid,) = children(pid)[:1] or [pid]
        if b"python" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0]:
            return int(pid)
    return int(pid)


def test_forks_do_not_draw_the_same_numbers(fork):
    first, second = fork().draw(), fork().draw()
    assert not set(first) & set(second)


def test_a_fork_has_no_rights_and_gets_none(fork):
    assert fork().rights() == ([0] * 6, [], 1)


def test_a_fork_cannot_signal_the_template(fork, warm):
    before = warm.template
    pid, parent, group, session = fork().signal_everybody()
    assert (pid, parent) == (1, 0)
    assert (group, session) == (1, 1)
    assert fork().draw()
    assert warm.template is before
    assert before.process.poll() is None


def test_a_fork_changes_nothing_for_the_next(fork):
    first = fork()
    assert first.change()
    assert first.changed()
    assert not fork().changed()


def test_the_files_of_a_fork_are_counted_and_its_own(fork):
    assert 3000 < fork().fill() < 5000
    assert 3000 < fork().fill() < 5000


def test_how_a_fork_ended_is_told(fork):
    with pytest.raises(StudentError, match="SIGSEGV"):
        fork().die()
    with pytest.raises(StudentError, match="exit status 7"):
        fork().leave()


def test_nothing_is_left_of_a_fork(warm):
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        child = warm.start()
        child.close()
        assert child.process.returncode == 0
    template, end = template_of(warm), time.monotonic() + 5
    while children(template) and time.monotonic() < end:
        time.sleep(0.02)
    assert not children(template)
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_killed_template_is_replaced(warm):
    before = warm.template
    os.kill(template_of(warm), signal.SIGKILL)
    before.process.wait(5)
    child = warm.start()
    assert warm.template is not before
    assert child.close() >= 0


def test_where_forks_are_refused_each_worker_gets_its_own_sandbox(assignment, warm, monkeypatch):
    monkeypatch.setattr(sandbox_module, "TEMPLATE_RIGHTS", ())
    refused = Sandbox(assignment.packages, assignment.limits)
    child = refused.start()
    assert (refused.warm, refused.template) == (False, None)
    child.close()


def test_a_template_that_cannot_load_says_why(assignment, warm, monkeypatch):
    broken = Sandbox(assignment.packages, assignment.limits)
    broken.preload = ["no_such_package"]
    with pytest.raises(StartError, match="no_such_package"):
        broken._launch(sandbox_module.Template, "template.py")
