"""Exercise 04: the model solution gets all its points, the starter none, and the tests tell right from wrong."""

from exercise import Exercise, ExerciseTests

FIRST = "equivalent: the first loss is lower than infinity, so best is 1 after the first epoch either way"


class TestTraining(ExerciseTests):
    exercise = Exercise(
        "04-training",
        costly={"digits-data": ["fit"], "digits-run": ["fit"]},
    )
    no_example = ("fit",)
    survivors = {  # noqa: RUF012
        "early_stopping: best, lowest = (0, np.inf) → best, lowest = (1, np.inf)": FIRST,
    }
