"""Submissions that try to get points without an answer, or to do harm: no points, nothing left behind, run finished.

Every attack is a notebook that never computes a softmax. The tests it faces are those of the small assignment, half of
them hidden. `test_grading_sandbox` holds the probes of what can be reached; here all goes through the whole grader.
"""

import time

import pytest
from small_assignment import COUNTER, HONEST, SOFTMAX, notebook
from test_grading_sandbox import gone

from coursekit.grading.grade import grade_class
from coursekit.grading.judge import judge

FORGING = {
    "patched numpy.testing": """
import numpy as np, numpy.testing
for name in dir(np.testing):
    if name.startswith("assert"):
        setattr(np.testing, name, lambda *args, **kwargs: None)
np.abs = np.max = np.allclose = lambda *args, **kwargs: 0
def softmax(z): return z
""",
    "patched builtins": """
import builtins
builtins.AssertionError = type("Never", (BaseException,), {})
builtins.abs = builtins.max = lambda *args: 0
builtins.isinstance = lambda *args: True
def softmax(z): return z
""",
    "always equal array": """
import numpy as np
class Equal(np.ndarray):
    def __eq__(self, other): return np.True_
    def __lt__(self, other): return np.True_
    def __gt__(self, other): return np.True_
    def __sub__(self, other): return np.zeros(1)
    __rsub__ = __sub__
    def __array_ufunc__(self, *args, **kwargs): return np.zeros(1)
    def __array_function__(self, *args, **kwargs): return np.zeros(1)
    def sum(self, *args, **kwargs): return np.ones(1)
def softmax(z): return np.zeros(z.shape).view(Equal)
""",
    "object with every method": """
import numpy as np
class Anything:
    shape = property(lambda self: (1, 2))
    def __getattr__(self, name): return Anything()
    def __call__(self, *args, **kwargs): return 1.0
    def __eq__(self, other): return True
    def __gt__(self, other): return True
    __lt__ = __ge__ = __le__ = __gt__
    def __sub__(self, other): return np.zeros(1)
    __rsub__ = __sub__
    def __getitem__(self, key): return 1.0
    def __array__(self, *args, **kwargs): return np.ones((1, 2))
    def __float__(self): return 1.0
    def __len__(self): return 1
    def __reduce__(self): return (eval, ("__import__('os').system('touch /tmp/forged')",))
    def sum(self, axis=None): return np.ones(1)
    def max(self): return 0.0
def softmax(z): return Anything()
""",
    "class in the place of a function": """
import numpy as np
class softmax:
    def __init__(self, z): self.shape = z.shape
    def sum(self, axis=None): return np.ones(1)
    def max(self): return 0.0
    def __sub__(self, other): return self
    def __abs__(self): return self
    def __getitem__(self, key): return key[1]
""",
    "sys.exit": "import sys\ndef softmax(z): sys.exit(0)",
    "os._exit": "import os\ndef softmax(z): os._exit(0)",
    "exit in a cell": "import os\nos._exit(0)",
    "fake results printed": """
import os, sys, json
for stream in (sys.stdout, sys.stderr, sys.__stdout__):
    print(json.dumps({"points": 5, "tests": [{"outcome": "passed", "earned": 5}]}), file=stream)
for fd in range(3):
    os.write(fd, b'{"points": 5}')
def softmax(z):
    print("5 passed")
    return z
""",
    "garbage on the wire": """
import os
def softmax(z):
    for fd in range(3, 64):
        try: os.write(fd, b"\\xff" * 1000)
        except OSError: pass
    return z
""",
    "forged frames on the wire": """
import os, sys
wire = sys.modules["wire"]
def softmax(z):
    for reply in [("passed", 5), ("value", True), ("value", None), ("ready",), ("result", {"points": 5})] * 20:
        message = wire.encode(reply)
        for fd in range(3, 64):
            try: os.write(fd, len(message).to_bytes(4, "big") + message)
            except OSError: pass
    return z
""",
    "half a frame, then silence": """
import os, time
def softmax(z):
    for fd in range(3, 64):
        try: os.write(fd, (60 * 2**20).to_bytes(4, "big") + b"a")
        except OSError: pass
    time.sleep(1000)
""",
    "a patched worker": """
import sys, gc
worker = sys.modules.get("worker") or sys.modules["__main__"]
wire = sys.modules["wire"]
real = wire.encode
def encode(value, handle_of=None):
    return real(("value", True, (), {}) if isinstance(value, tuple) else value, handle_of)
wire.encode = encode
def softmax(z): return z
""",
    "frames and garbage searched for the answer": """
import gc, sys
import numpy as np
def softmax(z):
    frame = sys._getframe()
    while frame:
        for value in frame.f_locals.values():
            if isinstance(value, np.ndarray) and value is not z and value.shape == z.shape: return value
        frame = frame.f_back
    for value in gc.get_objects():
        if isinstance(value, np.ndarray) and value is not z and value.shape == z.shape: return value
        if isinstance(value, dict) and "expected" in value: return value["expected"]
    return z
""",
    "an exception named like success": """
class passed(Exception): pass
class AssertionError(BaseException): pass
def softmax(z): raise passed("5 points")
""",
    "a skip": """
class Skipped(BaseException): pass
def softmax(z): raise Skipped()
""",
    "the test's own file looked for": """
import os
def softmax(z):
    for folder, _, files in os.walk("/"):
        for name in files:
            if name.startswith("test_hidden"): return open(os.path.join(folder, name)).read()
    return z
""",
}

EXHAUSTION = {
    "endless loop in a cell": "while True: pass\n",
    "endless loop in a call": "def softmax(z):\n    while True: pass",
    "endless loop that catches everything": """
import signal
def softmax(z):
    for number in range(1, 65):
        try: signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError): pass
    while True:
        try:
            while True: pass
        except BaseException: pass
""",
    "sleep": "import time\ndef softmax(z): time.sleep(10_000)",
    "memory in a call": "def softmax(z): return bytearray(10**11)",
    "memory slowly": "def softmax(z):\n    kept = []\n    while True: kept.append(bytearray(2**24))",
    "memory through many processes": """
import os
def softmax(z):
    while True:
        try: os.fork()
        except OSError: pass
        kept = [bytearray(2**20) for _ in range(50)]
""",
    "fork bomb in a cell": "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
    "threads": "import threading as t\ndef softmax(z):\n    while 1: t.Thread(target=t.Event().wait).start()",
    "output without end": "import os\nwhile True:\n    print('x' * 10**6)\n    os.write(1, b'x' * 10**6)",
    "disk": "def softmax(z):\n    for n in range(10**6): open(f'/tmp/{n}', 'wb').write(bytes(2**23))",
    "a huge array": "import numpy as np\ndef softmax(z): return np.zeros(2**26)",
    "an array that broadcasts to anything": "import numpy as np\ndef softmax(z): return np.zeros((2**22, 1))",
    "a huge list": "def softmax(z): return [[0.0]] * 10**6",
    "a deep list": "def softmax(z):\n    l = []\n    for _ in range(10**5): l = [l]\n    return l",
    "a list that contains itself": "def softmax(z):\n    l = []\n    l.append(l)\n    return l",
    "a huge number": "def softmax(z): return 1 << 10**7",
    "keys that collide": "def softmax(z): return {k * (2**61 - 1): 0 for k in range(4_500)}",
    "deep recursion": "import sys\nsys.setrecursionlimit(10**8)\ndef softmax(z): return softmax(z)",
    "a crash": "import ctypes\ndef softmax(z): ctypes.string_at(0)",
    "killing everybody": "import os\ndef softmax(z):\n    for pid in (-1, 1, os.getpid()): os.kill(pid, 9)",
    "a process that stays": """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0: time.sleep(10_000)
    os._exit(0)
def softmax(z): return z
""",
    "a copy of the worker that stays": "import os\nos.fork()\ndef softmax(z): return z",
    "a source that is hard to compile": "x = " + "(" * 5000 + ")" * 5000,
    "a source that takes memory to compile": "x = " + "-" * 100_000 + "1",
    "a regular expression that never ends": "import re\ndef softmax(z): return re.match('(a+)+$', 'a' * 50 + 'b')",
    "stopped": "import os, signal\ndef softmax(z): os.kill(os.getpid(), signal.SIGSTOP)",
    "closed descriptors": "import os\ndef softmax(z): os.closerange(0, 256)",
}


@pytest.mark.parametrize("name", FORGING)
def test_forging_gives_nothing(assignment, sandbox, marker, name):
    result = judge(assignment, notebook("import numpy as np", FORGING[name]), sandbox)
    assert [test["name"] for test in result["tests"] if test["earned"]] == []
    assert result["points"] == 0
    assert len(result["tests"]) == len(assignment.tests)
    assert gone(marker)


@pytest.mark.parametrize("name", EXHAUSTION)
def test_exhaustion_ends(assignment, sandbox, marker, name):
    began = time.monotonic()
    result = judge(assignment, notebook("import numpy as np", EXHAUSTION[name]), sandbox)
    assert result["points"] == 0
    assert result["line"] or any(test["message"] for test in result["tests"])
    assert time.monotonic() - began < assignment.limits.total_seconds + 5
    assert gone(marker)


@pytest.mark.parametrize("name", ["endless loop in a cell", "a crash", "sleep"])
def test_the_rest_of_the_notebook_is_graded(assignment, sandbox, name):
    """The best honest grade: what the notebook does well keeps its points, whatever else is in it."""
    result = judge(assignment, notebook("import numpy as np", EXHAUSTION[name], COUNTER), sandbox)
    assert result["points"] == 1


def test_output_is_bounded(assignment, sandbox):
    result = judge(assignment, notebook("print('é' * 10**7)", *HONEST), sandbox)
    assert result["points"] == 4
    assert len(result["output"].encode()) <= assignment.limits.output_kb * 1024 + 3


def test_a_class_with_attackers(assignment_folder, sandbox, class_folder, tmp_path, marker):
    """Honest students between attackers get what they get alone; two runs at once; everybody has a line."""
    attackers = {
        "b-loop": EXHAUSTION["endless loop in a call"],
        "d-bomb": EXHAUSTION["memory through many processes"],
        "f-forge": FORGING["forged frames on the wire"],
        "h-exit": FORGING["os._exit"],
        "j-daemon": EXHAUSTION["a process that stays"],
    }
    for student in ("a", "c", "e", "g", "i", "k"):
        class_folder(student, notebook(*HONEST))
    for student, source in attackers.items():
        class_folder(student, notebook("import numpy as np", source))
    _, graded, rows = grade_class(
        assignment_folder, class_folder.folder, tmp_path / "grades", workers=2, progress=False
    )
    assert graded == 11
    points = {row["student"]: row["points"] for row in rows}
    assert {student: points[student] for student in "acegik"} == dict.fromkeys("acegik", 4.0)
    assert {student: points[student] for student in attackers} == dict.fromkeys(attackers, 0.0)
    assert all(row["line"] or row["points"] == 4 for row in rows)
    assert gone(marker)


def test_a_neighbour_cannot_be_read(assignment_folder, sandbox, class_folder, tmp_path):
    """No link out of one's own folder is followed, and the folder itself is not in the sandbox."""
    class_folder("honest", notebook(*HONEST))
    thief = class_folder.folder / "thief" / "01-small"
    thief.mkdir(parents=True)
    (thief / "small.ipynb").symlink_to("../../honest/01-small/small.ipynb")
    (class_folder.folder / "whole").symlink_to(class_folder.folder / "honest")
    (class_folder.folder / "part").mkdir()
    (class_folder.folder / "part" / "01-small").symlink_to(class_folder.folder / "honest" / "01-small")
    (class_folder.folder / "solution").mkdir()
    (class_folder.folder / "solution" / "01-small").symlink_to(assignment_folder)
    class_folder(
        "reader", notebook(f"exec(open({str(class_folder.folder)!r} + '/honest/01-small/small.ipynb').read())")
    )
    _, _, rows = grade_class(assignment_folder, class_folder.folder, tmp_path / "grades", progress=False)
    assert {row["student"]: row["points"] for row in rows} == {
        "honest": 4.0, "part": 0.0, "reader": 0.0, "solution": 0.0, "thief": 0.0, "whole": 0.0,
    }  # fmt: skip
    assert {row["line"] for row in rows if row["status"] == "not read"} == {
        "not read: small.ipynb is a link",
        "not read: the folder is a link",
    }


def test_honest_submissions(assignment, sandbox):
    result = judge(assignment, notebook(*HONEST), sandbox)
    assert (result["points"], result["line"]) == (4.0, "")
    result = judge(assignment, notebook(SOFTMAX, "import numpy as np"), sandbox)
    assert result["points"] == 3.0
    assert "there is no Counter in the notebook" in result["line"]
