"""What the tests of an exercise say: the words of visible ones, the comparison of hidden ones.

A visible test compares an answer with the right one. When they differ, it looks through what the usual mistakes lead
to; if the answer is one of those, it says which, and what to look at::

    from coursekit.grading.explain import explain, hints, unchanged

    with hints({"broadcast": "Print the shapes: X is (N, D), w is (D,)."}):
        result, after, _ = submission.call("scores", X, w, echo=True)
    explain(result, X @ w, "scores(X, w)", {"the sign is wrong.": -X @ w})
    unchanged(X, after[0], "X")

A hidden test says nothing but whether: `close`.
"""

import reprlib
from contextlib import contextmanager

import numpy as np

__all__ = ["brief", "close", "explain", "hints", "parts", "unchanged"]

RTOL, ATOL = 1e-5, 1e-6  # leaves room for answers computed in float32, and for any order of summation


def explain(got, right, name, mistakes=None, hint=""):
    """Do nothing if an answer is right; otherwise fail with the most helpful thing there is to say.

    Parameters
    ----------
    got, right : array_like
        Numbers. They are equal if their shapes are, and the numbers to about what float32 can hold.
    name : str
        What the student would call the answer: ``"dW"``, ``"softmax(logits)"``.
    mistakes : dict, optional
        What may have gone wrong -> the wrong answer it leads to.
    hint : str
        Added when it is none of them.

    Examples
    --------
    >>> explain(3.0, 3, "area")
    >>> try:
    ...     explain([2.0, 1.0], [1, 2], "sizes", {"width and height are exchanged.": [2, 1]})
    ... except BaseException as failure:
    ...     print(failure)
    sizes: width and height are exchanged.
    """
    import pytest

    if got is None:
        pytest.fail(f"{name} is None. Is there a `return`, and is it reached?")
    try:
        got = np.asarray(got, dtype=float)
    except (TypeError, ValueError):
        pytest.fail(f"{name} should be made of numbers, but it is {brief(got)}.")
    right = np.asarray(right, dtype=float)
    if _equal(got, right):
        return
    for message, wrong in (mistakes or {}).items():
        if _equal(got, np.asarray(wrong, dtype=float)):
            pytest.fail(f"{name}: {message}")
    hint = f" {hint}" if hint else ""
    if got.shape != right.shape:
        pytest.fail(f"{name} should have the shape {right.shape}, but it has the shape {got.shape}.{hint}")
    if not np.isfinite(got[np.isfinite(right)]).all():
        pytest.fail(
            f"{name} contains nan or inf. Look for a division by 0, a logarithm of 0, too large an exponential, "
            f"or an array from np.empty that was not filled everywhere.{hint}"
        )
    place = tuple(int(i) for i in np.argwhere(~np.isclose(got, right, rtol=RTOL, atol=ATOL))[0])
    entry = f"[{', '.join(map(str, place))}]" if place else ""
    if entry and not name.isidentifier():
        entry = f": entry {entry}"
    pytest.fail(f"{name}{entry} is {got[place]:.6g}, but it should be {right[place]:.6g}.{hint}")


def _equal(a, b):
    return a.shape == b.shape and np.allclose(a, b, rtol=RTOL, atol=ATOL, equal_nan=True)


@contextmanager
def hints(said):
    """Explain an exception of the student's code.

    Parameters
    ----------
    said : dict
        Words of the exception's message -> what they mean here.
    """
    import pytest

    try:
        yield
    except AssertionError as error:
        for words, hint in said.items():
            if words in str(error):
                pytest.fail(f"{error}\n{hint}")
        raise


def unchanged(before, after, name):
    """Fail if a student's function changed an array it was given.

    Parameters
    ----------
    before, after : ndarray
        What was sent, and what ``submission.call(..., echo=True)`` brought back.
    name : str
        Of the argument.
    """
    assert np.array_equal(before, after), (
        f"Your function changed the array `{name}` that it was given; whoever called it now has wrong numbers. Look "
        f"for `-=`, `+=`, `/=` or an assignment like `{name}[...] = ...`, and work on a new array instead."
    )


def parts(result, names):
    """The parts of a result such as ``mean, std``; fails if it is not so many things.

    Examples
    --------
    >>> dW, db = parts(([1.0], [2.0]), ["dW", "db"])
    """
    import pytest

    if not isinstance(result, (tuple, list)) or len(result) != len(names):
        pytest.fail(
            f"The function should return {len(names)} things: `return {', '.join(names)}`. It returned {brief(result)}."
        )
    return result


def brief(value):
    """A value in a few words, however large it is.

    Examples
    --------
    >>> brief(list(range(1000)))
    '[0, 1, 2, 3, 4, 5, ...]'
    """
    return reprlib.repr(value)[:80]


def close(got, right, rtol=RTOL, atol=ATOL):
    """Fail unless shape and numbers are the right ones. For hidden tests: the message is for nobody.

    Unlike `np.testing.assert_allclose` this does not broadcast (a single number is never equal to an array), and
    infinite numbers are equal to nothing.

    Examples
    --------
    >>> close(np.float32([0.1, 0.2]), [0.1, 0.2])
    """
    assert got is not None
    got, right = np.asarray(got, dtype=float), np.asarray(right, dtype=float)
    assert got.shape == right.shape
    assert np.isfinite(got).all()
    np.testing.assert_allclose(got, right, rtol=rtol, atol=atol)
