"""What a student's process can reach: nothing. Each probe runs inside a real sandbox; skipped where there is none."""

import dataclasses
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from coursekit.grading import sandbox as sandbox_module
from coursekit.grading import seccomp
from coursekit.grading.assignment import AssignmentError, Limits
from coursekit.grading.link import RemoteLink
from coursekit.grading.mounts import hidden_root
from coursekit.grading.packages import package_files
from coursekit.grading.process import StartError, describe_status, launch
from coursekit.grading.sandbox import WORKER_FILES, Sandbox, SandboxUnavailable, Unconfined
from coursekit.grading.submission import StudentError, Submission

PROBES = r"""
import ctypes, errno, os, signal, socket, subprocess, sys, threading, time
import numpy as np

def outcome(action):
    try:
        return action()
    except BaseException as error:
        return type(error).__name__

def exists(paths):
    return [path for path in paths if os.path.lexists(path)]

def walk():
    return sorted(os.path.join(folder, name) for folder, folders, files in os.walk("/") for name in files
                  if not folder.startswith(("/python/lib", "/usr/lib", "/packages/numpy", "/lib")))

def write(paths):
    written = []
    for path in paths:
        try:
            with open(path, "w") as stream:
                stream.write("x")
            written.append(path)
        except OSError:
            pass
    return written

def connect(family, address):
    return outcome(lambda: socket.socket(family, socket.SOCK_STREAM).connect(address))

def run(command):
    return outcome(lambda: subprocess.run(command, capture_output=True).returncode)

def system_call(number, *args):
    libc = ctypes.CDLL(None, use_errno=True)
    result = libc.syscall(number, *args)
    return errno.errorcode[ctypes.get_errno()] if result == -1 else result

def kill(pid, number):
    return outcome(lambda: os.kill(pid, number))

def identity():
    return os.getuid(), os.geteuid(), os.getpid(), os.getppid(), os.uname().nodename, sorted(os.environ)

def descriptors():
    return [fd for fd in range(256) if outcome(lambda: os.fstat(fd)) .__class__ is os.stat_result]

def allocate(megabytes):
    return outcome(lambda: len(bytearray(megabytes * 2**20)))

def forks(most):
    count = 0
    try:
        for _ in range(most):
            if os.fork() == 0:
                time.sleep(100)
                os._exit(0)
            count += 1
    except OSError:
        pass
    return count

def threads(most):
    count = 0
    try:
        for _ in range(most):
            threading.Thread(target=time.sleep, args=(100,), daemon=True).start()
            count += 1
    except RuntimeError:
        pass
    return count

def fill(folder, megabytes):
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    written = 0
    try:
        for number in range(megabytes // 8):
            with open(f"{folder}/{number}", "wb") as stream:
                stream.write(bytes(8 * 2**20))
            written += 8
    except OSError:
        pass
    return written

def files(most):
    count = 0
    try:
        for number in range(most):
            open(f"/tmp/empty-{number}", "w").close()
            count += 1
    except OSError:
        pass
    return count

def open_many(most):
    kept = []
    try:
        for _ in range(most):
            kept.append(os.open("/dev/null", os.O_RDONLY))
    except OSError:
        pass
    for fd in kept:
        os.close(fd)
    return len(kept)

def daemon():
    if os.fork() == 0:
        os.setsid()
        for number in range(1, 65):
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        if os.fork() == 0:
            time.sleep(1000)
        os._exit(0)
    return True

def loop():
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGALRM):
        signal.signal(number, signal.SIG_IGN)
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass

def sleep():
    time.sleep(1000)

def core_limit():
    import resource
    return resource.getrlimit(resource.RLIMIT_CORE)

def old_door():
    import mmap
    page = mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=7)
    page.write(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3")  # mov eax, 20; int 0x80; ret
    return ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()

def map_file():
    numbers = np.memmap("/tmp/numbers", dtype="f8", mode="w+", shape=3)
    numbers[:] = 1
    numbers.flush()
    return float(np.memmap("/tmp/numbers", dtype="f8", mode="r").sum())

def raise_limits():
    import resource
    return [name for name in ("AS", "DATA", "CPU", "NPROC", "FSIZE", "NOFILE")
            if outcome(lambda: resource.setrlimit(getattr(resource, "RLIMIT_" + name), (-1, -1))) is None]
"""


@pytest.fixture(scope="module", params=["warm", "cold"])
def sandbox(request, sandbox, assignment):
    """Both ways to start a worker: what cannot be reached from one must not be from the other."""
    if request.param == "warm":
        assert sandbox.proven or sys.platform != "linux" or "CI" not in os.environ
        if not sandbox.proven:
            pytest.skip("workers cannot be forked here")
        yield sandbox
    else:
        yield Sandbox(assignment.packages, assignment.limits, warm=False)


@pytest.fixture
def probe(sandbox):
    """The probes, inside a fresh sandbox."""
    link = RemoteLink(sandbox.start, [("cell 1", PROBES)], 1, 5, 30)
    link.ensure()
    assert not link.failures
    yield Submission(link)
    link.close()


@pytest.fixture(scope="module")
def look(sandbox, assignment):
    """The probes in one sandbox, without the marker, for all the tests that leave nothing behind."""
    limits = dataclasses.replace(assignment.limits, output_kb=99)
    unmarked = Sandbox(assignment.packages, limits, warm=sandbox.warm)
    link = RemoteLink(unmarked.start, [("cell 1", PROBES)], 5, 5, 600)
    yield Submission(link)
    link.close()
    unmarked.close()


def depth(folder):
    """How many process namespaces a process is in."""
    lines = (folder / "status").read_text().splitlines()
    return next(len(line.split()) for line in lines if line.startswith("NSpid"))


def workers(marker):
    """The students' processes of this session's sandboxes, as the host sees them.

    A template, with what starts it, stays and is none of them; its forks have a namespace more than it.
    """
    found, here = [], depth(Path("/proc/self"))
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
            if f'"output_kb": {marker}'.encode() not in command:
                continue
            is_template = b"/worker/template.py\0{" in command  # what it is started with, not only what is bound
            if not is_template or depth(folder) >= here + 2:
                found.append(int(folder.name))
        except OSError:
            pass
    return found


def soon(condition, seconds=3.0):
    """Whether it holds, now or soon."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


def gone(marker):
    """Whether they are all gone, now or soon."""
    return soon(lambda: not workers(marker))


def test_it_computes(look):
    assert look.outcome is not None
    assert look.allocate(10) == 10 * 2**20


def test_no_file_of_the_host_is_there(look, assignment_folder, tmp_path):
    secret = tmp_path / "neighbour.ipynb"
    secret.write_text("secret")
    paths = [
        __file__,
        str(assignment_folder),
        str(secret),
        "/etc/passwd",
        "/etc/shadow",
        "/etc/hostname",
        "/root",
        "/home",
    ]
    paths += ["/proc", "/sys", "/run", "/var", "/bin", "/bin/sh", "/usr/bin", sys.prefix, sys.executable, os.getcwd()]
    assert look.exists(paths) == []
    files = set(look.walk())
    assert files <= {
        *("/dev/null", "/dev/urandom", "/etc/ld.so.cache", "/python/bin/python3"),
        *(f"/worker/{name}" for name in WORKER_FILES),
        *(name for name in files if name.startswith("/packages/")),
    }


def test_only_the_allowed_packages_are_there(look):
    assert look.exists(["/packages/torch", "/packages/coursekit", "/packages/pytest", "/packages/IPython"]) == []
    assert look.exists(["/packages/numpy"]) == ["/packages/numpy"]


def test_nothing_can_be_written_but_tmp(look):
    folders = [
        "/",
        "/usr",
        "/usr/lib",
        "/python",
        "/python/lib",
        "/packages",
        "/packages/numpy",
        "/worker",
        "/dev",
        "/etc",
    ]
    assert look.write([f"{folder}/x" for folder in folders] + ["/worker/wire.py", "/packages/numpy/__init__.py"]) == []
    assert look.write(["/tmp/x"]) == ["/tmp/x"]


def test_tmp_is_private(sandbox, probe):
    probe.write(["/tmp/left-behind"])
    link = RemoteLink(sandbox.start, [("cell 1", PROBES)], 1, 5, 30)
    assert Submission(link).exists(["/tmp/left-behind"]) == []
    link.close()
    assert not os.path.exists("/tmp/left-behind")


def test_there_is_no_network(look, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert look.connect(int(socket.AF_INET), server.getsockname()) in ("PermissionError", "OSError")
    abstract = f"\0coursekit-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(abstract)
        server.listen()
        assert look.connect(int(socket.AF_UNIX), abstract) in ("PermissionError", "ConnectionRefusedError")
    assert look.connect(40, (2, 1)) in ("PermissionError", "OSError")  # AF_VSOCK: the hypervisor
    assert look.connect(int(socket.AF_INET), ("1.1.1.1", 53)) in ("PermissionError", "OSError")


def test_nothing_can_be_executed(look):
    assert look.run(["/bin/sh", "-c", "true"]) == "FileNotFoundError"
    assert look.run(["ls"]) == "FileNotFoundError"


def test_it_is_nobody_and_knows_nothing(look):
    user, effective, pid, parent, host, environment = look.identity()
    assert user == effective == 1000
    assert pid < 10
    assert parent < 10
    assert host == "sandbox"
    allowed = {"HOME", "LANG", "LC_CTYPE", "LD_LIBRARY_PATH", "MPLCONFIGDIR", "PWD"}
    assert set(environment) <= allowed | {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"}


def test_no_descriptor_leads_out(look):
    assert set(look.descriptors()) <= {0, 1, 2, 3, 4, 5}  # nothing, and the two ends of the wire


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="system call numbers of x86_64")
@pytest.mark.parametrize(
    ("name", "number", "args"),
    [
        ("ptrace", 101, (16, 1, 0, 0)),
        ("unshare a user namespace", 272, (0x10000000,)),
        ("clone into a user namespace", 56, (0x10000000 | 17, 0, 0, 0, 0)),
        ("mount", 165, (0, 0, 0, 0, 0)),
        ("bpf", 321, (0, 0, 0)),
        ("memfd_create", 319, (0, 0)),
        ("shmget", 29, (0, 1 << 30, 0o1600)),
        ("io_uring_setup", 425, (1, 0)),
        ("keyctl", 250, (0, 0)),
        ("process_vm_readv", 310, (1, 0, 0, 0, 0, 0)),
        ("inotify_init", 253, ()),
        ("inotify_init1", 294, (0,)),
        ("pidfd_getfd", 438, (-1, 0, 0)),
        ("statmount", 457, (0, 0, 0, 0)),
        ("listmount", 458, (0, 0, 0, 0)),
        ("modify_ldt", 154, (0, 0, 0)),
        ("io_setup", 206, (1, 0)),
        ("quotactl_fd", 443, (-1, 0, 0, 0)),
        ("cachestat", 451, (-1, 0, 0, 0)),
        ("open_tree_attr", 467, (-1, 0, 0, 0, 0)),
        ("shared anonymous memory", 9, (0, 4096, 3, 0x21, -1, 0)),
        ("shared anonymous memory, said otherwise", 9, (0, 4096, 3, 0x23, -1, 0)),
        ("huge pages", 9, (0, 1 << 21, 3, 0x40022, -1, 0)),
        ("vmsplice", 278, (-1, 0, 0, 0)),
        ("splice", 275, (-1, 0, -1, 0, 0, 0)),
        ("tee", 276, (-1, -1, 0, 0)),
        ("a gigabyte for futexes", 157, (78, 1, 1 << 24, 0, 0)),
        ("a core of one's own", 157, (62, 1, 0, 1, 0)),
        ("merging of memory", 157, (67, 1, 0, 0, 0)),
        ("landlock_create_ruleset", 444, (0, 0, 1)),
        ("socketpair of vsock", 53, (40, 1, 0, 0)),
        ("news of a folder", 72, (0, 1026, 1)),
        ("setpriority", 141, (0, 0, 19)),
        ("ioprio_set", 251, (1, 0, 3 << 13)),
        ("sched_setaffinity", 203, (0, 8, 0)),
        ("sched_setscheduler", 144, (0, 5, 0)),
        ("socket through x32", 0x40000000 + 41, (2, 1, 0)),
    ],
)
def test_system_calls_are_filtered(look, name, number, args):
    assert look.system_call(number, *args) == "EPERM"


def test_clone3_and_calls_to_come_are_said_not_to_exist(look):
    if os.uname().machine in ("x86_64", "aarch64"):
        assert {look.system_call(number, 0, 0) for number in (435, 470, 1000)} == {"ENOSYS"}


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="system call numbers of x86_64")
def test_nobody_waits_for_the_disk(look):
    """A process that waits for one cannot be killed. No such descriptor, and yet all of them say: done."""
    assert {look.system_call(number, 200, 0, 0, 0) for number in (26, 74, 75, 162, 221, 277, 306)} == {0}


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="machine code of x86_64")
def test_calls_by_the_door_of_32_bits_end_the_process(probe):
    with pytest.raises(StudentError, match="SIGSYS"):
        probe.old_door()


def test_memory_on_files_in_tmp_can_be_shared(probe):
    assert probe.map_file() == 3.0


def test_the_filter_exists_for_both_processors():
    assert len(seccomp.program("x86_64")) % 8 == len(seccomp.program("aarch64")) % 8 == 0
    assert seccomp.program("riscv64") is None


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP])
def test_nobody_else_can_be_signalled(probe, number):
    assert probe.kill(os.getpid(), int(number)) == "ProcessLookupError"
    probe.kill(1, int(number))
    probe.kill(-1, int(number))  # everybody there is
    os.kill(os.getpid(), 0)


def test_memory_is_limited(look):
    assert look.allocate(600) == "MemoryError"
    assert look.allocate(50) == 50 * 2**20


def test_the_kernel_takes_it_first_when_memory_runs_out(probe, marker):
    assert {Path(f"/proc/{pid}/oom_score_adj").read_text().strip() for pid in workers(marker)} == {"1000"}


def test_memory_is_limited_for_all_its_processes_together(sandbox):
    source = """
import os, time
def hog():
    for _ in range(2):
        if os.fork() == 0:
            break
    kept = bytearray(200 * 2**20)
    kept[::4096] = b"x" * (200 * 2**8)
    time.sleep(60)
"""
    link = RemoteLink(sandbox.start, [("cell 1", source)], 10, 5, 30)
    try:
        with pytest.raises(StudentError, match="it used more than 512 MB of memory"):
            Submission(link).hog()
    finally:
        link.close()


def test_processes_are_limited(probe, marker):
    assert probe.forks(100) < 4


def test_threads_are_limited(probe):
    assert probe.threads(100) < 4


def test_limits_cannot_be_raised(look):
    assert look.raise_limits() == []


def test_a_crash_is_not_reported_to_the_host(look):
    assert look.core_limit() == (1, 1)


def test_disk_is_limited(probe):
    assert probe.fill("/tmp", 200) <= 64


def test_inodes_are_limited(probe):
    if os.geteuid():
        pytest.skip("only root can bound the number of files in the sandbox's /tmp")
    assert probe.files(20_000) < 5_000


def test_descriptors_are_limited(look):
    assert look.open_many(1000) < 64


@pytest.mark.parametrize("name", ["loop", "sleep"])
def test_time_is_limited(probe, marker, name):
    began = time.monotonic()
    with pytest.raises(StudentError, match="did not finish within 1 s") as caught:
        probe.call(name)
    assert caught.value.kind == "timeout"
    assert time.monotonic() - began < 5
    assert gone(marker)


def test_what_it_started_is_gone_afterwards(sandbox, marker):
    link = RemoteLink(sandbox.start, [("cell 1", PROBES)], 1, 5, 30)
    try:
        link.ensure()
        before = len(workers(marker))
        assert Submission(link).daemon() is True
        # The child that starts it ends by itself, so a list of processes may show neither of them for a moment.
        assert soon(lambda: len(workers(marker)) > before > 0)
    finally:
        link.close()
    assert gone(marker)


def test_it_dies_with_whoever_started_it(sandbox, marker, assignment_folder):
    source = f"""
import os, signal, time
from coursekit.grading.assignment import load_assignment
from coursekit.grading.sandbox import Sandbox
assignment = load_assignment({str(assignment_folder)!r})
child = Sandbox(assignment.packages, assignment.limits).start()
print("started", flush=True)
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"started\n"
        assert workers(marker)
        process.kill()
    assert gone(marker)


def test_two_at_once_do_not_share_their_limits(sandbox):
    links = [RemoteLink(sandbox.start, [("cell 1", PROBES)], 1, 5, 30) for _ in range(2)]
    first, second = map(Submission, links)
    assert first.forks(100) < 4
    assert second.allocate(1) == 2**20
    for link in links:
        link.close()


def test_as_an_ordinary_user(sandbox):
    """The same sandbox for a grader who is not root: as root we can become one and try all that `doctor` tries."""
    if os.geteuid():
        pytest.skip("all these tests run as an ordinary user already")
    source = """
import sys
from coursekit.grading.assignment import Limits
from coursekit.grading.doctor import _sandbox
from coursekit.grading.link import RemoteLink
from coursekit.grading.sandbox import Sandbox
from coursekit.grading.submission import Submission
said = [str(finding) for finding in _sandbox() if not finding.fine]
sandbox = Sandbox(["numpy"], Limits())
link = RemoteLink(sandbox.start, [("cell 1", sys.argv[1])], 5, 5, 30)
files = Submission(link).files(6_000)
link.close()
if sandbox.stage and not 100 < files < 5_000:
    said.append(f"it wrote {files} files")
sys.exit("\\n".join(said) or 0)
"""
    hidden = hidden_root(os.path.realpath(sys.executable))
    script = 'exec "$@"'
    if hidden:  # put the interpreter where it was, in a namespace of our own where everybody may go there
        parent = os.path.dirname(hidden)
        script = (
            f"mount --bind '{hidden}' /mnt && mount -t tmpfs -o mode=755 none '{parent}' && mkdir '{hidden}' "
            f"&& mount --bind /mnt '{hidden}' && " + script
        )
    command = ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh"]
    command += ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", sys.executable, "-B", "-c", source]
    command += [PROBES]
    finished = subprocess.run(
        command, capture_output=True, text=True, cwd="/", env={"HOME": "/nonexistent"}, check=False
    )
    assert (finished.returncode, finished.stdout, finished.stderr) == (0, "", "")


def test_arrays_pass(probe, sandbox):
    link = RemoteLink(
        sandbox.start, [("cell 1", "import numpy as np\ndef f(x):\n    return np.linalg.inv(x)")], 1, 5, 30
    )
    np.testing.assert_allclose(Submission(link).f(np.diag([2.0, 4.0])), np.diag([0.5, 0.25]))
    link.close()


def test_a_sandbox_without_numpy(sandbox):
    link = RemoteLink(
        Sandbox([], Limits()).start, [("cell 1", "def f(x):\n    return x + 1\ndef g():\n    import numpy")], 1, 5, 30
    )
    assert Submission(link).f(2) == 3
    with pytest.raises(StudentError, match="No module named 'numpy'"):
        Submission(link).g()
    link.close()


def test_one_part_of_a_package(sandbox):
    cell = "import os, coursekit\ndef f():\n    return sorted(os.listdir(os.path.dirname(coursekit.__file__)))"
    link = RemoteLink(Sandbox(["coursekit.data", "numpy"], Limits()).start, [("cell 1", cell)], 1, 5, 30)
    assert Submission(link).f() == ["__init__.py", "data"]
    link.close()


def test_packages():
    files = package_files(["numpy", "coursekit.grading.wire"])
    assert files["coursekit/grading/wire.py"].name == "wire.py"
    assert set(files) >= {"numpy", "coursekit/__init__.py", "coursekit/grading/__init__.py"}
    assert not any("pytest" in name for name in files)
    for wrong in ("no_such_package", "numpy.no_such_part", "../etc", "os; rm", 3):
        with pytest.raises(AssignmentError):
            package_files([wrong])


def test_no_bwrap_is_refused_with_the_line_that_installs_it(monkeypatch):
    monkeypatch.setattr(sandbox_module.shutil, "which", lambda name: None)
    monkeypatch.setattr(sandbox_module.sys, "platform", "linux")
    with pytest.raises(SandboxUnavailable, match="apt-get install bubblewrap"):
        Sandbox(["numpy"], Limits())
    monkeypatch.setattr(sandbox_module.sys, "platform", "darwin")
    with pytest.raises(SandboxUnavailable, match="needs Linux"):
        Sandbox(["numpy"], Limits())


def test_a_command_that_cannot_start_says_why():
    with pytest.raises(StartError, match="no such option"):
        launch([sys.executable, "-c", "import sys; sys.exit('no such option')"])
    with pytest.raises(StartError, match="could not be started"):
        launch(["/no/such/command"])


def test_without_a_sandbox(tmp_path):
    link = RemoteLink(
        Unconfined(Limits(), tmp_path).start, [("cell 1", "import os\ndef f():\n    return os.getcwd()")], 5, 5, 30
    )
    assert Submission(link).f() == str(tmp_path)
    link.close()


@pytest.mark.parametrize(
    ("status", "words"),
    [(0, "status 0"), (3, "status 3"), (-9, "SIGKILL"), (139, "SIGSEGV"), (200, "200"), (None, "closed")],
)
def test_exit_status_in_words(status, words):
    assert words in describe_status(status)
