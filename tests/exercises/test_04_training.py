"""Exercise 04: the model solution gets all its points, the starter none, and the tests tell right from wrong."""

from exercise import Exercise, ExerciseTests

FREE = "equivalent: the description leaves it to the student, and the goal is reached"
SLOPPY = "accepted: a worse training, which reaches the goal all the same; how it is reached is not graded"
SIZES = "epochs, size, dropped = (12, 50, 0.2)"
COUNT = "batches = -(-len(X) // size)"
BATCH = "batch = order[start:start + size]"
RATE = "rate = rate_at(s, epochs * batches, batches, 0.1)"
FIRST = "equivalent: the first loss is lower than infinity, so best is 1 after the first epoch either way"


class TestTraining(ExerciseTests):
    exercise = Exercise(
        "04-training",
        costly={"digits-data": ["fit"], "digits-run": ["fit"]},
    )
    no_example = ("fit",)
    survivors = {  # noqa: RUF012
        "early_stopping: best, lowest = (0, np.inf) → best, lowest = (1, np.inf)": FIRST,
        f"fit: {SIZES} → {SIZES.replace('12', '13')}": FREE,
        f"fit: {SIZES} → {SIZES.replace('50', '51')}": FREE,
        f"fit: {SIZES} → {SIZES.replace('0.2', '0.4')}": FREE,
        f"fit: {COUNT} → batches = -len(X) // size": SLOPPY,
        f"fit: {COUNT} → {COUNT.replace('//', '/')}": FREE,
        f"fit: {COUNT} → batches = -(len(X) // size)": SLOPPY,
        "fit: best, losses, s = (parameters, [], 0) → best, losses, s = (parameters, [], 1)": FREE,
        "fit: for start in range(0, len(X), size): → for start in range(1, len(X), size):": SLOPPY,
        f"fit: {BATCH} → batch = order[:start + size]": SLOPPY,
        f"fit: {BATCH} → batch = order[start:]": SLOPPY,
        f"fit: {RATE} → {RATE.replace('*', '/')}": SLOPPY,
        f"fit: {RATE} → {RATE.replace('0.1', '0.2')}": FREE,
        "fit: velocities = [v for _, v in moved] → pass": SLOPPY,
        "fit: s += 1 → s += 2": SLOPPY,
    }
