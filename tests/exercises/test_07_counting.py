"""Exercise 07: the model solution gets all its points, the starter none, and the tests tell right from wrong."""

from exercise import Exercise, ExerciseTests

FORGERIES = {
    "nothing changes, nothing is there": """
def output_shape(layer, shape): return shape
def count_layer(layer, before, after): return 0, 0, 0, 0
def count_network(layers, shape): return shape, (0, 0, 0, 0)
def largest_batch(memory, parameters, numbers, optimiser): return 0
def receptive_field(layers): return 1, 1, 0
def pixels_seen(field, unit, n): return list(range(n))
def inverted_residual(channels, filters, stride, expansion): return []
def mobilenet_v2(classes): return []
def influence(layers, weights, image, unit, step): return np.zeros(image.shape[1:])
""",
    "everything is refused": """
def output_shape(layer, shape): raise ValueError("no")
def count_network(layers, shape): raise ValueError("no")
def receptive_field(layers): raise ValueError("no")
def inverted_residual(*given): return [{"kind": "add", "paths": [[], []]}]
def mobilenet_v2(classes): return {"kind": "conv"}
def influence(*given): return np.full((3, 4), np.nan)
""",
}


class TestCounting(ExerciseTests):
    exercise = Exercise("07-counting")
    forgeries = FORGERIES
