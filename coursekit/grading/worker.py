"""The student's process: runs a notebook's cells, then answers calls on what they defined.

`Notebook` is used twice. In the sandbox this file is a script: messages come in on its standard input, answers go out
on its standard output, and both are moved out of reach of an accidental `print` before any cell runs. In a student's
own Jupyter, `coursekit.grading.check` hands the same messages to a `Notebook` around the live namespace. Either way a
test sees only what passed through `wire`, so it cannot tell which it was.

The student's code lives in the same process as this loop and can make it answer anything. That is all it can do: an
answer is the student's own. Nothing here knows a test, an expected value or another student. What a test has defined
here is seen by the student's code like the arguments of a call: it may build what a function is called with, a network
say, and never what is expected of it.

Requests and replies are tuples:

    ("cell", label, source)                          ("value", None)
    ("call", owner, name, args, kwargs, echo)        ("value", result) or ("value", result, args, kwargs)
    ("get", owner, name)                             ("value", result)
    ("set", owner, name, value)                      ("value", None)
    ("define", None, name, source)                   ("value", what the source calls by that name)
    ("output",)                                      ("value", text printed so far)

or, when that fails, ("raised", failure), ("missing", what), ("unsendable", why). `owner` is None for the notebook's
globals or a handle. A failure is a dict: type, bases, message, cell, line, code.
"""

import io
import json
import linecache
import os
import re
import sys
import types

if __package__:
    from . import standins, wire
else:  # a script in the sandbox, with its two companions beside it
    sys.path[:] = [os.path.dirname(os.path.abspath(__file__)), *sys.path, *json.loads(sys.argv[1])["path"]]
    import standins
    import wire

    del sys.path[0]

__all__ = ["Notebook", "main", "plain_source"]

MAX_HANDLES = 100_000
MAX_TEXT = 2_000
_NAMES = """add radd sub rsub mul rmul truediv rtruediv floordiv mod pow rpow matmul rmatmul neg pos abs
    call len getitem contains eq ne lt le gt ge float int bool str repr"""
OPERATORS = frozenset(f"__{name}__" for name in _NAMES.split())
RUN_THE_REST = {"time", "timeit", "capture", "prun"}
MAGIC_LINE = re.compile(r"\s*(?:[%!?]|[\w\s.,\[\]]*=\s*[%!]|\S.*\?\s*$)")


class Notebook:
    """A namespace filled by a notebook's cells, and the answers to questions about it.

    Parameters
    ----------
    namespace : dict, optional
        The globals to answer from. A new, empty ``__main__`` by default.
    locate : callable, optional
        ``locate(filename)`` gives the label of the cell compiled under that name, or None; also says that this is
        somebody's own notebook, in which an interrupt from the keyboard is not an answer. By default, the cells run
        here.
    """

    def __init__(self, namespace=None, locate=None):
        if namespace is None:
            module = types.ModuleType("__main__")
            sys.modules["__main__"] = module
            namespace = module.__dict__
            standins.install(namespace)
        self.namespace = namespace
        self.interruptible = locate is not None
        self.labels = {}
        self.locate = locate or self.labels.get
        self.objects = []
        self.numbers = {}
        self.defined = {}
        self.output = None

    def answer(self, message):
        """Answer one encoded request with one encoded reply."""
        try:
            request = wire.decode(message, handle=lambda number, name: self.objects[number], tensor=tensor_of)
            action = getattr(self, "do_" + request[0])
            reply = action(*request[1:])
        except BaseException as error:
            if self.interruptible and isinstance(error, KeyboardInterrupt):
                raise
            reply = ("raised", self.failure(error))
        try:
            return wire.encode(reply, handle_of=self.number)
        except wire.WireError as error:
            return wire.encode(("unsendable", str(error)))
        except BaseException as error:
            return wire.encode(("unsendable", f"turning the result into bytes raised {type(error).__name__}"))

    def do_cell(self, label, source):
        name = f"<{label}>"
        self.labels[name] = label
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        source, code = plain_source(source, name)
        exec(code, self.namespace)
        return ("value", None)

    def do_call(self, owner, name, args, kwargs, echo):
        function = self.find(owner, name)
        if function is None:
            return ("missing", "nothing")
        if not callable(function[0]):
            return ("missing", type(function[0]).__name__)
        result = function[0](*args, **kwargs)
        return ("value", result, args, kwargs) if echo else ("value", result)

    def do_get(self, owner, name):
        found = self.find(owner, name)
        return ("missing", "nothing") if found is None else ("value", found[0])

    def do_set(self, owner, name, value):
        if owner is None:
            self.namespace[name] = value
        else:
            setattr(owner, name, value)
        return ("value", None)

    def do_define(self, owner, name, source):
        namespace = self.defined.get(source)
        if namespace is None:
            namespace = {"__name__": "the test"}  # not the notebook's: no name of the student's is touched, or used
            exec(compile(source, "<the test>", "exec", dont_inherit=True), namespace)
            self.defined[source] = namespace
        return ("value", namespace[name])

    def do_output(self):
        return ("value", self.output() if self.output else "")

    def find(self, owner, name):
        """A 1-tuple with the object of that name, or None: the object itself may be None."""
        if owner is None:
            return (self.namespace[name],) if name in self.namespace else None
        if name.startswith("_") and name not in OPERATORS:
            return None
        try:
            return (getattr(owner, name),)
        except AttributeError:
            if hasattr(type(owner), name):  # a property whose own code failed: the student wants to see that
                raise
            return None

    def number(self, value):
        """The handle of an object: the same number for the same object, which stays alive as long as this process."""
        number = self.numbers.get(id(value))
        if number is None:
            number = len(self.objects)
            if number >= MAX_HANDLES:
                raise wire.WireError(f"more than {MAX_HANDLES:,} objects handed out")
            self.objects.append(value)
            self.numbers[id(value)] = number
        name = type(value).__name__
        return number, f"{name} of dtype {value.dtype}" if name == "ndarray" else name

    def failure(self, error):
        """What a student needs to know of an exception: what, where in the notebook, and the line it happened on."""
        cell = line = None
        trace = error.__traceback__
        while trace is not None:
            filename = trace.tb_frame.f_code.co_filename
            label = self.locate(filename)
            if label is not None:
                cell, line, where = label, trace.tb_lineno, filename
            trace = trace.tb_next
        if isinstance(error, SyntaxError) and self.locate(error.filename) is not None:
            cell, line, where = self.locate(error.filename), error.lineno, error.filename
        try:
            message = error.msg if isinstance(error, SyntaxError) else str(error)
        except BaseException:
            message = "(its message could not be read)"
        return {
            "type": type(error).__name__,
            "bases": [base.__name__ for base in type(error).__mro__[:-1]],
            "message": str(message)[:MAX_TEXT],
            "cell": cell,
            "line": line,
            "code": linecache.getline(where, line).strip()[:200] if cell is not None and line else "",
        }


def tensor_of(array):
    """The tensor that a test meant by an array."""
    import torch

    return torch.from_numpy(array)


def plain_source(source, name):
    """Compile a cell as a notebook would, with magics and shell commands doing nothing.

    A line is touched only if Python itself stumbles over it, so a `%` that continues an expression stays what it is.
    Line numbers do not change.

    Parameters
    ----------
    source : str
        The cell.
    name : str
        The file name its code objects carry.

    Returns
    -------
    (str, code)

    Raises
    ------
    SyntaxError
        If the cell is neither Python nor Python with magics.

    Examples
    --------
    >>> plain_source("%matplotlib inline\\nx = 10\\ny = (x\\n     % 3)", "cell")[0].splitlines()
    ['pass', 'x = 10', 'y = (x', '     % 3)']
    """
    lines = source.split("\n")
    first = next((index for index, line in enumerate(lines) if line.strip()), 0)
    if lines[first].startswith("%%"):
        magic = re.match(r"%%\s*(\w*)", lines[first]).group(1)
        lines[first] = ""
        if magic not in RUN_THE_REST:
            lines = [""]
    for _ in range(200):
        source = "\n".join(lines)
        try:
            return source, compile(source, name, "exec", dont_inherit=True)
        except ValueError as error:  # a null character
            raise SyntaxError(str(error)) from None
        except (MemoryError, RecursionError):
            raise SyntaxError("the cell is nested too deeply to be compiled") from None
        except SyntaxError as error:
            index = (error.lineno or 0) - 1
            if not 0 <= index < len(lines) or not MAGIC_LINE.match(lines[index]):
                raise
            line = lines[index]
            indent = line[: len(line) - len(line.lstrip())]
            assigned = re.match(r"([\w\s.,\[\]]+)=\s*[%!]", line)
            lines[index] = f"{assigned.group(1)}= None" if assigned else indent + "pass"
    raise SyntaxError("more than 200 magics in one cell")


class _Sink(io.RawIOBase):
    """Keeps the first `limit` bytes written to it and lets the rest go by."""

    def __init__(self, limit):
        self.limit = limit
        self.kept = bytearray()

    def writable(self):
        return True

    def write(self, data):
        self.kept += bytes(data[: max(0, self.limit - len(self.kept))])
        return len(data)


def set_limits(memory_mb, libraries_mb, cpu_seconds, processes, file_mb, files):
    """Bind this process and all it starts; in the sandbox's user namespace, so that `processes` counts only these.

    `memory_mb` is what may be written to (DATA), `libraries_mb` the addresses that libraries take on top of it (AS).
    """
    import resource

    limits = {
        "AS": (memory_mb + libraries_mb) * 2**20,
        "DATA": memory_mb * 2**20,
        "CPU": cpu_seconds,
        "NPROC": processes,
        "FSIZE": file_mb * 2**20,
        "NOFILE": files,
    }
    # One byte for what is left of a crash: at 0 the kernel still hands all of it to the host's crash reporter, where
    # there is one; 1 is the only value that keeps it from doing so.
    for name, value in (limits | {"CORE": 1, "MEMLOCK": 0, "MSGQUEUE": 0, "SIGPENDING": 64}).items():
        which = getattr(resource, "RLIMIT_" + name, None)
        if which is not None and value is not None:
            resource.setrlimit(which, (value, value))


def main():
    """Serve one submission until the other side closes the wire."""
    options = json.loads(sys.argv[1])
    incoming = os.fdopen(os.dup(0), "rb")
    outgoing = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1):
        os.dup2(nothing, descriptor)
    if options.get("limits"):
        set_limits(**options["limits"])
    sink = _Sink(options["output_kb"] * 1024)
    notebook = Notebook()
    notebook.output = lambda: sink.kept.decode("utf-8", "replace")
    wire.write_frame(outgoing, wire.encode(("ready",)))
    os.dup2(nothing, 2)  # kept until here: it carries why a sandbox could not start
    os.close(nothing)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115
    sys.stdout = sys.stderr = io.TextIOWrapper(io.BufferedWriter(sink, 1), "utf-8", "replace", write_through=True)
    sys.argv = [""]
    while (message := wire.read_frame(incoming)) is not None:
        wire.write_frame(outgoing, notebook.answer(message))
    os._exit(0)


if __name__ == "__main__":
    main()
