"""Exercises: release them, check them, grade them.

Reading order: `wire` (what may pass), `worker` (the student's side), `submission` (the test's side), `process` and
`link` (between the two), `mounts`, `sandbox`, `template` and `warm` (where workers come from), `assignment`, `judge`
(one notebook), `pool` (many), `grade` (a class); `check` for students, `explain` and `release` for authors.

What comes of it: `schema` and `gradebook` (what is kept), `answers` and `marks` (what people give), `times` and
`deadlines` (what lateness costs), `totals` (all of it together). Who reads it: the terminal (`report`), the instructor
(`summary`, `marking`, `similarity` and `pairs`), each student (`feedback`), other programs (`export`, `platforms`,
`roster`); all pages are made with `pages`, all CSV with `spreadsheet`; `commands` is what is typed.

Nothing here imports the teaching code, and importing this package imports nothing heavier than NumPy.
"""

from coursekit.grading.check import check  # the function, in the place of the module of the same name
from coursekit.grading.submission import StudentError
from coursekit.grading.wire import Tensor

__all__ = ["StudentError", "Tensor", "check"]
