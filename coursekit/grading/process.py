"""One child process per submission: asked with a deadline, watched meanwhile, and surely gone afterwards.

How it is started, in a sandbox or not, from a command or as the fork of a warm process, is the business of `sandbox`
and `warm`; when to start another, that of `link`.
"""

import contextlib
import os
import signal
import subprocess
import threading
import time

from coursekit.grading import usage, wire

__all__ = ["Child", "ChildError", "Deadline", "Leader", "StartError", "launch"]

START_SECONDS = 60
SAMPLE_SECONDS = 0.2  # between two looks at the memory of a child
PATIENCE = 2  # times the time limit: the most that is added for a machine that is busy


class StartError(RuntimeError):
    """The child never said it was ready: the machine's fault, not the student's."""


class ChildError(Exception):
    """The child died, or sent something that is not a message."""


class Deadline(Exception):
    """The child did not answer in time and was killed."""


def launch(command, memory_mb=None, **options):
    """Start a worker as a new process.

    A sandbox dies with the *thread* that started it (that is what the kernel means by a parent's death), so start one
    from a thread that lasts as long as the child is wanted.

    Parameters
    ----------
    command : list of str
    memory_mb : float, optional
        What its processes may use together.
    **options
        For `subprocess.Popen`.

    Returns
    -------
    Child

    Raises
    ------
    StartError
        With what the command said on its standard error.
    """
    errors_out, errors_in = os.pipe()
    with open(errors_out, "rb") as errors:
        try:
            process = Leader(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors_in,
                start_new_session=True, **options,
            )  # fmt: skip
        except OSError as error:
            raise StartError(f"{command[0]} could not be started: {error}") from None
        finally:
            os.close(errors_in)
        try:
            return Child(process, memory_mb)
        except StartError:
            said = errors.read(4000).decode("utf-8", "replace").strip()
            raise StartError(said or f"{command[0]} ended with exit status {process.returncode}") from None


class Leader(subprocess.Popen):
    """A process that leads a group, which ends with it."""

    killed = False

    def kill(self):
        if os.name == "posix" and not self.killed:  # once: afterwards the number may be somebody else's
            self.killed = True
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
        super().kill()


class Child:
    """A running `worker` and the wire to it.

    While it owes an answer it is watched: its deadline, and the memory of all its processes together (the system's
    own limit is for each of them).

    Parameters
    ----------
    process : subprocess.Popen or warm.Forked
        Its `kill` ends with it whatever it has started.
    memory_mb : float, optional
        What its processes may use together.

    Raises
    ------
    StartError
        If it does not say that it is ready; then it is gone.
    """

    def __init__(self, process, memory_mb=None):
        self.process = process
        self.memory_mb = memory_mb
        try:
            if self.request(None, START_SECONDS) != ("ready",):
                raise ChildError
        except (ChildError, Deadline):
            self.kill()
            raise StartError(f"the process ended with exit status {process.returncode}") from None

    def request(self, message, seconds, handle=None):
        """Send a message (None: only wait for one) and return the decoded reply.

        Raises
        ------
        Deadline
            After `seconds`; the child is gone.
        ChildError
            If it is gone by itself, or used too much memory, or the reply is malformed; then too the child is gone.
        """
        answered, verdict = threading.Event(), []
        watch = threading.Thread(target=self._watch, args=(seconds, answered, verdict), daemon=True)
        watch.start()
        reason = reply = None
        try:
            if message is not None:
                wire.write_frame(self.process.stdin, message)
            reply = wire.read_frame(self.process.stdout)
            value = None if reply is None else wire.decode(reply, handle)
            # Whoever matches a reply compares its first element with a string: an array there would raise.
            if reply is not None and not (type(value) is tuple and value and type(value[0]) is str):
                raise wire.WireError("not a tuple that begins with a word")
        except wire.WireError as error:
            reply, reason = None, f"it sent something that is not an answer: {error}"
        except (OSError, ValueError):  # a pipe that is broken, or closed
            pass
        except BaseException:  # the test's own time is up: this answer must not be taken for that to the next request
            self.kill()
            raise
        finally:
            answered.set()
            watch.join()  # it has killed the child, or never will
        if verdict:
            raise verdict[0]
        if reply is not None:
            return value
        reason = reason or describe_status(self.wait(1.0))
        self.kill()
        raise ChildError(reason)

    def _watch(self, seconds, answered, verdict):
        """Kill the child at its deadline. What it spent waiting for a processor that others had is not its time."""
        pid, began, allowed = self.process.pid, time.monotonic(), max(seconds, 0.001)
        before = usage.queued(pid) if seconds < 2 * SAMPLE_SECONDS else None  # else only if it is still needed then
        while not answered.wait(max(0.0, min(SAMPLE_SECONDS, began + allowed - time.monotonic()))):
            if before is None:
                before = usage.queued(pid)
            if self.memory_mb is not None and usage.memory_mb(pid) > self.memory_mb:
                verdict.append(ChildError(f"it used more than {self.memory_mb:g} MB of memory"))
            elif time.monotonic() - began >= allowed:
                allowed = seconds + min(usage.waited(pid, before), PATIENCE * seconds)
                if allowed < time.monotonic() - began + 0.01:
                    verdict.append(Deadline())
            if verdict:
                self.kill()
                return

    def wait(self, seconds):
        """The exit status, or None if it is still running after `seconds`."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def kill(self):
        """End the child and everything it started; returns when its own process is gone."""
        with contextlib.suppress(OSError):
            self.process.kill()
        self.process.wait()

    def close(self):
        """Let the child end by itself, or end it; returns the CPU seconds it and its descendants had used."""
        used = usage.cpu_seconds(self.process.pid) if self.process.poll() is None else 0.0
        with contextlib.suppress(OSError, ValueError):
            self.process.stdin.close()
        self.wait(1.0)
        self.kill()
        with contextlib.suppress(OSError):
            self.process.stdout.close()
        return used


def describe_status(status):
    """An exit status in words. bwrap reports a signal as 128 + its number, subprocess as its negative.

    Examples
    --------
    >>> describe_status(139)
    'the process was ended by signal 11 (SIGSEGV)'
    """
    if status is None:
        return "the process closed the wire"
    number = -status if status < 0 else status - 128 if 128 < status < 128 + 65 else 0
    if number:
        try:
            name = signal.Signals(number).name
        except ValueError:
            name = "unknown"
        return f"the process was ended by signal {number} ({name})"
    return f"the process ended itself with exit status {status}"
