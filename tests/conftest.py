"""How hard the property tests try: `HYPOTHESIS_PROFILE=thorough` tries more, and different examples every time."""

import os

from hypothesis import HealthCheck, settings

slow_is_fine = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("course", max_examples=30, derandomize=True, **slow_is_fine)
settings.register_profile("thorough", max_examples=500, print_blob=True, **slow_is_fine)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "course"))
