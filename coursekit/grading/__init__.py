"""Exercises: release them, check them, grade them.

Reading order: `wire` (what may pass), `worker` (the student's side), `submission` (the test's side), `process` and
`link` (between the two), `sandbox`, `template` and `warm` (where workers come from), `assignment`, `judge` (one
notebook), `pool` (many), `grade` (a class), `gradebook`, `report`; `check` for students, `release` for authors.

Nothing here imports the teaching code, and importing this package imports nothing heavier than NumPy.
"""

from coursekit.grading.check import check  # the function, in the place of the module of the same name
from coursekit.grading.submission import StudentError

__all__ = ["StudentError", "check"]
