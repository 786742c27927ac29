"""What it costs to grade a class, beside nbgrader: CPU seconds, memory, and time on the clock.

CPU seconds are those of every process that was started, sandboxes and kernels included: this process adopts what their
parents leave behind, so the system's own account of finished children is complete.
"""

import ctypes
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks import classes

PR_SET_CHILD_SUBREAPER = 36
NBGRADER_STUDENTS = 10


@dataclass
class Cost:
    """What a command and all it started took."""

    cpu: float
    seconds: float
    megabytes: float  # of the largest process
    output: str


def table(sizes, workers):
    """Print what classes of these sizes cost, graded by so many workers, and what nbgrader takes for a few of them."""
    print(
        f"\nGrading: {len(classes.TASKS)} functions in NumPy, a test each; every submission differs, a third are wrong."
    )
    print(f"{'':<26}{'workers':>8}{'CPU s':>9}{'each':>10}{'a second':>10}{'memory':>10}")
    theirs = nbgrader_cost(NBGRADER_STUDENTS)
    if theirs is None:
        print("nbgrader is not installed: pip install nbgrader")
    else:
        _row(f"nbgrader, {NBGRADER_STUDENTS} submissions", 1, theirs, NBGRADER_STUDENTS)
    for students in sizes:
        for number in workers:
            cost = our_cost(students, number)
            ratio = theirs and theirs.cpu / NBGRADER_STUDENTS / (cost.cpu / students)
            _row(
                f"coursekit, {students}", number, cost, students, f"  1/{ratio:.0f} of nbgrader's CPU" if ratio else ""
            )
    print("The same functions in PyTorch:")
    for number in workers:
        _row(f"coursekit, {sizes[0]}", number, our_cost(sizes[0], number, "torch"), sizes[0])


def _row(name, workers, cost, students, remark=""):
    each = f"{1e3 * cost.cpu / students:.0f} ms"
    speed = f"{students / cost.seconds:.1f}"
    print(f"{name:<26}{workers:>8}{cost.cpu:>9.1f}{each:>10}{speed:>10}{cost.megabytes:>7.0f} MB{remark}", flush=True)


def our_cost(students, workers, package="numpy"):
    """Grade a class with `coursekit grade`, and check that the points are those that the class deserves."""
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        classes.write_assignment(folder / "solutions" / classes.NAME, package)
        classes.write_class(folder / "submitted", students, package)
        command = [sys.executable, "-m", "coursekit.cli", "grade", folder / "submitted", "--assignment", classes.NAME]
        command += ["--solutions", folder / "solutions", "--out", folder / "grades", "--workers", str(workers)]
        cost = cost_of(command)
        wrong = sum(classes.mistaken(number) is not None for number in range(1, students + 1))
        full = cost.output.count(f" {len(classes.TASKS)}/{len(classes.TASKS)}")
        if full != students - wrong:
            raise RuntimeError(f"{full} submissions have full marks, and {students - wrong} should:\n{cost.output}")
        return cost


def nbgrader_cost(students):
    """Grade the same notebooks with `nbgrader autograde`; None where it is not installed."""
    if importlib.util.find_spec("nbgrader") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        classes.write_course(folder)
        classes.write_class(folder / "submitted", students)
        environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}  # it calls alembic
        nbgrader = shutil.which("nbgrader", path=environment["PATH"])
        cost_of([nbgrader, "generate_assignment", classes.NAME], cwd=folder, env=environment)
        return cost_of([nbgrader, "autograde", classes.NAME], cwd=folder, env=environment)


def cost_of(command, **options):
    """Run a command and measure it and all it leaves behind."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    with tempfile.TemporaryFile("w+") as output:
        began = time.monotonic()
        process = subprocess.Popen(list(map(str, command)), stdout=output, stderr=subprocess.STDOUT, **options)
        _, status, usage = os.wait4(process.pid, 0)
        seconds, cpu = time.monotonic() - began, usage.ru_utime + usage.ru_stime
        process.returncode = os.waitstatus_to_exitcode(status)
        while True:
            try:
                _, _, left = os.wait4(-1, 0)
            except ChildProcessError:
                break
            cpu += left.ru_utime + left.ru_stime
        output.seek(0)
        text = output.read()
    if process.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))} ended with {process.returncode}:\n{text}")
    return Cost(cpu, seconds, usage.ru_maxrss / 1024, text)


if __name__ == "__main__":
    table(sizes=(100, 1000), workers=(1, 2))
