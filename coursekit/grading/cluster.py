"""Judging on many machines: the same as `pool`, with dask.distributed in the place of processes of this machine.

Each thread of a dask worker has one judging process on its machine, with its own sandbox, and keeps it from one
notebook to the next. What travels is the assignment's files, a submission's bytes, and a result of plain values; tests
are collected where they run. All machines must have the same Python, NumPy and grader, or nothing is graded.
"""

import contextlib
import multiprocessing
import tempfile
import threading
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from coursekit.grading.assignment import AssignmentError, load_assignment
from coursekit.grading.pool import FAILED_STARTS, Pool
from coursekit.grading.sandbox import SandboxUnavailable

__all__ = ["Cluster"]

FILES = ("assignment.toml", "test_visible.py", "test_hidden.py")
CONNECT_SECONDS = 20
IN_FLIGHT = 4  # submissions on the way for each thread: none waits, and memory does not grow with the class


class Cluster:
    """Judging processes behind a dask scheduler; the interface of `pool.Pool`.

    Parameters
    ----------
    assignment : Assignment
    solution : bytes
        Its notebook.
    address : str
        Of the scheduler: ``tcp://HOST:PORT``.
    grader : str
        What a result depends on besides the assignment, from `grade.versions`. Workers that differ refuse to judge.
    sandbox : bool

    Raises
    ------
    SandboxUnavailable
        If dask.distributed is not installed, the scheduler cannot be reached, or it has no workers.
    """

    def __init__(self, assignment, solution, address, grader, sandbox):
        try:
            import distributed
        except ImportError:
            raise SandboxUnavailable("--scheduler needs dask.distributed: pip install 'coursekit[cluster]'") from None
        self.distributed = distributed
        files = {name: (assignment.folder / name).read_bytes() for name in FILES} | {assignment.notebook: solution}
        self.sent = _Sent(files, assignment.name, assignment.digest, grader, sandbox)
        try:
            self.client = distributed.Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            raise SandboxUnavailable(f"--scheduler {address}: {error}") from None
        self.threads = sum(self.client.nthreads().values())
        if not self.threads:
            self.close()
            raise SandboxUnavailable(f"--scheduler {address} has no workers: start `dask worker {address} --no-nanny`")

    def map(self, tasks, failed_starts=FAILED_STARTS):
        """Yield (name, result) for each (name, data) as they finish; a result is a dict, or why there is none.

        Raises
        ------
        SandboxUnavailable
            If a worker can have no sandbox, or so many in a row did not start.
        AssignmentError
            If a worker is of another version.
        """
        tasks, names, in_a_row = iter(tasks), {}, 0

        def submit(task):
            name, data = task
            future = self.client.submit(_judge_there, self.sent, name, data, pure=False)
            names[future.key] = name
            return future

        first = list(map(submit, islice(tasks, IN_FLIGHT * self.threads)))
        done = self.distributed.as_completed(first, loop=self.client.loop)
        for future in done:
            name = names.pop(future.key)
            try:
                result, in_a_row = future.result(), 0
            except AssignmentError:
                raise
            except SandboxUnavailable as error:
                in_a_row += 1
                if in_a_row >= failed_starts:
                    raise
                result = str(error)
            except Exception as error:  # of dask: a worker that died, a connection that broke
                result = f"its judging machine gave no answer: {type(error).__name__}: {error}"
            future.release()
            yield name, result
            done.update(map(submit, islice(tasks, 1)))

    def close(self):
        """Let go of the scheduler; its workers stay, and end their judging processes when they end."""
        with contextlib.suppress(Exception):
            self.client.close(timeout=2)


@dataclass(frozen=True)
class _Sent:
    """What a worker needs to know, the same for the whole class."""

    files: dict
    name: str
    digest: str
    grader: str
    sandbox: bool


_here = threading.local()  # `pool`, and what it was `sent`: judging processes end with the thread that started them


def _judge_there(sent, name, data):
    """On a worker: judge one notebook in this thread's judging process."""
    if getattr(_here, "sent", None) != sent:  # another assignment, or another grader, or no sandbox before
        _prepare(sent)
    ((_, result),) = _here.pool.map([(name, data)], failed_starts=1)
    return result


def _prepare(sent):
    """Give this thread a judging process for what was sent."""
    from coursekit.grading.grade import versions

    if versions(sent.sandbox) != sent.grader:
        raise AssignmentError(
            "a worker of the scheduler has another Python, NumPy or coursekit than this machine, so nobody was graded"
        )
    if multiprocessing.current_process().daemon:
        raise SandboxUnavailable(
            "a worker of the scheduler may not start processes: start it with --no-nanny, or with the dask setting "
            "distributed.worker.daemon: false"
        )
    if getattr(_here, "sent", None) is not None:
        _here.sent = None
        _here.pool.close()
    _here.pool = Pool(_unpacked(sent), 1, sent.sandbox)
    _here.sent = sent


def _unpacked(sent):
    """The assignment, read from the files that were sent."""
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder) / sent.name
        folder.mkdir()
        for name, content in sent.files.items():
            (folder / name).write_bytes(content)
        assignment = load_assignment(folder)
    if assignment.digest != sent.digest:
        raise AssignmentError(f"{sent.name}: its tests were edited during the run; start it again")
    return assignment
