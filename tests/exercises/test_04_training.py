"""Exercise 04: the model solution gets all its points, the starter none, and the tests tell right from wrong."""

from exercise import Exercise, ExerciseTests


class TestTraining(ExerciseTests):
    exercise = Exercise(
        "04-training",
        costly={"digits-data": ["fit"], "digits-run": ["fit"]},
    )
    no_example = ("fit",)
    survivors = {}  # noqa: RUF012
