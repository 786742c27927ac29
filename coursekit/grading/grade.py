"""Grade a class: find the submissions, hand them to judging processes, keep every result as it comes.

    submitted/<student>/<assignment>/<notebook>.ipynb      nbgrader's layout

Everything below `submitted` was made by strangers, names included. Students are folders; links are not followed.
"""

import contextlib
import multiprocessing
import multiprocessing.connection
import signal
import sys
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from coursekit.grading.assignment import Assignment, AssignmentError, load_assignment
from coursekit.grading.gradebook import Gradebook, key_of
from coursekit.grading.judge import bound_memory, judge
from coursekit.grading.notebook import NotebookError, open_inside
from coursekit.grading.process import StartError
from coursekit.grading.sandbox import Sandbox, SandboxUnavailable, Unconfined, require_sandbox
from coursekit.grading.submission import clip

__all__ = ["find_submissions", "grade_class"]


@dataclass(frozen=True)
class Submitted:
    """What was found for one student: `data`, or the reason there is none."""

    student: str
    data: bytes | None
    line: str = ""


def student_name(folder):
    """A folder's name as text to store and show: undecodable bytes escaped, nothing a terminal would obey."""
    name = folder.name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return clip(name, 200)


def find_submissions(submitted, assignment):
    """Every student folder and the notebook in it.

    Parameters
    ----------
    submitted : path
    assignment : Assignment

    Yields
    ------
    Submitted
        Sorted by student. A missing notebook is a `Submitted` without data; so is one that is not read because it, or a
        folder on the way, is a link.
    """
    submitted = Path(submitted)
    if not submitted.is_dir():
        raise AssignmentError(
            f"{submitted} is not a folder; submissions are {submitted}/<student>/{assignment.name}/*.ipynb"
        )
    for folder in sorted(submitted.iterdir()):
        if folder.name.startswith(".") or (not folder.is_dir() and not folder.is_symlink()):
            continue
        student = student_name(folder)
        name, note = assignment.notebook, ""
        try:
            if any(path.is_symlink() for path in (folder, folder / assignment.name)):
                raise NotebookError("not read: the folder is a link")
            place = folder / assignment.name
            if not (place / name).is_symlink() and not (place / name).exists():
                others = sorted(path.name for path in place.glob("*.ipynb")) if place.is_dir() else []
                if not others:
                    yield Submitted(student, None, "no submission")
                    continue
                if len(others) > 1:
                    raise NotebookError(f"there is no {name}, and more than one other notebook")
                name = others[0]
                note = f"{clip(name, 80)} was graded: there is no {assignment.notebook}"
            yield Submitted(student, open_inside(submitted, folder.name, assignment.name, name), note)
        except NotebookError as error:
            yield Submitted(student, None, str(error))
        except OSError as error:
            yield Submitted(student, None, f"not read: {error.strerror}")


def grade_class(assignment_folder, submitted, out, *, workers=1, sandbox=True, progress=True):
    """Grade what is new or changed.

    Parameters
    ----------
    assignment_folder : path
        The folder in solutions/: hidden tests and reference solution included.
    submitted, out : path
        The submissions, and the folder of the gradebook.
    workers : int
        Judging processes at a time.
    sandbox : bool
        False runs strangers' code as this user.
    progress : bool

    Returns
    -------
    (Assignment, int, list of dict)
        The assignment, how many submissions were graded now, and all its results.

    Raises
    ------
    AssignmentError
        If the reference solution does not get full marks here: then nobody is graded.
    SandboxUnavailable
        If there is no sandbox to be had.
    """
    if sandbox:
        require_sandbox()
    assignment = load_assignment(assignment_folder)
    sources = key_of(*(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py"))))
    grader = key_of(assignment.digest, sources, np.__version__, sys.version, "sandbox" if sandbox else "no sandbox")
    with Gradebook(out) as book:
        pool = _Pool(assignment, workers, sandbox)
        try:
            _verify(assignment, grader, book, pool)
            graded = _grade_all(assignment, grader, submitted, book, pool, progress)
        finally:
            pool.close()
        return assignment, graded, book.results(assignment.name)


def _verify(assignment, grader, book, pool):
    """The tests must pass on the reference solution, here and now, before they may fail anybody."""
    solution = assignment.notebook_path.read_bytes()
    key = key_of("solution", solution, grader)
    if book.is_verified(key):
        return
    ((_, result),) = pool.map([("solution", solution)])
    if isinstance(result, str):
        raise AssignmentError(f"{assignment.name}: the reference solution could not be graded: {result}")
    lost = [test for test in result["tests"] if test["outcome"] != "passed"]
    if lost or result["cells"]:
        why = f"{lost[0]['name']}: {lost[0]['message']}" if lost else result["line"]
        raise AssignmentError(
            f"{assignment.name}: the reference solution gets {result['points']:g} of {assignment.automatic_points:g} "
            f"points here, so nobody was graded. {why}"
        )
    book.verify(key)


def _grade_all(assignment, grader, submitted, book, pool, progress):
    from tqdm import tqdm

    tqdm.monitor_interval = 0  # no thread of its own: judging processes are forked
    notes, graded = {}, 0
    base = {"out_of": assignment.automatic_points}
    with tqdm(desc="grading", unit=" notebooks", disable=None if progress else True) as bar:

        def changed():
            for found in find_submissions(submitted, assignment):
                if found.data is None:
                    status = "no submission" if found.line == "no submission" else "not read"
                    points = None if status == "no submission" else 0.0
                    book.record(
                        assignment.name, found.student, key="", status=status, points=points, line=found.line, **base
                    )
                    continue
                key = key_of(found.data, found.line, grader)
                if book.key(assignment.name, found.student) == key:
                    continue
                notes[found.student] = key, found.line
                yield found.student, found.data

        for student, result in pool.map(changed()):
            key, note = notes.pop(student)
            if isinstance(result, str):
                book.record(assignment.name, student, key="", status="not graded", points=None, line=result, **base)
            else:
                result["line"] = "; ".join(filter(None, [result["line"], note]))
                book.record(assignment.name, student, key=key, status="graded", **base, **result)
                graded += 1
            bar.update()
    return graded


class _Pool:
    """Judging processes. One that dies is replaced, and what it was judging is tried once more."""

    def __init__(self, assignment: Assignment, workers, sandbox):
        methods = multiprocessing.get_all_start_methods()
        self.context = multiprocessing.get_context("fork" if "fork" in methods else "spawn")
        self.arguments = (str(assignment.folder), sandbox)
        self.workers = max(1, workers)
        self.judges = []

    def map(self, tasks):
        """Yield (name, result) for each (name, data) as they finish; a result is a dict, or why there is none."""
        tasks, busy, again = iter(tasks), {}, []
        while True:
            while len(busy) < self.workers and (task := again.pop() if again else next(tasks, None)) is not None:
                judge_ = next((each for each in self.judges if each not in busy), None) or self._hire()
                judge_.connection.send_bytes(task[1])
                busy[judge_] = task
            if not busy:
                return
            ready = multiprocessing.connection.wait(
                [each.connection for each in busy] + [each.process.sentinel for each in busy]
            )
            for judge_ in [each for each in busy if each.connection in ready or each.process.sentinel in ready]:
                task = busy.pop(judge_)
                try:
                    kind, result = judge_.connection.recv()
                except (EOFError, OSError):
                    self._dismiss(judge_)
                    if len(task) == 2:
                        again.append((*task, "a second time"))
                    else:
                        yield task[0], "the judging process itself was ended twice, by the system or by a person"
                    continue
                if kind == "unavailable":
                    raise SandboxUnavailable(result)
                yield task[0], result

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
        for judge_ in list(self.judges):
            self._dismiss(judge_)


@dataclass(frozen=True, eq=False)
class _Judge:
    process: object
    connection: object


def _judge_many(connection, folder, sandbox):
    """A judging process: one notebook after the other until the pipe closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    _die_with_parent()
    assignment = load_assignment(folder)
    try:
        starter = Sandbox(assignment.packages, assignment.limits) if sandbox else None
        bound_memory()
        while True:
            data = connection.recv_bytes()
            with _starter(assignment, starter) as start:
                try:
                    result = judge(assignment, data, start)
                except StartError:
                    raise
                except Exception as error:  # a fault of ours: the others go on, this one is graded again next time
                    result = f"the grader failed: {type(error).__name__}: {error}"
                connection.send(("result", result))
    except (SandboxUnavailable, StartError) as error:
        connection.send(("unavailable", str(error)))
    except (EOFError, OSError):
        return


@contextlib.contextmanager
def _starter(assignment, sandbox):
    """The sandbox if there is one, else bare processes in a new, empty folder."""
    if sandbox is not None:
        yield sandbox
        return
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        yield Unconfined(assignment.limits, folder, bounded=True)


def _die_with_parent():
    """If the grading run is killed, so are its judges, and with them their sandboxes."""
    if sys.platform.startswith("linux"):
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
