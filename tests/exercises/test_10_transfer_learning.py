"""Exercise 10: the model solution gets all its points, the starter none, and the tests tell right from wrong."""

import pytest
from exercise import Exercise, ExerciseTests

pytest.importorskip("torch")

FORGERIES = {}
SURVIVORS = {}


class TestTransferLearning(ExerciseTests):
    exercise = Exercise("10-transfer-learning", only_to_look_at="see-|check-|digits-")
    forgeries = FORGERIES
    survivors = SURVIVORS
