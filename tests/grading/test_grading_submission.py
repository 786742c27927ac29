"""The test's side: values come as copies, objects as handles, and no answer can pretend."""

import numpy as np
import pytest

from coursekit.grading import StudentError
from coursekit.grading.submission import Handle, LocalLink, Submission, clip
from coursekit.grading.worker import Notebook

SOURCE = """
def double(x):
    return x * 2

def mutate(x):
    x[:] = 0
    return None

def fails(x):
    raise ValueError("x must be positive")

def todo():
    raise NotImplementedError

def apply(function, x):
    return function(x) + 1

class Value:
    def __init__(self, data):
        self.data = data
        self.parts = []
        self._hidden = 1
    def __mul__(self, other):
        product = Value(self.data * other.data)
        product.parts = [self, other]
        return product
    def sum(self):
        return self.data
    @property
    def broken(self):
        return self.missing

class Liar:
    shape = (1, 2)
    def __getattr__(self, name):
        return lambda *args, **kwargs: 1.0
    def __eq__(self, other):
        return True
    def __array__(self, *args, **kwargs):
        return np.ones(2)
    def __sub__(self, other):
        return 0
    __rsub__ = __add__ = __radd__ = __mul__ = __sub__
    def __reduce__(self):
        return (print, ("forged",))

def lie(x=None):
    return Liar()

def lies():
    return [Liar(), 1.0]

weights = np.arange(3.0)
number = 3
"""


@pytest.fixture
def submission():
    namespace = {"np": np}
    file = "<a notebook that is open>"  # under a name that no cell of another test has been executed under
    exec(compile(SOURCE, file, "exec"), namespace)
    return Submission(LocalLink(Notebook(namespace, locate=lambda name: "cell 1" if name == file else None)))


def test_functions_and_values(submission):
    assert submission.double(2) == 4
    assert submission.call("double", x=3) == 6
    np.testing.assert_array_equal(submission["weights"], [0, 1, 2])
    submission["weights"][:] = 9
    np.testing.assert_array_equal(submission["weights"], [0, 1, 2])


def test_arguments_are_copies_and_can_be_looked_at(submission):
    x = np.ones(2)
    result, (seen,), named = submission.call("mutate", x, echo=True)
    assert result is None
    assert named == {}
    assert x.tolist() == [1, 1]
    assert seen.tolist() == [0, 0]


def test_errors_are_student_errors_that_say_where(submission):
    with pytest.raises(
        StudentError, match=r"fails raised ValueError: x must be positive \(cell 1, line 10\)"
    ) as caught:
        submission.fails(1)
    assert caught.value.kind == "ValueError"
    assert "Exception" in caught.value.bases
    assert isinstance(caught.value, AssertionError)
    with pytest.raises(StudentError, match="todo is not written yet"):
        submission.todo()
    with pytest.raises(StudentError, match="there is no nothing") as caught:
        submission.nothing()
    assert caught.value.kind == "missing"
    with pytest.raises(StudentError, match="number is a int, not a function"):
        submission.number()
    with pytest.raises(StudentError, match="there is no nothing"):
        submission["nothing"]


def test_objects_are_handles(submission):
    a, b = submission.Value(2.0), submission.Value(5.0)
    assert isinstance(a, Handle)
    assert (a.data, b.sum()) == (2.0, 5.0)
    product = a.call("__mul__", b)
    assert product.data == 10.0
    assert product.parts == [a, b]
    assert product.parts[0] != b
    a.data = 3.0
    assert a.data == 3.0
    assert not hasattr(a, "nothing")
    assert not hasattr(a, "_hidden")
    with pytest.raises(AttributeError):
        a._hidden = 2
    with pytest.raises(StudentError, match="AttributeError"):
        a.broken  # noqa: B018
    assert "Value" in repr(a)
    assert len({a, b, a}) == 2


def test_functions_of_the_notebook_can_be_passed_on(submission):
    assert submission.apply(submission.double, 3) == 7
    with pytest.raises(ValueError, match="a test passes a function"):
        submission.apply(lambda x: x, 3)


@pytest.mark.parametrize(
    "use",
    [
        lambda p: p.shape,
        lambda p: p.sum(axis=1),
        lambda p: p.T,
        lambda p: p.mean(),
        lambda p: p.tolist(),
        lambda p: p - np.ones(2),
        lambda p: np.ones(2) - p,
        lambda p: abs(p - 1),
        lambda p: np.abs(p),
        lambda p: p == 1,
        lambda p: p != 1,
        lambda p: p < 1,
        lambda p: bool(p),
        lambda p: len(p),
        lambda p: list(p),
        lambda p: p[0],
        lambda p: float(p),
        lambda p: round(p),
        lambda p: np.asarray(p),
        lambda p: np.testing.assert_allclose(p, 1),
        lambda p: np.testing.assert_array_equal(p, 1),
        lambda p: np.allclose(p, 1),
        lambda p: np.array_equal(p, np.ones(2)),
        lambda p: pytest.approx(1.0) == p,
        lambda p: p == pytest.approx(1.0),
        lambda p: p in (1.0, 2.0),
        lambda p: 1.0 in p,
        lambda p: np.sum(p),
        lambda p: sum(p),
        lambda p: max(p, 0),
        lambda p: p @ p,
    ],
)
def test_an_object_where_a_value_was_expected_is_never_asked(submission, use):
    for liar in (submission.lie(), submission.lies()[0]):
        try:
            answer = use(liar)
        except StudentError as error:
            assert "gave an object of type Liar" in str(error)  # noqa: PT017
        except TypeError:
            pass  # NumPy's own functions say that the operand is not theirs
        else:
            assert answer is False  # np.array_equal turns every error into this


def test_a_liar_equals_nothing(submission):
    with pytest.raises((AssertionError, TypeError)):
        assert np.all(np.isclose(submission.lie(), 1.0))


def test_an_object_that_was_asked_for_may_have_any_method(submission):
    assert submission.call("lie", handle=True).sum() == 1.0


def test_a_function_is_not_a_value(submission):
    with pytest.raises(AttributeError, match=r'submission\["weights"\]'):
        submission.weights.shape  # noqa: B018
    with pytest.raises(TypeError, match="is not a value"):
        assert submission.weights
    with pytest.raises(TypeError, match="is not a value"):
        np.asarray(submission.weights)


class Forged:
    """A link whose answers are whatever the test says."""

    epoch = 0

    def __init__(self, reply):
        self.reply = reply

    def ask(self, request, handle):
        return self.reply


@pytest.mark.parametrize(
    "reply",
    [
        None,
        (),
        "value",
        ("value",),
        ("value", 1, 2),
        ("value", 1, (), {}),
        ("raised",),
        ("raised", None),
        ("raised", {}),
        ("raised", {"type": 3, "bases": 4, "message": [], "cell": {}, "line": "x", "code": 1.0}),
        ("raised", {"type": "A\x1b[31m" * 100, "message": "m\n" * 10_000, "cell": "c" * 10_000, "line": 10**30}),
        ("missing", 3),
        ("missing", "<script>"),
        ("unsendable", "\x1b]0;x\x07"),
        ("passed", 10),
        {1: 2},
    ],
)
def test_a_forged_reply_costs_its_sender_the_test(reply):
    with pytest.raises(StudentError) as caught:
        Submission(Forged(reply)).softmax(1)
    assert len(str(caught.value)) < 1500
    assert "\x1b" not in str(caught.value)


def test_clip():
    assert clip("a\nb\tc\x1b[0m\u202e") == "a b c\ufffd[0m\ufffd"
    assert clip("x" * 600) == "x" * 499 + "…"
