"""What `check("…")` runs in exercise 10. You may read this file: it shows
what is asked, with small networks.

Every test compares your answer with the right one. When they differ, it
looks through what the usual mistakes lead to; if your answer is one of
those, it says which.

Networks are made, and trained, by the text `TOOLS`, which the tests have run
beside your notebook.
"""

import numpy as np
import pytest

from coursekit.grading import Tensor
from coursekit.grading.explain import brief, explain, hints, parts, unchanged

# What the tests do with PyTorch: small networks, and training them.
TOOLS = """
from types import SimpleNamespace

import torch
from torch import nn

seen = []


class Meter(nn.Module):
    def forward(self, x):
        seen.append((len(x), torch.is_grad_enabled()))
        return x


def small_trunk():
    linear, norm = nn.Linear(2, 2), nn.BatchNorm1d(2)
    linear.weight.data[:] = torch.tensor([[1.0, 1], [1, -1]])
    linear.bias.data[:] = torch.tensor([0.0, 2])
    norm.running_mean[:] = torch.tensor([1.0, -1])
    norm.running_var[:] = torch.tensor([4.0, 1])
    return nn.Sequential(linear, nn.Sequential(norm, nn.Dropout(0.5)))


def classifier():
    body = nn.Sequential(nn.Linear(3, 4), nn.ReLU())
    return nn.Sequential(body, nn.Sequential(nn.Linear(4, 2), nn.Softmax(1)))


def metered():
    return nn.Sequential(Meter(), nn.MaxPool2d(2), nn.Dropout(0.5))


def normed():
    layers = nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Linear(3, 2)
    return nn.Sequential(*layers)


def joined(*modules):
    return nn.Sequential(*modules)


def taught(model, x, y):
    # Twice: with zero_grad(set_to_none=False), as older code does it.
    how = {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.1}
    optimizer = torch.optim.SGD(model.parameters(), **how)
    for _ in range(2):
        model.train()
        loss = nn.functional.cross_entropy(model(x), y)
        optimizer.zero_grad(set_to_none=False)
        loss.backward()
        optimizer.step()


def with_gradients(model, x):
    model(x).sum().backward()
    return model


def gradients(model):
    return [n for n, p in model.named_parameters() if p.grad is not None]


def learning(model):
    return [n for n, p in model.named_parameters() if p.requires_grad]


def numbers(model):
    return {n: v.detach().clone() for n, v in model.state_dict().items()}


def training(model):
    return [n for n, module in model.named_modules() if module.training]


def half_closed():
    model = normed()
    model[0].bias.requires_grad_(False)
    return model


def grouped(parameter_groups, model, *arguments):
    names = {id(p): name for name, p in model.named_parameters()}
    groups = parameter_groups(model, *arguments)
    if not isinstance(groups, list | tuple):
        return None
    if not all(isinstance(g, dict) and "params" in g for g in groups):
        return None
    return [
        (names.get(id(p), "?"), group.get("lr"), group.get("weight_decay"))
        for group in groups
        for p in group["params"]
    ]


tools = SimpleNamespace(**globals())
"""


def made(tools, name, *arguments):
    """A network, or another thing that stays with the notebook."""
    return tools.call(name, *arguments, handle=True)


# --------------------------------------------------------------------- frozen


@pytest.mark.task("frozen")
@pytest.mark.points(0.25)
def test_frozen(submission):
    """Frozen: a trunk with normalisation and dropout, under training"""
    tools = submission.define("tools", TOOLS)
    x = np.array([[3.0, 1], [1, 1], [1, -3], [-1, 1]], np.float32)
    trunk = made(tools, "small_trunk")
    made(tools, "with_gradients", trunk.call("eval", handle=True), Tensor(x))
    before = tools.numbers(trunk)
    trunk.call("train", handle=True)
    with hints(
        {
            "AttributeError": "Is super().__init__() still the first line, "
            "and self.trunk set?",
        }
    ):
        frozen = submission.Frozen(trunk)
    open_ = tools.learning(trunk)
    if open_ and not tools.learning(frozen):
        pytest.fail(
            "the parameters of the Frozen are closed, but those of the trunk "
            "that was given are not: keep it, do not copy it."
        )
    if open_:
        pytest.fail(
            f"{', '.join(open_)} of the trunk still ask for a gradient. "
            "trunk.parameters() gives all of them, also those of layers "
            "inside of layers; call requires_grad_(False) of each."
        )
    kept = tools.gradients(trunk)
    if kept:
        pytest.fail(
            f"{', '.join(kept)} keep a gradient from before. An optimiser "
            "with momentum goes on moving them; set their .grad to None."
        )
    model = made(tools, "joined", frozen, made(tools, "normed"))
    returned = frozen.call("train", handle=True)
    if not isinstance(returned, type(frozen)) or returned != frozen:
        pytest.fail(
            "train should return the Frozen itself, as nn.Module.train "
            f"does, so that one can write model.train().cuda(). It returned "
            f"{'None' if returned is None else 'something else'}."
        )
    model.call("train", handle=True)
    inside = [n for n in tools.training(trunk) if n]
    if inside:
        pytest.fail(
            "after model.train() the layers "
            f"{', '.join(inside)} inside the trunk are in training mode. "
            "`train` of a network calls `train` of everything in it, yours "
            "too: whatever `mode` says, the Frozen and the trunk, with all "
            "that is inside, have to go into evaluation mode. What does "
            "nn.Module.train do with its argument, and how do you call it "
            "from here?"
        )
    y = Tensor(np.array([0, 1, 1, 0]))
    tools.taught(model, Tensor(x), y)
    after = tools.numbers(trunk)
    if gone := [n for n in before if n not in after]:
        pytest.fail(
            f"{', '.join(gone)} of the trunk are gone. Without running "
            "statistics a normalisation takes those of each batch."
        )
    moved = [n for n in before if not np.array_equal(before[n], after[n])]
    if moved:
        pytest.fail(
            f"after two steps of training {', '.join(moved)} of the trunk "
            "have changed. Only evaluation mode keeps running statistics as "
            "they are."
        )
    explain(
        frozen(Tensor(x)),
        [[1.5, 5], [0.5, 3], [-1.5, 7], [-0.5, 1]],
        "the output of the Frozen",
        {
            "it is normalised by the batch, not by the statistics that the "
            "trunk has. Evaluation mode is what is needed; "
            "track_running_stats or momentum do something else.": (
                lambda z: (z - z.mean(0)) / z.std(0)
            )(np.array([[4.0, 4], [2, 2], [-2, 6], [0, 0]])),
        },
        "It should be that of the trunk in evaluation mode.",
    )


# ----------------------------------------------------------------------- head


@pytest.mark.task("head")
@pytest.mark.points(0.25)
def test_head(submission):
    """put_head and counts: a head inside of a layer"""
    tools = submission.define("tools", TOOLS)
    model = made(tools, "classifier")
    before = tools.numbers(model)
    model.call("requires_grad_", False, handle=True)
    with hints(
        {
            "cannot assign": "A layer is put in place of another one with "
            "setattr(parent, own_name, layer).",
            "has no attribute '1.0'": "'1.0' is the layer '0' of the layer "
            "'1'. model.get_submodule('1') gives the one that holds it.",
            'can\'t contain "."': "'1.0' is the layer '0' of the layer "
            "'1'. model.get_submodule('1') gives the one that holds it.",
        }
    ):
        name = submission.put_head(model, 5)
    after = tools.numbers(model)
    if set(after) != set(before):
        gained = ", ".join(sorted(set(after) - set(before))) or "nothing"
        lost = ", ".join(sorted(set(before) - set(after))) or "nothing"
        pytest.fail(
            f"the network has gained {gained} and lost {lost}. The new layer "
            "should stand where the old one was. '1.0' is the layer '0' of "
            "the layer '1': model.get_submodule('1') gives the one that "
            "holds it."
        )
    explain(
        after["1.0.weight"].shape,
        (5, 4),
        "the shape of the new head's weight",
        {
            "the head still is the old one. Put a new nn.Linear in its "
            "place, in the network that was given.": (2, 4),
        },
        "nn.Linear(in_features, out_features) has a weight of shape "
        "(out_features, in_features); the inputs are those of the old head.",
    )
    if model.call("get_submodule", "1.0", handle=True).out_features != 5:
        pytest.fail(
            "the layer '0' of the layer '1' still is the old one. A setattr "
            "with the name '1.0' adds a layer with a dot in its name behind "
            "all others: model.get_submodule('1') gives the one that holds "
            "the old head, and its name there is '0'."
        )
    explain(after["1.0.bias"].shape, (5,), "the shape of the new head's bias")
    for key in ("0.0.weight", "0.0.bias"):
        if not np.array_equal(before[key], after[key]):
            pytest.fail(f"{key} has changed: only the head may.")
    if name != "1.0":
        pytest.fail(f"put_head returned {brief(name)}, not the name '1.0'.")
    if tools.learning(model) != ["1.0.weight", "1.0.bias"]:
        said = ", ".join(tools.learning(model)) or "nothing"
        pytest.fail(
            f"of this network everything was closed; now {said} should "
            "learn, but it is the new head and nothing else that should."
        )
    learning, all_ = parts(submission.counts(model), ["learning", "all"])
    explain(
        [learning, all_],
        [25, 41],
        "counts(model)",
        {
            "the two are exchanged: first those that learn.": [41, 25],
            "these are numbers of arrays. p.numel() is how many numbers one "
            "holds.": [2, 4],
            "parameters that ask for no gradient were counted as learning.": [
                41,
                41,
            ],
        },
        "4 * 5 + 5 in the head, 3 * 4 + 4 below it.",
    )


# ------------------------------------------------------------------- features


@pytest.mark.task("features")
@pytest.mark.points(0.25)
def test_features(submission):
    """features: five images in batches of two"""
    tools = submission.define("tools", TOOLS)
    trunk = made(tools, "metered")
    trunk.call("train", handle=True)
    x = np.arange(80, dtype=np.float32).reshape(5, 1, 4, 4)
    with hints(
        {
            "requires grad": "Run the trunk inside of `with "
            "torch.no_grad():`; then there is no graph.",
            "expected np.ndarray": "torch.tensor(array) makes a tensor of an "
            "array, tensor.numpy() an array of a tensor.",
            "must be Tensor, not numpy": "torch.tensor(array) makes a tensor "
            "of an array.",
            "dimensions": "The last batch may be smaller than the others; "
            "np.concatenate puts arrays of any length below each other.",
            "inhomogeneous": "The last batch is smaller than the others: "
            "np.concatenate puts them below each other.",
        }
    ):
        result, after, _ = submission.call("features", trunk, x, 2, echo=True)
    right = 16 * np.arange(5)[:, None] + np.array([5.0, 7, 13, 15])[None]
    explain(
        result,
        right,
        "features(trunk, images, 2)",
        {
            "the last, smaller batch is missing.": right[:4],
            "only the first batch is there.": right[:2],
            "only the last batch is there: collect the rows of all.": right[
                4:
            ],
            "one row for each image is asked for: .flatten(1) keeps the "
            "first axis.": right.reshape(5, 1, 2, 2),
            "the images became one long row: .flatten(1), not "
            ".flatten().": right.ravel(),
        },
        "Zeros and doubled numbers come from dropout: is the trunk in "
        "evaluation mode while it runs? The rows are in the order of the "
        "images."
        if np.shape(result) == right.shape
        else "Five images make five rows, of four numbers each.",
    )
    unchanged(x, after[1], "images")
    seen = tools.seen
    if max(n for n, _ in seen) > 2:
        pytest.fail(
            f"the trunk got {max(n for n, _ in seen)} images at once; at "
            "most batch_size = 2 of them should be in memory together."
        )
    if any(recorded for _, recorded in seen):
        pytest.fail(
            "the trunk ran with a graph being recorded, which keeps all maps "
            "in memory: `with torch.no_grad():` around it."
        )
    modes = tools.training(trunk)
    if len(modes) < 4:
        pytest.fail(
            "the trunk was in training mode before, and now "
            f"{4 - len(modes)} of its layers are not. Note the modes before "
            "trunk.eval(), and bring them back at the end."
        )


# ---------------------------------------------------------------------- probe

PHI = np.array([[1.0, 5, 0], [5, 5, 0], [1, 5, 8], [5, 5, 8]])
WHICH = np.array([0, 1, 2, 1])


def over(number, rows):
    """Fractions with one denominator."""
    return np.array(rows) / number


@pytest.mark.task("probe")
@pytest.mark.points(0.25)
def test_probe(submission):
    """fit_probe: four examples, a feature that never changes"""
    with hints(
        {
            "Singular": "Is the penalty on the diagonal, strength * N * "
            "np.eye(D)?",
            "out of bounds": "np.eye(n_classes)[labels] has a row for each "
            "example.",
        }
    ):
        result, after, _ = submission.call(
            "fit_probe", PHI, WHICH, 3, 0.5, echo=True
        )
    weight, bias = parts(result, ["weight", "bias"])
    right = over(24, [[-2, 4, -2], [0, 0, 0], [-1, 0, 1]])
    explain(
        weight,
        right,
        "weight",
        {
            "the penalty is λN, that is strength times the number of "
            "examples.": over(18, [[-2, 4, -2], [0, 0, 0], [-1, 0, 1]]),
            "the features were not divided by their deviation.": over(
                198, [[-22, 44, -22], [0, 0, 0], [-12, 0, 12]]
            ),
            "σ is the deviation of N (np.std), not of N - 1.": over(
                80, [[-6, 12, -6], [0, 0, 0], [-3, 0, 3]]
            ),
            "these are weights for standardised features, V. For features "
            "as they are, feature d's row has to be divided by its "
            "deviation.": over(6, [[-1, 2, -1], [0, 0, 0], [-1, 0, 1]]),
            "it is twice as large: the targets are 1 and 0.": 2 * right,
            "it is the transpose: one row for each feature, one column for "
            "each class.": right.T,
        },
        "Feature 1 is 5 in all examples: its deviation is 0, divide by 1. "
        "The others have the means 3 and 4 and the deviations 2 and 4, so Z "
        "is made of -1, 0 and 1, and the diagonal of the matrix is 6, 2, 6.",
    )
    explain(
        bias,
        over(3, [2, 0, 1]),
        "bias",
        {
            "it is the share of each class, and lacks - mean @ weight: the "
            "means of the features have to be worked in.": [0.25, 0.5, 0.25],
            "the share of each class is missing.": over(12, [5, -6, 1]),
            "the sign of mean @ weight is wrong.": over(6, [-1, 6, 1]),
        },
        "At the mean of the features the scores must be the shares of the "
        "classes, 1/4, 1/2, 1/4.",
    )
    unchanged(PHI, after[0], "features")
    unchanged(WHICH, after[1], "labels")


# --------------------------------------------------------------------- choose


@pytest.mark.task("choose")
@pytest.mark.points(0.25)
def test_choose(submission):
    """left_out_scores of four examples, and choose among three layers"""
    result, after, _ = submission.call(
        "left_out_scores", PHI, WHICH, 3, 0.5, echo=True
    )
    explain(
        result,
        over(5, [[0, 2, 3], [3, 3, -1], [3, 2, 0], [-1, 3, 3]]),
        "left_out_scores",
        {
            "the part 1/N of H is missing: the mean of Y contains the "
            "example, too.": over(
                8, [[3, 2, 3], [3, 6, -1], [3, 2, 3], [-1, 6, 3]]
            ),
            "these are the scores of the probe that has seen all "
            "examples.": over(
                12, [[7, 2, 3], [3, 10, -1], [3, 2, 7], [-1, 10, 3]]
            ),
            "this is what is left over, Y_i - S_i; asked for is S_i.": over(
                5, [[5, -2, -3], [-3, 2, 1], [-3, -2, 5], [1, 2, -3]]
            ),
            "the sign: S_i = Y_i MINUS what is left over.": over(
                5, [[10, -2, -3], [-3, 7, 1], [-3, -2, 10], [1, 7, -3]]
            ),
            "the scaling, or λN, was worked out without the example. Only "
            "the mean of Y and the slopes are; μ, σ and λN stay those of all "
            "examples.": over(
                3, [[0, 1, 2], [2, 2, -1], [2, 1, 0], [-1, 2, 2]]
            ),
            "Ŷ is HY with the whole H, its part 1/N included.": over(
                5, [[-3, -4, 0], [0, -3, -4], [0, -4, -3], [-4, -3, 0]]
            ),
        },
        "Only the diagonal of H is divided by, one number for each example: "
        "here 7/12 for all four.",
    )
    unchanged(PHI, after[0], "features")
    good = np.array([[0.0], [1], [2], [9], [10], [11]])
    candidates = {
        "poor": good[[3, 0, 4, 1, 5, 2]],
        "good": good,
        "also good": np.hstack([good, good]),
    }
    labels = np.array([0, 0, 0, 1, 1, 1])
    name, strength = parts(
        submission.choose(candidates, labels, 2, [1.0, 0.1]),
        ["name", "strength"],
    )
    if name != "good":
        pytest.fail(
            f"choose: {brief(name)} instead of 'good', which is right for "
            "all examples left out. "
            + (
                "'also good' is as good, but comes later: replace the best "
                "only by a better one."
                if name == "also good"
                else "Is the largest number of right ones kept, over all "
                "layers?"
            )
        )
    explain(
        strength,
        1.0,
        "choose: the strength",
        {
            "both are equally good; the first in the given order is asked "
            "for.": 0.1,
        },
    )


# ----------------------------------------------------------------------- gain


@pytest.mark.task("gain")
@pytest.mark.points(0.25)
def test_gain(submission):
    """gain: four draws"""
    new = np.array([0.61, 0.75, 0.68, 0.80])
    old = np.array([0.58, 0.70, 0.67, 0.73])
    result, after, _ = submission.call("gain", new, old, echo=True)
    mean, low, high = parts(result, ["mean", "low", "high"])
    explain(mean, 0.04, "mean", {"the sign is wrong: new minus old.": -0.04})
    reach, apart = 0.04107944, 0.16737038
    wrong = {
        "the two ways were taken as independent. Both had the same draws: "
        "use the deviation of the differences.": apart,
        "the root of the number of draws is missing. The mean of R draws is "
        "surer than one of them.": 2 * reach,
        "divide by R - 1 inside of s: np.std(..., ddof=1).": 0.03557584,
        "with four draws t is 3.182: T_95 begins with two draws.": 0.03583801,
        "1.96 is for endlessly many draws; with four, t is 3.182.": 0.0253035,
    }
    explain(
        [low, high],
        [0.04 - reach, 0.04 + reach],
        "low and high",
        {
            message: [0.04 - each, 0.04 + each]
            for message, each in wrong.items()
        }
        | {
            "the ends are exchanged.": [0.04 + reach, 0.04 - reach],
            "these are the ends' distances from the mean.": [reach, reach],
        },
        "The differences are 0.03, 0.05, 0.01, 0.07.",
    )
    unchanged(new, after[0], "new")


# --------------------------------------------------------------------- groups


@pytest.mark.task("groups")
@pytest.mark.points(0.25)
def test_groups(submission):
    """parameter_groups: a linear layer, a normalisation, a head"""
    tools = submission.define("tools", TOOLS)
    model = made(tools, "half_closed")
    arguments = ["2", 0.5, 0.25, 0.125]
    submission.call("parameter_groups", model, *arguments, handle=True)
    found = tools.grouped(submission.parameter_groups, model, *arguments)
    if found is None:
        pytest.fail(
            "Return a list of dictionaries, "
            '{"params": [...], "lr": ..., "weight_decay": ...}.'
        )
    names = [name for name, _, _ in found]
    right = {
        "0.weight": (0.25, 0.125),
        "1.weight": (0.25, 0),
        "1.bias": (0.25, 0),
        "2.weight": (0.5, 0.125),
        "2.bias": (0.5, 0),
    }
    for name in names:
        if name == "?":
            pytest.fail("there is something that is no parameter of model.")
        if names.count(name) > 1:
            pytest.fail(
                f"{name} is there {names.count(name)} times; each parameter "
                "belongs into exactly one group."
            )
        if name == "0.bias":
            pytest.fail(
                "0.bias asks for no gradient (requires_grad is False), so it "
                "belongs into no group."
            )
    missing = [name for name in right if name not in names]
    if missing:
        pytest.fail(
            f"{', '.join(missing)} ask for a gradient, but are in no group: "
            "no optimiser would ever move them."
        )
    for name, lr, decay in found:
        for word, value in (("lr", lr), ("weight_decay", decay)):
            if value is None:
                pytest.fail(f'the group of {name} has no "{word}".')
        explain(
            lr,
            right[name][0],
            f"the learning rate of {name}",
            {
                "lr is that of the head, body_lr that of all others.": 0.75
                - right[name][0],
            },
            "lr was 0.5, body_lr 0.25 and the head '2'.",
        )
        explain(
            decay,
            right[name][1],
            f"the weight decay of {name}",
            {
                "it has one axis, so 0 is asked for. The scale of a "
                "normalisation is also called weight; look at the number of "
                "axes, parameter.ndim.": 0.125,
                "it has two axes, so it does have weight decay.": 0,
            },
        )
