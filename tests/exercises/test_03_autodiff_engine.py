"""Exercise 03: the model solution gets all its points, the starter none, and the tests tell right from wrong."""

from exercise import Exercise, ExerciseTests

RELU = "return Value(max(u.data, 0.0), ((u, float(u.data > 0)),))"
SLOPE = "slope = (1.0 if u.data >= 0 else small) / (1 + small)"
BATCH = "batch = rng.integers(len(X), size=16)"
STEP = "losses.append(step(parameters, run, 0.5))"
FREE = "equivalent: the description leaves it to the student, and the goal is reached"
UNUSED = "equivalent: nothing uses the result, so its count is never looked at"
MEAN = "return np.broadcast_to(back, x.shape)"


class TestAutodiffEngine(ExerciseTests):
    exercise = Exercise(
        "03-autodiff-engine",
        costly={"learning-data": ["fit"], "learning-run": ["fit"]},
        seconds=3,
    )
    no_example = ("fit",)
    survivors = {  # noqa: RUF012
        f"relu: {RELU} → {RELU.replace('float(u.data > 0)', 'u.data > 0')}": "equivalent: True is the number 1",
        f"softplus: {SLOPE} → {SLOPE.replace('>=', '>')}": "equivalent: at 0 both ways give 1",
        "topological_order: uses, stack = ({result: 0}, [result]) → uses, stack = ({result: 1}, [result])": UNUSED,
        f"mean_gradient: {MEAN}.copy() → {MEAN}": "equivalent: the same numbers",
        "fit: for _ in range(200): → for _ in range(201):": FREE,
        f"fit: {BATCH} → {BATCH.replace('16', '17')}": FREE,
        "fit.run: return loss.data → pass": "equivalent: the losses are looked at, not graded",
        f"fit: {STEP} → {STEP.replace('0.5', '1.0')}": FREE,
    }
