"""One child process per submission: started, asked with a deadline, restarted when it dies, and surely gone afterwards.

`Child` is the process; `RemoteLink` is what a `Submission` talks to: it runs the notebook's cells in a child and,
when a call kills or hangs it, starts another and runs the cells again. How the child is started (in a sandbox, or
not) is the caller's business: it hands in a function that returns a `Child`.
"""

import contextlib
import os
import signal
import subprocess
import threading
import time
from dataclasses import dataclass, field

from coursekit.grading import usage, wire
from coursekit.grading.submission import Handle, StudentError, failure_error, number_of

__all__ = ["CellFailure", "Child", "ChildError", "Deadline", "RemoteLink", "StartError"]

START_SECONDS = 60
SAMPLE_SECONDS = 0.2  # between two looks at the memory of a child
PATIENCE = 2  # times the time limit: the most that is added for a machine that is busy


class StartError(RuntimeError):
    """The child never said it was ready: the machine's fault, not the student's."""


class ChildError(Exception):
    """The child died, or sent something that is not a message."""


class Deadline(Exception):
    """The child did not answer in time and was killed."""


class Child:
    """A running `worker` and the wire to it.

    While it owes an answer it is watched: its deadline, and the memory of all its processes together (the system's
    own limit is for each of them).

    A sandbox dies with the *thread* that started it (that is what the kernel means by a parent's death), so start one
    from a thread that lasts as long as the child is wanted.

    Parameters
    ----------
    command : list of str
    memory_mb : float, optional
        What its processes may use together.
    **options
        For `subprocess.Popen`.

    Raises
    ------
    StartError
        With what the command said on its standard error.
    """

    def __init__(self, command, memory_mb=None, **options):
        self.killed = False
        self.memory_mb = memory_mb
        errors_out, errors_in = os.pipe()
        try:
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors_in,
                start_new_session=True, **options,
            )  # fmt: skip
        except OSError as error:
            os.close(errors_out)
            raise StartError(f"{command[0]} could not be started: {error}") from None
        finally:
            os.close(errors_in)
        try:
            if self.request(None, START_SECONDS) != ("ready",):
                raise ChildError
        except (ChildError, Deadline):
            self.kill()
            with open(errors_out, "rb", closefd=False) as stream:
                said = stream.read(4000).decode("utf-8", "replace").strip()
            raise StartError(said or f"{command[0]} ended with exit status {self.process.returncode}") from None
        finally:
            os.close(errors_out)

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
        before = usage.queued(pid)
        while not answered.wait(max(0.0, min(SAMPLE_SECONDS, began + allowed - time.monotonic()))):
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
        if os.name == "posix" and not self.killed:  # once: afterwards the number may be somebody else's
            self.killed = True
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
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


@dataclass
class CellFailure:
    """A cell that did not run to its end."""

    label: str
    message: str
    fatal: bool = False  # it took the process with it, and is left out when the notebook is run again


@dataclass
class RemoteLink:
    """A notebook in a child process, behind the interface of `submission.LocalLink`.

    Parameters
    ----------
    start : callable
        Returns a new `Child`.
    cells : list of (label, source)
    call_seconds, cell_seconds, total_seconds : float
        For a call, for a cell, and for everything this link ever waits for, by the wall clock.
    restarts : int
        How often a process that died is replaced. Far above what an honest notebook needs, because every function
        that hangs costs one and the others are still to be asked; it is `total_seconds` that ends it.

    Attributes
    ----------
    failures : dict
        label -> `CellFailure`, in the order they were met.
    used_seconds, cpu_seconds : float
        Waited for; and used by children that ended in peace.
    output : str
        What the cells printed.
    """

    start: object
    cells: list
    call_seconds: float
    cell_seconds: float
    total_seconds: float
    restarts: int = 30
    failures: dict = field(default_factory=dict)
    epoch: int = -1
    used_seconds: float = 0.0
    cpu_seconds: float = 0.0
    output: str = ""
    _child: object = None
    _output_known: bool = False
    _deaths: dict = field(default_factory=dict)

    def ask(self, request, handle):
        """Answer one request of a test; a child that is not there is started first."""
        name = request[2] if request[0] in ("call", "get", "set") else request[0]
        if type(request[1:2] and request[1]) is Handle:  # as a student would name it: Perceptron.epoch
            name = request[1]._name if name == "__call__" else f"{request[1]._kind}.{name}"
        if self._deaths.get(name, 0) >= 1:  # one that hangs must not use up the time of the others
            raise StudentError(f"{name} was not called again: it did not finish, or ended the process, before", "crash")
        self.ensure()
        message = wire.encode(request, handle_of=number_of)  # now: a handle of the child before this one is refused
        try:
            return self._exchange(message, self.call_seconds, handle)
        except Deadline:
            self._deaths[name] = self._deaths.get(name, 0) + 1
            raise StudentError(f"{name} did not finish within {self._limit(self.call_seconds)}", "timeout") from None
        except ChildError as error:
            self._deaths[name] = self._deaths.get(name, 0) + 1
            raise StudentError(f"{name} gave no answer: {error}", "crash") from None

    def ensure(self):
        """Have a living child in which the notebook has run."""
        while self._child is None:
            if self.used_seconds >= self.total_seconds:
                raise StudentError(f"the notebook used up its {self.total_seconds:g} s", "timeout")
            if self.epoch >= self.restarts:
                raise StudentError(f"the process died {self.restarts + 1} times and was not started again", "crash")
            self._child = self.start()  # on the machine's time, not the student's
            self.epoch += 1
            self._run_cells()

    def _run_cells(self):
        for label, source in self.cells:
            known = self.failures.get(label)
            if known is not None and known.fatal:
                continue
            try:
                message = wire.encode(("cell", label, source))
            except wire.WireError as error:
                self.failures[label] = CellFailure(label, f"{label} was not run: {error}", True)
                continue
            try:
                reply = self._exchange(message, self.cell_seconds, None)
            except Deadline:
                self.failures[label] = CellFailure(
                    label, f"{label} did not finish within {self._limit(self.cell_seconds)}", True
                )
                return
            except ChildError as error:
                self.failures[label] = CellFailure(label, f"{label}: {error}", True)
                return
            match reply:
                case ("value", None):
                    self.failures.pop(label, None)
                case ("raised", dict(failure)):
                    error = failure_error(failure, label)
                    self.failures[label] = CellFailure(label, str(error))
                case _:
                    self.failures[label] = CellFailure(
                        label, f"{label}: the process sent something that is not an answer"
                    )
        if not self._output_known:  # asked for once: a process that dies of this question need not hear it again
            self._output_known = True
            with contextlib.suppress(Deadline, ChildError):
                match self._exchange(wire.encode(("output",)), self.call_seconds, None):
                    case ("value", str(text)):
                        self.output = text

    def _exchange(self, message, seconds, handle):
        began = time.monotonic()
        try:
            return self._child.request(message, min(seconds, self.total_seconds - self.used_seconds), handle)
        except BaseException:
            self._child.close()  # it is gone, and what it used cannot be known any more
            self._child = None
            raise
        finally:
            self.used_seconds += time.monotonic() - began

    def _limit(self, seconds):
        over = self.used_seconds >= self.total_seconds
        return f"the {self.total_seconds:g} s of the whole notebook" if over else f"{seconds:g} s"

    def close(self):
        """End the child."""
        if self._child is not None:
            self.cpu_seconds += self._child.close()
            self._child = None
