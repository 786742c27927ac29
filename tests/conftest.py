"""What all tests share: the same random numbers in every run, and how hard the property tests try.

`HYPOTHESIS_PROFILE=thorough` tries more, and different examples every time.
"""

import os

import pytest
from hypothesis import HealthCheck, settings

import coursekit

slow_is_fine = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("course", max_examples=30, derandomize=True, **slow_is_fine)
settings.register_profile("thorough", max_examples=500, print_blob=True, **slow_is_fine)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "course"))


@pytest.fixture(autouse=True)
def same_random_numbers():
    """A test that compares samples passes or fails the same way every time, whatever ran before it."""
    coursekit.seed(0)
