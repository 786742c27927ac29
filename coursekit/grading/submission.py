"""What a test holds in its hands: a student's notebook, behind the wire.

    def test_rows_sum_to_one(submission):
        p = submission.softmax(np.array([[1.0, 2.0]]))      # call a function of the notebook
        weights = submission["weights"]                     # fetch a plain value
        model = submission.Perceptron(3)                    # a class: the object stays there, a `Handle` comes back
        model.fit(x, y)                                     # its methods and public attributes
        result, (seen,), _ = submission.call("f", x, echo=True)   # the arguments as the call left them
    net = submission.define("net", SOURCE)              # an object or function that the test needs in there
    g = submission.saliency(net, Tensor(images))        # the function gets a tensor; here g is an array in any case

Values arrive as copies of the types of `wire`, so nothing a student returns can pretend: there is no method of his
that a test could call by accident. A `Handle` is the exception by design, and is guarded twice. It takes part in no
operator, no comparison and no NumPy function. And a handle nobody asked for (a lower-case name was called and an
object came back instead of numbers) refuses every name that a plain value also has, `shape`, `sum`, `T`, ...: a test
that thought it had an array stops there, instead of asking the student's object whether it is right.
`submission.call(name, ..., handle=True)` and `handle.call(name, ..., handle=True)` ask for one; calling a name in
CamelCase does too, and so does arithmetic, written `a.call("__mul__", b)`. A function of the notebook can be passed
to another: `submission.gradient(submission.loss, w)`.
"""

import re

import numpy as np

from coursekit.grading import wire

__all__ = ["Handle", "LocalLink", "StudentError", "Submission"]

_PLAIN_NAMES = {
    name
    for kind in (np.ndarray, np.generic, bool, float, complex, str, bytes, list, tuple, dict, set)
    for name in dir(kind)
    if not name.startswith("_")
}
_ARITHMETIC = re.compile(r"__(r?(add|sub|mul|truediv|pow|matmul|floordiv|mod)|neg|pos|abs)__")


class StudentError(AssertionError):
    """A student's code did not give an answer: it raised, is missing, did not finish, or ended its process.

    A test that lets it pass fails with its message. To test that a function refuses an argument::

        with pytest.raises(StudentError) as caught:
            submission.softmax("text")
        assert caught.value.kind == "TypeError"

    Attributes
    ----------
    kind : str
        The exception's class, or "missing", "timeout", "crash", "answer" (not a plain value).
    bases : tuple of str
        The classes it derives from, itself first.
    where : str
        Cell and line, "" when unknown.
    """

    def __init__(self, message, kind, bases=(), where=""):
        super().__init__(f"{message} ({where})" if where else message)
        self.kind = kind
        self.bases = tuple(bases)
        self.where = where


class MissingError(StudentError, AttributeError):
    """The notebook, or an object of it, has nothing of that name; also an AttributeError, so that `hasattr` works."""


class LocalLink:
    """The wire without the wire: a `Notebook` in this process, reached through the same encoding."""

    epoch = 0

    def __init__(self, notebook):
        self.notebook = notebook

    def ask(self, request, handle):
        """As `Submission` needs it."""
        return wire.decode(self.notebook.answer(wire.encode(request, handle_of=number_of)), handle)


class Submission:
    """A student's notebook as a test sees it.

    Parameters
    ----------
    link : object
        ``link.ask(request, handle)`` answers a request of `worker`; raises `StudentError` when the process cannot.
        ``link.epoch`` changes when the process is a new one.
    """

    def __init__(self, link):
        self._link = link
        self._last = ""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Function(self, name)

    def __getitem__(self, name):
        return self._ask(("get", None, name), name, asked=False)[0]

    def call(self, name, *args, echo=False, handle=False, **kwargs):
        """Call a global of the notebook.

        Parameters
        ----------
        name : str
        *args, **kwargs
            Plain values and handles; the student's function gets copies.
        echo : bool
            Also give back the positional and keyword arguments as the call left them.
        handle : bool
            An object of the student's own is expected back.

        Returns
        -------
        result, or (result, args, kwargs) with `echo`

        Raises
        ------
        StudentError
        """
        reply = self._ask(("call", None, name, args, kwargs, bool(echo)), name, handle or name[:1].isupper())
        return reply if echo else reply[0]

    def define(self, name, source):
        """Run code of the test's own in the student's process, apart from the notebook's names.

        For what only can be there: a network of PyTorch with weights that the test chooses, say. The student's code
        can see it, so it must not know what is expected. Ask in each test, since a process that has died forgets it;
        as long as it lives, the same source is run once.

        Parameters
        ----------
        name : str
            Of what is wanted.
        source : str
            Python code that assigns it.

        Returns
        -------
        Handle, or a plain value
        """
        return self._ask(("define", None, name, source), name, asked=True)[0]

    def _ask(self, request, name, asked):
        def handle(number, kind):
            return Handle(self, number, kind, name, asked, self._link.epoch)

        values = _values(self._link.ask(request, handle), request, name)
        self._last = f"{name} gave {_describe(values[0])}"
        return values

    def __repr__(self):
        return f"<Submission over {type(self._link).__name__}>"


class Function:
    """A global of the notebook that a test has named but not yet called."""

    def __init__(self, submission, name):
        self._submission = submission
        self._name = name

    def __call__(self, *args, **kwargs):
        return self._submission.call(self._name, *args, **kwargs)

    def __getattr__(self, name):
        raise AttributeError(f'to fetch the value {self._name!r} write submission["{self._name}"]; then .{name}')

    def __bool__(self):
        raise TypeError(f'submission.{self._name} is not a value: call it, or fetch it with submission["{self._name}"]')

    __array_ufunc__ = None

    def __array__(self, *args, **kwargs):
        self.__bool__()

    def __repr__(self):
        return f"<{self._name} of the submission>"


class Handle:
    """An object that stays in the student's process: methods and public attributes, nothing else."""

    __slots__ = ("_asked", "_epoch", "_kind", "_name", "_number", "_submission")

    def __init__(self, submission, number, kind, name, asked, epoch):
        values = (asked, epoch, _word(kind), name, number, submission)
        for slot, value in zip(self.__slots__, values, strict=True):
            object.__setattr__(self, slot, value)

    def call(self, name, *args, echo=False, handle=False, **kwargs):
        """Call a method; the arguments of `Submission.call`."""
        asked = handle or _ARITHMETIC.fullmatch(name) is not None
        title = self._name if name == "__call__" else f"{self._kind}.{name}"
        reply = self._submission._ask(("call", self, name, args, kwargs, bool(echo)), title, asked)
        return reply if echo else reply[0]

    def __call__(self, *args, **kwargs):
        return self.call("__call__", *args, **kwargs)

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        if not self._asked and name in _PLAIN_NAMES:
            self._refuse()
        return self._submission._ask(("get", self, name), f"{self._kind}.{name}", asked=False)[0]

    def __setattr__(self, name, value):
        if name.startswith("_"):
            raise AttributeError(name)
        self._submission._ask(("set", self, name, value), f"{self._kind}.{name}", asked=False)

    def _refuse(self, *args, **kwargs):
        raise StudentError(
            f"{self._name} gave an object of type {self._kind}; numbers or an array were expected", kind="answer"
        )

    def __eq__(self, other):
        if isinstance(other, Handle):
            return (self._number, self._epoch) == (other._number, other._epoch)
        return self._refuse()

    def __hash__(self):
        return hash((self._number, self._epoch))

    def __repr__(self):
        return f"<a {self._kind} of the submission>"

    __array_ufunc__ = None
    __array__ = __bool__ = __len__ = __iter__ = __getitem__ = __contains__ = __float__ = __int__ = __index__ = _refuse
    __complex__ = __abs__ = __neg__ = __lt__ = __le__ = __gt__ = __ge__ = __round__ = _refuse
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _refuse
    __matmul__ = __rmatmul__ = __pow__ = __rpow__ = __mod__ = __rmod__ = __floordiv__ = __rfloordiv__ = _refuse


def number_of(value):
    """What `wire.encode` sends for an object a test passes on: the number of a handle."""
    if type(value) is Function:
        (value,) = value._submission._ask(("get", None, value._name), value._name, asked=True)
    if type(value) is not Handle:
        raise wire.WireError(
            f"a test passes a {type(value).__name__} to the submission; it can pass numbers, strings, lists, dicts, "
            "arrays, and functions and objects of the submission"
        )
    if value._epoch != value._submission._link.epoch:
        raise StudentError(f"the process that held {value!r} has ended", kind="crash")
    return value._number, value._kind


def _values(reply, request, name):
    """The values of a reply, or the `StudentError` it tells of. Any value may come: it is a stranger who answers."""
    match reply:
        case ("value", value) if request[0] != "call" or not request[5]:
            return (value,)
        case ("value", value, tuple(args), dict(kwargs)) if request[0] == "call" and request[5]:
            return value, args, kwargs
        case ("missing", str(kind)):  # the type first: an array compared with a string is no answer
            if kind == "nothing":
                raise MissingError(f"there is no {name} in the notebook", kind="missing")
            raise MissingError(f"{name} is a {_word(kind)}, not a function", kind="missing")
        case ("unsendable", str(why)):
            raise StudentError(f"{name} gave a value that cannot be compared: {clip(why)}", kind="answer")
        case ("raised", dict(failure)):
            raise failure_error(failure, name)
    raise StudentError(f"{name} did not give an answer: the process sent something else", kind="crash")


def failure_error(failure, name):
    """The `StudentError` for a failure reported by the worker; the report is not believed to be well formed."""
    kind = _word(failure.get("type"))
    bases = failure.get("bases")
    bases = [_word(base) for base in bases[:20]] if isinstance(bases, list) else [kind]
    cell, line, code = failure.get("cell"), failure.get("line"), failure.get("code")
    where = ""
    if isinstance(cell, str):
        where = clip(cell, 60) + (f", line {line}" if type(line) is int and 0 < line < 10**6 else "")
        where += f": {clip(code, 120)}" if isinstance(code, str) and code else ""
    if kind == "NotImplementedError":
        return StudentError(f"{name} is not written yet: it still raises NotImplementedError", kind, bases)
    message = failure.get("message")
    message = f": {clip(message)}" if isinstance(message, str) and message else ""
    return StudentError(f"{name} raised {kind}{message}", kind, bases, where)


def clip(text, length=500):
    """At most `length` characters of a stranger's text, on one line, nothing in it that a terminal would obey."""
    text = "".join(
        c if c.isprintable() else " " if c.isspace() else "\N{REPLACEMENT CHARACTER}" for c in text[: length + 1]
    )
    return text if len(text) <= length else text[: length - 1] + "\N{HORIZONTAL ELLIPSIS}"


def _word(value):
    return re.sub(r"[^\w. ]", "?", value[:60]) if isinstance(value, str) and value else "object"


def _describe(value):
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape} and dtype {value.dtype}"
    return "None" if value is None else f"a {value._kind if type(value) is Handle else type(value).__name__}"
