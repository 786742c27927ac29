"""Exercise 03: the model solution gets all its points, the starter none, and the tests tell right from wrong."""

from exercise import Exercise, ExerciseTests


class TestAutodiffEngine(ExerciseTests):
    exercise = Exercise(
        "03-autodiff-engine",
        costly={"learning-data": ["fit"], "learning-run": ["fit"]},
        seconds=3,
    )
    no_example = ("fit",)
    forgeries = {}  # noqa: RUF012
    survivors = {}  # noqa: RUF012
