"""What a `Submission` talks to when the notebook runs in another process.

`RemoteLink` runs the notebook's cells in a child and, when a call kills or hangs it, starts another and runs the cells
again. How the child is started is the caller's business: it hands in a function that returns a `process.Child`.
"""

import contextlib
import time
from dataclasses import dataclass, field

from coursekit.grading import wire
from coursekit.grading.process import ChildError, Deadline
from coursekit.grading.submission import Handle, StudentError, failure_error, number_of

__all__ = ["CellFailure", "RemoteLink"]


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
        name = request[2] if request[0] in ("call", "get", "set", "define") else request[0]
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
