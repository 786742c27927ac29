"""The grader's end of a `template`: ask it for a worker, and hold that worker like any other process."""

import contextlib
import os
import select
import signal
import socket
import struct
import subprocess

from coursekit.grading.process import START_SECONDS, Child, Leader, StartError

__all__ = ["Forked", "Template"]

END_SECONDS = 1
_CREDENTIALS = struct.Struct("3i")  # process, user, group


class Template:
    """A warm process in a sandbox, from which workers are forked.

    Parameters
    ----------
    command : list of str
        Starts `template.py`; CONTROL in it stands for the number of a descriptor.
    memory_mb : float
        What the processes of one worker may use together.
    **options
        For `subprocess.Popen`.

    Raises
    ------
    StartError
        With what the command said on its standard error.
    """

    def __init__(self, command, memory_mb, **options):
        self.memory_mb = memory_mb
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.control.settimeout(START_SECONDS)
        errors_out, errors_in = os.pipe()
        self.errors = open(errors_out, "rb", buffering=0)  # noqa: SIM115 (as long as the template)
        os.set_blocking(errors_out, False)
        with theirs:
            command = [str(theirs.fileno()) if word == "CONTROL" else word for word in command]
            passed = (theirs.fileno(), *options.pop("pass_fds", ()))
            try:
                self.process = Leader(
                    command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors_in,
                    start_new_session=True, pass_fds=passed, **options,
                )  # fmt: skip
            except OSError as error:
                self.errors.close()
                self.control.close()
                raise StartError(f"the sandbox could not be started: {error}") from None
            finally:
                os.close(errors_in)
        try:
            ready = self.control.recv(1)
        except OSError:
            ready = b""
        except BaseException:  # the alarm of a test whose time is up
            self.close()
            raise
        if not ready:
            self.close()
            raise StartError(self.said or f"the sandbox ended with exit status {self.process.returncode}")

    def start(self):
        """Fork a worker; a `process.Child`, ready to run cells.

        Raises
        ------
        StartError
            If the template is gone, or the kernel refuses.
        """
        (their_in, our_in), (our_out, their_out) = os.pipe(), os.pipe()
        status, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        status.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        status.settimeout(START_SECONDS)
        try:
            with theirs:
                socket.send_fds(self.control, [b"f"], [their_in, their_out, theirs.fileno()])
            _, ancillary, *_ = status.recvmsg(1, socket.CMSG_SPACE(_CREDENTIALS.size))
            pids = [
                _CREDENTIALS.unpack(data)[0]
                for level, kind, data in ancillary
                if (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS)
            ]
            if not pids or pids[0] <= 0:
                raise OSError("it did not start")
            process = Forked(pids[0], our_in, our_out, status)
        except BaseException as error:  # also the alarm of a test whose time is up
            for descriptor in (our_in, our_out):
                os.close(descriptor)
            status.close()
            if not isinstance(error, OSError):
                raise
            raise StartError(self._said() or f"no worker could be forked: {error}") from None
        finally:
            for descriptor in (their_in, their_out):
                os.close(descriptor)
        try:
            return Child(process, self.memory_mb)
        except StartError as error:
            raise StartError(self._said() or str(error)) from None

    def _said(self):
        """What was written to standard error and not read yet."""
        try:
            return (self.errors.read(4000) or b"").decode("utf-8", "replace").strip()
        except (OSError, ValueError):
            return ""

    def close(self):
        """End the template and all its workers; in peace if it can, so that what they used is accounted for."""
        self.control.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(END_SECONDS)
        self.process.kill()
        self.process.wait()
        self.said = self._said()
        self.errors.close()


class Forked:
    """A worker that a template has forked, with those methods of `subprocess.Popen` that `process.Child` uses.

    Parameters
    ----------
    pid : int
        Its number here. Nobody else gets it before `wait` has returned, unless somebody kills the template.
    incoming, outgoing : int
        Descriptors of its standard input and output.
    status : socket
        The end of the line to the process that waits for it.

    Raises
    ------
    OSError
        If it is gone already.
    """

    def __init__(self, pid, incoming, outgoing, status):
        self.pid = pid
        self._process = os.pidfd_open(pid)  # this process, whoever may get its number
        with contextlib.suppress(OSError), open(f"/proc/{pid}/oom_score_adj", "w") as stream:
            stream.write("1000")
        self.stdin, self.stdout = open(incoming, "wb"), open(outgoing, "rb")  # noqa: SIM115 (as Popen does)
        self.returncode = None
        self._status = status

    def poll(self):
        """Its exit status, as Popen counts them, or None while it runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout=None):
        """Wait for its end and return its exit status.

        Raises
        ------
        subprocess.TimeoutExpired
        """
        if self.returncode is None:
            ready, _, _ = select.select([self._status], [], [], timeout)
            if not ready:
                raise subprocess.TimeoutExpired("worker", timeout)
            try:
                code = self._status.recv(2)
            except OSError:
                code = b""
            self.returncode = int.from_bytes(code, "big", signed=True) if len(code) == 2 else -signal.SIGKILL
            if len(code) != 2:
                self._end()  # the template is gone: it should be, too
            os.close(self._process)
            self._status.close()
        return self.returncode

    def kill(self):
        """End it, if it has not ended, and with it all that it has started."""
        if self.poll() is None:
            self._end()

    def _end(self):
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._process, signal.SIGKILL)
