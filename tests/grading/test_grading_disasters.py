"""What no class is spared: damaged notebooks by the hundred, and a run that is killed again and again."""

import copy
import json
import random
import signal
import string
import subprocess
import sys
import time
from contextlib import closing

import pytest
from small_assignment import HONEST, notebook, solution

from coursekit.grading.gradebook import Gradebook
from coursekit.grading.judge import judge

ODD = [
    "",
    "\0",
    "\ud800",
    "\u202e",
    "é" * 3000,
    "(" * 500,
    "\t\x0c",
    "🙂",
    "%%html\n<b>",
    "!ls",
    "x = ?",
    "'''",
    "\r\n",
]
ANYTHING = [None, True, -1, 1e308, 10**30, "text", [], {}, [[]], {"a": None}, ["import os\n", 7]]


def places(value, path=()):
    """Every place in a JSON value."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from places(inner, (*path, key))


def damaged(rng):
    """The bytes of the solution's notebook with a few things gone wrong in it."""
    content = solution()
    for _ in range(rng.randint(1, 4)):
        *path, last = rng.choice([path for path in places(content) if path])
        inside = content
        for key in path:
            inside = inside[key]
        kind = rng.choice(["drop", "replace", "odd", "twice", "rename", "huge", "move"])
        if kind == "drop":
            del inside[last]
        elif kind == "replace":
            inside[last] = copy.deepcopy(rng.choice(ANYTHING))
        elif kind == "odd" and isinstance(inside[last], str):
            cut = rng.randint(0, len(inside[last]))
            inside[last] = inside[last][:cut] + rng.choice(ODD) + inside[last][cut:]
        elif kind == "huge" and isinstance(inside[last], str):
            inside[last] = inside[last] * rng.choice([2, 50, 2000])
        elif isinstance(inside, list):
            if kind == "move":
                rng.shuffle(inside)
            else:
                inside.insert(rng.randint(0, len(inside)), copy.deepcopy(inside[last]))
        else:
            inside["".join(rng.choices(string.printable, k=4))] = inside[last]
        if not isinstance(content, dict) or not content:
            break
    data = bytearray(json.dumps(content).encode("utf-8", "surrogatepass"))
    for _ in range(rng.choice([0, 0, 0, 1, 8])):
        at = rng.randrange(len(data))
        data[at : at + rng.randint(0, 3)] = rng.randbytes(rng.randint(0, 3))
    return bytes(data[: rng.choice([len(data)] * 9 + [rng.randrange(len(data))])])


@pytest.mark.parametrize("part", range(10))
def test_a_damaged_notebook_gets_the_best_honest_grade(assignment, sandbox, part):
    full = assignment.automatic_points
    for number in range(50):
        data = damaged(random.Random(50 * part + number))
        result = judge(assignment, data, sandbox)
        json.dumps(result, allow_nan=False)
        assert 0 <= result["points"] <= full, data
        assert len(result["tests"]) == len(assignment.tests), data
        assert "Traceback" not in result["line"], data
        if result["points"] < full:  # there is a reason, and it can be read
            reasons = [result["line"], *(test["message"] for test in result["tests"])]
            assert any(reasons), data
        if result["points"] == full:
            assert all(test["outcome"] == "passed" for test in result["tests"]), data


def kept(folder):
    """All that is stored, without what differs from run to run."""
    with closing(Gradebook(folder).connection) as connection:
        connection.row_factory = None
        names = [row[1] for row in connection.execute("PRAGMA table_info(result)")]
        rows = [dict(zip(names, row, strict=True)) for row in connection.execute("SELECT * FROM result")]
    for row in rows:
        row["seconds"] = None
        row["details"] = {k: v for k, v in json.loads(row["details"]).items() if k != "cpu"}
    return sorted(rows, key=lambda row: row["student"])


def test_twenty_kills_lose_nothing(own_folder, class_folder, tmp_path, sandbox):
    students = 200
    for number in range(students):
        cells = HONEST if number % 3 else HONEST[:2]
        class_folder(f"s{number:03}", notebook(*cells, f"# {number}"))
    rng = random.Random(0)

    def run(out, seconds=None):
        command = [sys.executable, "-m", "coursekit.cli", "grade", class_folder.folder, "--assignment", "01-small"]
        command += ["--solutions", own_folder.parent, "--out", tmp_path / out, "--workers", "2"]
        with subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
            if seconds is not None:
                time.sleep(seconds)
                process.send_signal(signal.SIGKILL)
            return process.communicate()[0].decode(), process.returncode

    began = time.monotonic()
    _, status = run("undisturbed")
    assert status == 0
    whole = time.monotonic() - began
    for _ in range(20):
        run("killed", rng.uniform(0.05, 0.25) * whole)
    text, status = run("killed")
    assert status == 0, text
    assert kept(tmp_path / "killed") == kept(tmp_path / "undisturbed")
    assert len(kept(tmp_path / "killed")) == students
