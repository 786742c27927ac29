"""Exercise 07: the model solution gets all its points, the starter none, and the tests tell right from wrong."""

import pytest
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


WHOLE = "equivalent: the same whole number, of NumPy's type"
WORDS = "equivalent: only the words of the message change"
REACH = "output_shape: raise ValueError(f'{reach} pixels do not fit on {n + 2 * p}') → "
BLOCK = "[conv(wide, 1), norm(), relu()]"
SURVIVORS = {
    "output_shape: return (int(np.prod(shape)),) → return (np.prod(shape),)": WHOLE,
    f"{REACH}raise ValueError(f'{{reach}} pixels do not fit on {{n - 2 * p}}')": WORDS,
    f"{REACH}raise ValueError(f'{{reach}} pixels do not fit on {{n + 3 * p}}')": WORDS,
    "count_layer: units = int(np.prod(after)) → units = np.prod(after)": WHOLE,
    "count_network: shape = ends[0] → shape = ends[1]": "equivalent: several paths, and what is kept of them agrees",
    "count_network: return (shape, tuple((int(count) for count in counts)))"
    " → return (shape, tuple((count for count in counts)))": WHOLE,
    f"inverted_residual: layers += {BLOCK} → layers = {BLOCK}": "equivalent: there is nothing in it yet",
}


class TestCounting(ExerciseTests):
    exercise = Exercise("07-counting")
    forgeries = FORGERIES
    survivors = SURVIVORS

    @pytest.fixture
    def after(self):
        """What is there when the notebook has run down to the pictures."""
        cells = self.exercise.code()
        shown = ("see-network-dense", "see-field-run", "see-unseen-picture")
        namespace = self.exercise.run({name: cells[name] for name in shown}, namespace=dict(self.exercise.model))
        assert "failed" not in namespace, namespace["failed"]
        return namespace

    def counts(self, after, network):
        return after["count_network"](after["networks"][network], (3, 224, 224))[1]

    def test_published_figures(self, after):
        """The figures that the notebook quotes: torchvision's and Keras's parameters, the paper's multiply-adds."""
        _, parameters, statistics, _ = self.counts(after, "DenseNet-121")
        assert (parameters, parameters + statistics) == (7_978_856, 8_062_504)
        _, parameters, statistics, work = self.counts(after, "MobileNetV2")
        assert (parameters, parameters + statistics) == (3_504_872, 3_538_984)
        assert round(work / 1e6, -2) == 300
        assert self.counts(after, "VGG-16")[1] == 138_357_544
        fields = {name: after["receptive_field"](layers) for name, layers in after["trunks"].items()}
        assert fields["VGG-16"][:2] == (212, 32)
        seen = after["pixels_seen"](fields["VGG-16"], 3, 224)
        assert (seen[0], seen[-1]) == (6, 217)

    def test_figures_of_the_answer(self, after):
        """The numbers in the written answer about VGG-16 and MobileNetV2."""
        vgg, mobile = (self.counts(after, name) for name in ("VGG-16", "MobileNetV2"))
        assert round(vgg[3] / mobile[3]) == 51
        assert round(vgg[0] / 1e6, 1) == 15.1
        assert round(mobile[0] / 1e6, 1) == 6.7
        assert round(vgg[0] / mobile[0], 1) == 2.3
        begin = after["count_network"](after["networks"]["VGG-16"][:4], (3, 224, 224))[1]
        assert round(begin[3] / 1e9, 2) == 1.94
        assert 6 < begin[3] / mobile[3] < 7
        assert round(512 * 7 * 7 * 4096 / 1e6) == 103
