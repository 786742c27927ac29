"""Judging processes: each grades one notebook after the other, and any of them may be ended at any moment.

A judge that dies is replaced and what it was judging is tried once more; one that takes longer than anything it does
can honestly take is ended; and a sandbox that does not start costs its submission this run, not the class.
"""

import contextlib
import multiprocessing
import multiprocessing.connection
import signal
import sys
import tempfile
import time
import warnings
from dataclasses import dataclass

from coursekit.grading.assignment import AssignmentError, load_assignment
from coursekit.grading.judge import bound_memory, judge
from coursekit.grading.process import StartError
from coursekit.grading.sandbox import Sandbox, SandboxUnavailable, Unconfined

__all__ = ["FAILED_STARTS", "Pool", "hard_seconds"]

END_SECONDS = 2
FAILED_STARTS = 3  # sandboxes in a row that do not start: then it is the machine, and the run stops


def hard_seconds(limits):
    """More than a notebook takes with every limit used up on a busy machine: then something in the judge hangs."""
    return 5 * limits.total_seconds + 120


@dataclass(frozen=True, eq=False)
class _Judge:
    process: object
    connection: object


@dataclass(eq=False)
class _Task:
    name: str
    data: bytes
    attempts: int = 0
    end: float = 0.0


class Pool:
    """Judging processes.

    Parameters
    ----------
    assignment : Assignment
        The one object every judge works with, so that no judge sees tests that were edited after it was read.
    workers : int
    sandbox : bool
    """

    def __init__(self, assignment, workers, sandbox):
        methods = multiprocessing.get_all_start_methods()
        forks = "fork" in methods
        self.context = multiprocessing.get_context("fork" if forks else "spawn")
        # Test functions cannot be pickled: a judge that is not forked reads them again, and checks the digest.
        self.arguments = (assignment if forks else None, str(assignment.folder), assignment.digest, sandbox)
        self.seconds = hard_seconds(assignment.limits)
        self.workers = max(1, workers)
        self.judges = []

    def map(self, tasks, failed_starts=FAILED_STARTS):
        """Yield (name, result) for each (name, data) as they finish; a result is a dict, or why there is none.

        Raises
        ------
        SandboxUnavailable
            If there can be no sandbox, or so many in a row did not start.
        """
        tasks, busy, again, in_a_row = (_Task(*task) for task in tasks), {}, [], 0
        while True:
            while len(busy) < self.workers and (task := again.pop() if again else next(tasks, None)) is not None:
                judge_ = next((each for each in self.judges if each not in busy), None) or self._hire()
                task.attempts += 1
                task.end = time.monotonic() + self.seconds
                busy[judge_] = task
                with contextlib.suppress(OSError):  # it is dead: the sentinel says so below
                    judge_.connection.send(task.data)
            if not busy:
                return
            ready = multiprocessing.connection.wait(
                [each.connection for each in busy] + [each.process.sentinel for each in busy],
                max(0.0, min(task.end for task in busy.values()) - time.monotonic()),
            )
            for judge_, task in list(busy.items()):
                if judge_.connection not in ready and judge_.process.sentinel not in ready:
                    if time.monotonic() > task.end:
                        del busy[judge_]
                        self._dismiss(judge_)
                        yield task.name, f"the judging process did not end within {self.seconds:g} s"
                    continue
                del busy[judge_]
                try:
                    kind, result = judge_.connection.recv()
                except (EOFError, OSError):
                    self._dismiss(judge_)
                    if task.attempts < 2:
                        again.append(task)
                    else:
                        yield task.name, "the judging process itself was ended twice, by the system or by a person"
                    continue
                in_a_row = in_a_row + 1 if kind == "not started" else 0
                if kind == "unavailable" or in_a_row >= failed_starts:
                    raise SandboxUnavailable(result)
                yield task.name, result

    def _hire(self):
        ours, theirs = self.context.Pipe()
        process = self.context.Process(target=_judge_many, args=(theirs, *self.arguments), daemon=False)
        with warnings.catch_warnings():  # from 3.12 on: about the threads of NumPy's linear algebra, which mind forks
            warnings.simplefilter("ignore", DeprecationWarning)
            process.start()
        theirs.close()
        self.judges.append(_Judge(process, ours))
        return self.judges[-1]

    def _dismiss(self, judge_):
        self.judges.remove(judge_)
        judge_.connection.close()
        judge_.process.kill()
        judge_.process.join()

    def close(self):
        """End all judges: they are asked to, and one that is busy is killed."""
        for judge_ in self.judges:
            with contextlib.suppress(OSError):
                judge_.connection.send(None)
        for judge_ in list(self.judges):
            judge_.process.join(END_SECONDS)
            self._dismiss(judge_)


def _judge_many(connection, assignment, folder, digest, sandbox):
    """A judging process: one notebook after the other until it gets None."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    _die_with_parent()
    starter = None
    try:
        assignment = assignment or _read_again(folder, digest)
        starter = Sandbox(assignment.packages, assignment.limits) if sandbox else None
        bound_memory()
        while True:
            data = connection.recv()
            if data is None:
                return
            with _starter(assignment, starter) as start:
                try:
                    reply = "result", judge(assignment, data, start)
                except StartError as error:
                    reply = "not started", str(error)
                except Exception as error:  # a fault of ours: the others go on, this one is graded again next time
                    reply = "result", f"the grader failed: {type(error).__name__}: {error}"
                connection.send(reply)
    except (SandboxUnavailable, AssignmentError) as error:
        connection.send(("unavailable", str(error)))
    except (EOFError, OSError):
        return
    finally:
        if starter is not None:
            starter.close()


def _read_again(folder, digest):
    """The assignment, in a process that could not be given it."""
    assignment = load_assignment(folder)
    if assignment.digest != digest:
        raise AssignmentError(f"{folder}: its tests were edited during the run; start it again")
    return assignment


@contextlib.contextmanager
def _starter(assignment, sandbox):
    """The sandbox if there is one, else bare processes in a new, empty folder."""
    if sandbox is not None:
        yield sandbox
        return
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        yield Unconfined(assignment.limits, folder, bounded=True, packages=assignment.packages)


def _die_with_parent():
    """If the grading run is killed, so are its judges, and with them their sandboxes."""
    if sys.platform.startswith("linux"):
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
