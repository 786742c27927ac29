"""Exercise 02: the model solution gets all its points, the starter none, and the tests tell right from wrong."""

from exercise import Exercise, ExerciseTests

FREE = "equivalent: the description leaves it to the student, and the goal is reached"
WRITTEN = "equivalent: every entry is written over"
SIZE = "equivalent: NumPy takes any negative size for the one to be worked out"
LAYERS = (
    "first, last = (Linear(rng.normal(size=(m, d)) * np.sqrt(2 / d), np.zeros(m)) for d, m in ((784, 64), (64, 10)))"
)
BATCHES = "for start in range(0, len(X), 100):"
STEP = "losses.append(step(network, loss, X[batch], labels[batch], 0.4))"


class TestBackpropagation(ExerciseTests):
    exercise = Exercise(
        "02-backpropagation",
        costly={"digits-data": ["fit_digits"], "digits-run": ["fit_digits"]},
    )
    no_example = ("fit_digits",)
    survivors = {  # noqa: RUF012
        "numerical_gradient: slopes = np.zeros_like(theta) → slopes = np.ones_like(theta)": WRITTEN,
        "fit_digits: X = images.reshape(len(images), -1) → X = images.reshape(len(images), -2)": SIZE,
        f"fit_digits: {LAYERS} → {LAYERS.replace('np.sqrt(2 / d)', '(2 / d)')}": FREE,
        f"fit_digits: {LAYERS} → {LAYERS.replace('(2 / d)', '(3 / d)')}": FREE,
        f"fit_digits: {LAYERS} → {LAYERS.replace('zeros', 'ones')}": FREE,
        "fit_digits: for _ in range(8): → for _ in range(9):": FREE,
        f"fit_digits: {BATCHES} → {BATCHES.replace('0,', '1,')}": FREE,
        f"fit_digits: {BATCHES} → {BATCHES.replace('100', '101')}": FREE,
        "fit_digits: batch = order[start:start + 100] → batch = order[start:start + 101]": FREE,
        f"fit_digits: {STEP} → {STEP.replace('0.4', '0.8')}": FREE,
    }
