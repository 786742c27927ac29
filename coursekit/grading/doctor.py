"""`coursekit doctor`: what works on this machine, found out by trying it."""

import importlib.metadata
import os
import shutil
import socket
import subprocess
import sys
from dataclasses import dataclass

from coursekit.grading.assignment import Limits
from coursekit.grading.link import RemoteLink
from coursekit.grading.process import StartError
from coursekit.grading.sandbox import INSTALL, Sandbox, SandboxUnavailable, require_sandbox
from coursekit.grading.submission import StudentError, Submission

__all__ = ["Finding", "examine"]


@dataclass(frozen=True)
class Finding:
    """One line of the report."""

    what: str
    fine: bool
    detail: str
    optional: bool = False

    def __str__(self):
        mark = "ok" if self.fine else "--" if self.optional else "NO"
        return f"{mark:>4}  {self.what}: {self.detail}"


def examine():
    """Try everything; a `Finding` for each, in the order a person would ask."""
    findings = [
        Finding(
            "Python",
            sys.version_info >= (3, 11),
            f"{sys.version.split()[0]} ({sys.executable}); 3.11 or later is needed",
        ),
        *(_installed(name) for name in ("numpy", "pytest", "ipykernel")),
        _data(),
        _torch(),
    ]
    try:
        require_sandbox()
    except SandboxUnavailable as error:
        return [*findings, Finding("sandbox", False, str(error))]
    version = subprocess.run(
        [shutil.which("bwrap"), "--version"], capture_output=True, text=True, check=False
    ).stdout.strip()
    findings.append(
        Finding("bubblewrap", bool(version), f"{version}, started {'as root' if os.geteuid() == 0 else 'as you'}")
    )
    return findings + _sandbox()


def _installed(name):
    try:
        return Finding(name, True, importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return Finding(name, False, f"not installed: pip install {name}")


def _data():
    try:
        from coursekit import data

        images = data.load("mnist", "test").images
    except Exception as error:  # whatever it is, this is where it has to be said
        return Finding("bundled data", False, f"{type(error).__name__}: {error}")
    return Finding("bundled data", True, f"MNIST test images {images.shape}")


def _torch():
    try:
        import torch
    except ImportError as error:
        return Finding("PyTorch", False, f"{error}; only chapters and exercises that use it need it", optional=True)
    if not torch.cuda.is_available():
        return Finding("PyTorch", True, f"{torch.__version__}, no GPU: everything runs on the CPU")
    return Finding("PyTorch", True, f"{torch.__version__}, GPU {torch.cuda.get_device_name(0)}")


_PROBE = """
import os, socket, sys, time

def network(port):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2):
            return "connected"
    except OSError as error:
        return error.strerror

def writable():
    places = []
    for folder in ("/", "/usr", "/python", "/packages", "/worker", "/dev", "/etc"):
        try:
            open(folder + "/coursekit-probe", "w").close()
            places.append(folder)
        except OSError:
            pass
    return places

def readable(paths):
    return [path for path in paths if os.path.exists(path)]

def memory(megabytes):
    try:
        return len(bytearray(megabytes * 2**20))
    except MemoryError:
        return "refused"

def forks(most):
    count, children = 0, []
    try:
        for _ in range(most):
            child = os.fork()
            if child == 0:
                time.sleep(60)
                os._exit(0)
            children.append(child)
            count += 1
    except OSError:
        pass
    for child in children:
        os.kill(child, 9)
        os.waitpid(child, 0)
    return count

def big_file(megabytes):
    import signal
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        with open("/tmp/big", "wb") as stream:
            for _ in range(megabytes):
                stream.write(bytes(2**20))
        return megabytes
    except OSError as error:
        return error.strerror

def filtered():
    try:
        socket.socket(socket.AF_INET, socket.SOCK_STREAM).close()
        return False
    except PermissionError:
        return True

def environment():
    return sorted(os.environ)

def forever():
    while True:
        pass
"""


def _sandbox():
    """Start a sandbox and try to break out of it, and its limits."""
    limits = Limits(call_seconds=1, total_seconds=60, memory_mb=512, processes=4)
    try:
        sandbox = Sandbox(["numpy"], limits)
        link = RemoteLink(sandbox.start, [("cell 1", _PROBE)], 5, 5, 60)
    except Exception as error:
        return [Finding("sandbox", False, str(error))]
    findings = []

    def tried(what, answer, expected, good, bad):
        fine = expected(answer)
        findings.append(Finding(what, fine, good if fine else f"{bad} ({answer!r})"))

    listener = socket.create_server(("127.0.0.1", 0))
    try:
        link.ensure()
        probe = Submission(link)
        findings.append(Finding("sandbox", True, "starts; namespaces for users, processes, network, mounts, ipc"))
        if sandbox.warm:
            findings.append(Finding("warm start", True, "submissions are forked from a process that has loaded NumPy"))
        else:
            line = "not here: each submission starts a sandbox of its own, which is as safe and ten times slower"
            findings.append(Finding("warm start", False, line, optional=True))
        port = listener.getsockname()[1]
        tried("network", probe.network(port), lambda a: a != "connected", "cannot be reached from inside", "is open")
        tried(
            "seccomp",
            probe.filtered(),
            lambda a: a is True,
            "filters system calls",
            "does not filter: unknown processor",
        )
        tried("writing", probe.writable(), lambda a: a == [], "only in the private /tmp", "possible outside /tmp")
        outside = [os.path.realpath(__file__), os.path.expanduser("~"), "/etc/passwd", "/etc/shadow", "/proc/1"]
        tried("reading", probe.readable(outside), lambda a: a == [], "nothing of this machine's files", "can see")
        tried(
            "environment",
            probe.environment(),
            lambda a: not set(a) & (os.environ.keys() - _OWN),
            "not inherited",
            "inherited",
        )
        tried("memory limit", probe.memory(600), lambda a: a == "refused", "binds at 512 MB", "does not bind")
        tried("process limit", probe.forks(20), lambda a: a < 4, "binds at 4 processes", "does not bind")
        tried("file limit", probe.big_file(80), lambda a: isinstance(a, str), "binds at 64 MB", "does not bind")
        link.call_seconds = 1
        try:
            probe.forever()
            findings.append(Finding("time limit", False, "does not bind"))
        except StudentError as error:
            findings.append(
                Finding("time limit", error.kind == "timeout", "binds" if error.kind == "timeout" else str(error))
            )
    except StartError as error:
        findings.append(Finding("sandbox", False, f"{error}. {_advice(str(error))}"))
    except StudentError as error:
        findings.append(Finding("sandbox", False, f"a trial failed: {error}"))
    finally:
        listener.close()
        link.close()
        sandbox.close()
    return findings


_OWN = {
    "HOME",
    "LANG",
    "LD_LIBRARY_PATH",
    "MPLCONFIGDIR",
    "PWD",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
}


def _advice(said):
    """What to do about what bwrap said."""
    if "uid map" in said or "Operation not permitted" in said or "Permission denied" in said:
        return (
            "This kernel does not let ordinary users make namespaces: grade as root, or allow it with "
            "`sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0` (Ubuntu) or "
            "`sudo sysctl kernel.unprivileged_userns_clone=1`; in a container, start that with more rights."
        )
    return f"Is bubblewrap complete? {INSTALL}"
