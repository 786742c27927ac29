"""Workers forked from a warm process: as shut in as the others, and strangers to it and to each other."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from coursekit.grading import process
from coursekit.grading import sandbox as sandbox_module
from coursekit.grading import warm as warm_module
from coursekit.grading.link import RemoteLink
from coursekit.grading.process import StartError
from coursekit.grading.sandbox import Sandbox
from coursekit.grading.submission import StudentError, Submission

CELL = r"""
import ctypes, fcntl, os, random, resource, signal, socket, sys, time
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

def touch():
    touched = []
    for path in ("/dev/null", "/dev/urandom"):
        try:
            os.utime(path)
            touched.append(path)
        except OSError:
            pass
    return touched

def standing():
    resting = ctypes.CDLL(None).syscall(252, 1, 0) if os.uname().machine == "x86_64" else 0
    kept = [resource.getrlimit(which)[0] for which in (resource.RLIMIT_NPROC, resource.RLIMIT_NOFILE)]
    return os.getpriority(os.PRIO_PROCESS, 0), resting, kept, len(os.sched_getaffinity(0)), os.listdir("/tmp")

def spoil():
    # What could stay with the user, the group, the network or an open file
    ends = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    ends[0].bind("\0left")
    socket.send_fds(ends[1], [b"x"], [ends[0].fileno()])
    tries = [
        lambda: os.setpriority(os.PRIO_USER, 1000, 19),
        lambda: os.setpriority(os.PRIO_PGRP, 0, 19),
        lambda: ctypes.CDLL(None).syscall(251, 3, 1000, 3 << 13),
        lambda: os.sched_setaffinity(0, [0]),
        lambda: resource.prlimit(2, resource.RLIMIT_NPROC, (1, 1)),
        lambda: resource.setrlimit(resource.RLIMIT_NPROC, (1, 1)),
        lambda: fcntl.flock(os.open("/dev/null", os.O_RDONLY), fcntl.LOCK_EX),
        lambda: fcntl.flock(os.open("/packages/numpy", os.O_RDONLY), fcntl.LOCK_EX),
        lambda: open("/tmp/left", "x").close(),
        *[lambda fd=fd: fcntl.fcntl(fd, fcntl.F_SETFL, os.O_NONBLOCK | os.O_ASYNC) for fd in range(5)],
    ]
    for action in tries:
        try:
            action()
        except OSError:
            pass
    return True

def left():
    with socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)[0] as end:
        try:
            end.sendto(b"x", "\0left")
            return True
        except OSError:
            return False

def be_a_sibling():
    # clone with CLONE_PARENT: a child of the guard
    return ctypes.CDLL(None).syscall(56, 0x8000 | signal.SIGCHLD, 0, 0, 0, 0)

def outlive():
    # Ignore all signals, ask not to die with the parent, and leave children that do the same
    libc = ctypes.CDLL(None)
    for _ in range(3):
        libc.prctl(1, 0, 0, 0, 0)
        for number in range(1, 65):
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        if os.fork():
            break
        os.setsid()
    if os.getpid() != 1:
        while True:
            time.sleep(10)
    return True

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


def test_nothing_a_fork_does_to_the_user_or_the_network_stays(fork):
    first = fork()
    before = first.standing()
    assert before[0] == 0
    assert first.spoil()
    first._link.close()
    second = fork()
    assert second.standing() == before
    assert not second.left()


def test_the_dates_of_the_hosts_devices_stay(fork):
    before = os.stat("/dev/null").st_mtime_ns
    assert fork().touch() == []
    assert os.stat("/dev/null").st_mtime_ns == before


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="system call numbers of x86_64")
def test_a_fork_makes_no_children_for_others(fork):
    assert fork().be_a_sibling() == -1


def test_a_fork_that_does_not_want_to_end(warm):
    child = warm.start()
    link = RemoteLink(lambda: child, [("cell 1", CELL)], 5, 5, 60, restarts=0)
    assert Submission(link).outlive()
    began, pid = time.monotonic(), child.process.pid
    family = [pid, *map(int, children(pid))]
    assert len(family) >= 2
    child.kill()
    assert time.monotonic() - began < 1
    assert not any(os.path.exists(f"/proc/{each}/exe") for each in family)


def test_whoever_has_the_number_of_a_fork_by_now_is_not_killed(warm):
    """When a template is killed, nobody keeps the numbers of its forks from being given away."""
    child = warm.start()
    pid = child.process.pid
    command = [sys.executable, "-c", "print(flush=True); import time; time.sleep(60)"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as other:
        assert other.stdout.readline()
        child.process.pid = other.pid
        child.kill()
        assert other.poll() is None
        other.kill()
    assert not os.path.exists(f"/proc/{pid}/exe")


def test_the_kernel_takes_a_template_after_its_forks(warm):
    def score(pid):
        return int(Path(f"/proc/{pid}/oom_score_adj").read_text())

    child = warm.start()
    assert 0 < score(template_of(warm)) < score(child.process.pid) == 1000
    child.close()


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


class TimeIsUp(BaseException):
    """What a test's alarm raises, wherever it strikes."""


def test_an_alarm_during_a_start_leaves_nothing_open(warm, monkeypatch):
    warm.start().close()
    before = len(os.listdir("/proc/self/fd"))

    def strike(*args):
        raise TimeIsUp

    monkeypatch.setattr(warm_module, "Forked", strike)
    with pytest.raises(TimeIsUp):
        warm.start()
    assert len(os.listdir("/proc/self/fd")) == before
    monkeypatch.undo()
    assert warm.start().close() >= 0


def test_an_alarm_while_a_template_loads_ends_it(assignment, warm, monkeypatch):
    slow = Sandbox(assignment.packages, assignment.limits)
    before = len(os.listdir("/proc/self/fd"))
    started = []

    class Interrupted(socket.socket):
        def recv(self, size):
            raise TimeIsUp

    def pair(*args):
        ours, theirs = socket.socketpair(*args)
        return Interrupted(fileno=ours.detach()), theirs

    def leader(*args, **options):
        started.append(process.Leader(*args, **options))
        return started[0]

    monkeypatch.setattr(warm_module, "socket", SimpleNamespace(**(vars(socket) | {"socketpair": pair})))
    monkeypatch.setattr(warm_module, "Leader", leader)
    with pytest.raises(TimeIsUp):
        slow.start()
    assert started[0].poll() is not None
    assert len(os.listdir("/proc/self/fd")) == before
