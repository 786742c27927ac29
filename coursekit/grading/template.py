"""A warm process in the sandbox: it has loaded what takes long, and becomes a student's process by forking.

The sandbox that bwrap makes holds one template, which never runs a line of a student's. For each submission it forks a
guard, and the guard forks the student's process into namespaces of its own. That process mounts an empty /tmp, gives
up every capability, takes on the seccomp filter and the resource limits, and then is an ordinary `worker`:

    template    may mount and make namespaces inside the sandbox (bwrap leaves it these two rights, and no other)
      guard     keeps the number of the dead process from being given away until the grader has let go of it
        worker  the first process of its own namespace: when it ends, all it started ends (and, being the first, it does
              not die of signals from inside, unless it asks for them)

The student's process cannot see or signal the other two: their numbers do not exist in its namespace, and it leads a
session of its own. What it writes to its memory is its own copy.

This file is a script, bound into the sandbox beside `worker.py`. Its standard error tells why it could not start.
"""

import base64
import contextlib
import ctypes
import gc
import importlib
import json
import os
import random
import signal
import socket
import sys

__all__ = ["confine", "main"]

CLONE_NEWNS, CLONE_NEWIPC, CLONE_NEWPID = 0x00020000, 0x08000000, 0x20000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND = 0x1, 0x2, 0x4, 0x8, 0x20, 0x1000
MS_REC, MS_PRIVATE = 0x4000, 0x40000
PR_SET_PDEATHSIG, PR_SET_SECCOMP, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT = 1, 22, 24, 38, 47
PR_CAP_AMBIENT_CLEAR_ALL, SECCOMP_MODE_FILTER, CAPABILITY_VERSION = 4, 2, 0x20080522


def main():
    """Load, say so, and fork a worker for every request until the grader closes its end."""
    options = json.loads(sys.argv[1])
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    worker = importlib.import_module("worker")  # puts the packages on the path
    sys.path.remove(os.path.dirname(os.path.abspath(__file__)))
    for name in options["preload"]:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # else a fork's first garbage collection writes to, and so copies, every object
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl.argtypes = [ctypes.c_int] + [ctypes.c_ulong] * 4
    signal.signal(signal.SIGCHLD, _bury)
    with socket.socket(fileno=int(sys.argv[2])) as control:
        control.send(b"r")
        while True:
            message, descriptors, *_ = socket.recv_fds(control, 1, 3)
            if not message:
                return
            if os.fork() == 0:
                control.close()
                _guard(libc, worker, options, *descriptors)
            for descriptor in descriptors:
                os.close(descriptor)


def _bury(*_):
    """Wait for the guards that have ended; what they used then counts as used by the template."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass


def _guard(libc, worker, options, incoming, outgoing, status):
    """Fork the worker, tell how it ended, and bury it when the grader says so by closing its end of `status`."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    try:
        _check(libc.unshare(CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC), "unshare")
        pid = os.fork()
    except OSError as error:
        os.write(2, f"{error}\n".encode())
        os._exit(1)
    if pid == 0:
        _become_worker(libc, worker, options, incoming, outgoing, status)
    os.close(incoming)
    os.close(outgoing)
    end = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)  # dead, and its number still taken
    code = end.si_status if end.si_code == os.CLD_EXITED else -end.si_status
    with socket.socket(fileno=status) as connection, contextlib.suppress(OSError):
        connection.send(code.to_bytes(2, "big", signed=True))
        connection.recv(1)
    os.waitpid(pid, 0)
    os._exit(0)


def _become_worker(libc, worker, options, incoming, outgoing, status):
    try:
        with socket.socket(fileno=status) as connection:
            connection.send(b"w")  # the kernel tells the grader who sent this, by the number it has outside
        os.dup2(incoming, 0)
        os.dup2(outgoing, 1)
        os.close(incoming)
        os.close(outgoing)
        confine(libc, options["tmp"], options["devices"], base64.b64decode(options["filter"]))
        random.seed()  # all forks would draw the same numbers
        if "numpy" in sys.modules:
            sys.modules["numpy"].random.seed()
        if "torch" in sys.modules:
            sys.modules["torch"].default_generator.seed()
        worker.main()
    except BaseException as error:
        os.write(2, f"{type(error).__name__}: {error}\n".encode())
    os._exit(1)


def confine(libc, tmp, devices, program):
    """Shut this process in: a session and a /tmp of its own, no capability, no way to get one, the seccomp filter.

    Parameters
    ----------
    libc : ctypes.CDLL
    tmp : str
        Mount options of /tmp.
    devices : list of str
        Those of the host that are there.
    program : bytes
        See `seccomp.program`; empty for none.

    Raises
    ------
    OSError
        If the kernel refuses any of it.
    """
    os.setsid()  # a signal to its process group stays in the family
    _check(libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0), "prctl")
    _check(libc.mount(None, b"/", None, MS_REC | MS_PRIVATE, None), "mount")
    _check(libc.mount(b"coursekit", b"/tmp", b"tmpfs", MS_NOSUID | MS_NODEV, tmp.encode()), "mount")
    for device in devices:  # read-only they work all the same, and keep their dates
        libc.mount(None, device.encode(), None, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NOEXEC, None)
    os.chdir("/tmp")
    for capability in range(64):
        if libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0):
            break  # beyond the last one there is
    _check(libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0), "prctl")
    header, nothing = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0), (ctypes.c_uint32 * 6)()
    _check(libc.capset(header, nothing), "capset")
    _check(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl")
    if program:
        code = ctypes.create_string_buffer(program, len(program))
        filters = _Filter(len(program) // 8, ctypes.addressof(code))
        _check(libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(filters), 0, 0), "seccomp")


class _Filter(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_void_p))


def _check(result, call):
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{call}: {os.strerror(number)}")


if __name__ == "__main__":
    main()
