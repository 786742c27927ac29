"""Exercise 01: the model solution gets all its points, the starter none, and the tests tell right from wrong.

The digits themselves are not trained with a wrong solution of another task, which would take a second each: the half
point for the accuracy on test images needs everything before it.
"""

from exercise import Exercise, ExerciseTests

# Answers that are made to agree with themselves instead of being right.
FORGERIES = {
    "functions that confirm what train returned": """
seen = {}
def train(X, labels, n_classes, order, batch_size, learning_rate, weight_decay=0.0):
    steps = len(order) * (-(-len(order[0]) // batch_size))
    W = np.arange(n_classes * X.shape[1], dtype=float).reshape(n_classes, -1)
    b = np.arange(n_classes, dtype=float)
    seen.update(rate=learning_rate, W=W, b=b, n=0)
    return W, b, list(range(steps))
def loss(*a):
    seen["n"] += 1
    return seen["n"] - 1
def gradients(X, p, labels, W, weight_decay=0.0):
    if seen["n"] == 1:
        return -seen["W"] / seen["rate"], -seen["b"] / seen["rate"]
    return W * 0, seen["b"] * 0
def softmax(z): return z
def log_softmax(z): return z
""",
    "losses that are infinite": """
def train(X, labels, n_classes, order, batch_size, learning_rate, weight_decay=0.0):
    steps = len(order) * (-(-len(order[0]) // batch_size))
    return np.full((n_classes, X.shape[1]), np.inf), np.full(n_classes, np.inf), [np.inf] * steps
""",
    "a perceptron far from all data": """
class Perceptron:
    def __init__(self, n): self.w, self.b = np.ones(n), -1e9
    def predict(self, X): return -np.ones(len(X))
    def epoch(self, X, y): return 0
""",
    "a perceptron whose weights cannot be set": """
class Perceptron:
    def __init__(self, n): self.n = n
    w = property(lambda self: np.ones(self.n))
    b = property(lambda self: -1e9)
    def predict(self, X): return -np.ones(len(X))
    def epoch(self, X, y): return 0
""",
}

FUNCTIONS = [
    "flatten",
    "pixel_statistics",
    "standardise",
    "softmax",
    "log_softmax",
    "loss",
    "gradients",
    "train",
    "templates",
    "confusion_matrix",
]
ARRAYS = "digit_W, digit_b, digit_mean, digit_std = np.zeros((784, 10)), np.zeros(10), np.zeros(784), np.ones(784)"


def always(answer):
    """Everything in the notebook gives this answer."""
    lines = [f"def {name}(*given, **named): return {answer}" for name in FUNCTIONS]
    lines += ["class Perceptron:", "    def __init__(self, n): self.w, self.b = np.zeros(n), 0.0"]
    lines += [f"    def {method}(self, *given): return {answer}" for method in ("predict", "epoch")]
    return "\n".join([*lines, ARRAYS])


ANSWERS = ["None", "0.0", "1.0", "given[0]", "given[-1]", "np.zeros_like(given[0], dtype=float)", "given"]
ANSWERS += ["np.ones(len(given[0]))"]

ORDER = "order = np.array([rng.permutation(len(X)) for _ in range(5)])"
TRAIN = "W, b, losses = train(standardise(X, mean, std), labels, 10, order, 100, 0.05, 0.001)"
FREE = "equivalent: the description leaves it to the student, and the goal is reached"


class TestLinearClassifiers(ExerciseTests):
    exercise = Exercise(
        "01-linear-classifiers",
        costly={"digits-data": ["fit_digits"], "digits-run": ["fit_digits"]},
        only_to_look_at="see-|check-|digits-(accuracy|losses|limits|mistakes|confusion-show|templates-picture)",
    )
    no_example = ("fit_digits",)
    forgeries = FORGERIES | {answer: always(answer) for answer in ANSWERS}
    survivors = {  # noqa: RUF012
        "flatten: return images.reshape(len(images), -1) → return images.reshape(len(images), -2)": "equivalent: NumPy "
        "takes any negative size for the one to be worked out",
        f"fit_digits: {ORDER} → {ORDER.replace('5', '6')}": FREE,
        f"fit_digits: {TRAIN} → {TRAIN.replace('100', '101')}": FREE,
        f"fit_digits: {TRAIN} → {TRAIN.replace('0.05', '0.1')}": FREE,
        f"fit_digits: {TRAIN} → {TRAIN.replace('0.001', '0.002')}": FREE,
    }
