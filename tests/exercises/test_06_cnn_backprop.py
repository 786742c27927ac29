"""Exercise 06: the model solution gets all its points, the starter none, and the tests tell right from wrong.

The network is not trained with a wrong solution of another task, nor with a mutant, which would take seconds each.
"""

from exercise import Exercise, ExerciseTests

FORGERIES = {
    "shapes without numbers": """
def line_gradients(grad, x, w, stride=1): return np.zeros(len(x)), np.zeros(len(w))
def filter_gradients(grad, x, size, stride=1, padding=0):
    return np.zeros((grad.shape[1], x.shape[1], *size)), np.zeros(grad.shape[1])
def input_gradient(grad, weight, input_shape, stride=1, padding=0): return np.zeros(input_shape)
def max_pool_gradient(grad, x, size, stride=None): return np.zeros(x.shape)
def avg_pool_gradient(grad, input_shape, size, stride=None): return np.zeros(input_shape)
def network_gradients(parameters, x, labels):
    return 2.3, {name: np.zeros(value.shape) for name, value in parameters.items()}
net = {"F1": np.zeros((8, 1, 3, 3)), "b1": np.zeros(8), "F2": np.zeros((16, 8, 3, 3)), "b2": np.zeros(16),
       "W": np.zeros((10, 64)), "c": np.zeros(10)}
""",
    "a forward pass that agrees with everything": """
def forward(parameters, x): return {"logits": np.zeros((len(x), 4))}
def network_gradients(parameters, x, labels):
    return 0.0, {name: np.zeros(value.shape) for name, value in parameters.items()}
net = {"W": np.full((10, 64), np.inf)}
""",
}


KINK = "no number before a ReLU is exactly 0 here, and at its kink either slope is a valid choice"
LARGER = "equivalent: a larger border is cut off with the rest"
SURVIVORS = {
    "filter_gradients: dF = np.zeros((grad.shape[1], x.shape[1], *size))"
    " → dF = np.ones((grad.shape[1], x.shape[1], *size))": "equivalent: every entry is overwritten",
    "input_gradient: dX = np.zeros((N, C, H + 2 * padding, W + 2 * padding))"
    " → dX = np.zeros((N, C, H + 3 * padding, W + 2 * padding))": LARGER,
    "input_gradient: dX = np.zeros((N, C, H + 2 * padding, W + 2 * padding))"
    " → dX = np.zeros((N, C, H + 2 * padding, W + 3 * padding))": LARGER,
    "network_gradients: flat = maps['p2'].reshape(len(x), -1) → flat = maps['p2'].reshape(len(x), -2)": (
        "equivalent: to NumPy any negative size is the unknown one"
    ),
    "network_gradients: grad = grad * (maps['z2'] > 0) → grad = grad * (maps['z2'] >= 0)": KINK,
    "network_gradients: grad = grad * (maps['z1'] > 0) → grad = grad * (maps['z1'] >= 0)": KINK,
}


class TestCnnBackprop(ExerciseTests):
    exercise = Exercise("06-cnn-backprop", costly={"network-data": [], "network-run": []})
    no_example = ("network_gradients",)
    forgeries = FORGERIES
    survivors = SURVIVORS
