"""Hidden tests of exercise 10. Students see the first line of each docstring
and whether the test passed, nothing else.

The right answers are worked out here, with NumPy: what a small network says
in evaluation mode (`said`), and what training does to a head on it. What is
frozen must not move by a bit, and the head must move exactly as it does on
features that stay the same.
"""

from functools import cache

import numpy as np
import pytest

from coursekit.grading import StudentError, Tensor
from coursekit.grading.explain import close

TOOLS = """
from collections import OrderedDict
from types import SimpleNamespace

import torch
from torch import nn

seen = []


class Meter(nn.Module):
    def forward(self, x):
        seen.append((len(x), torch.is_grad_enabled(), self.training))
        return x


def network(plan, arrays, kind="float32"):
    seen.clear()
    model = _layers(plan).to(getattr(torch, kind))
    state = model.state_dict()
    assert state.keys() == arrays.keys()
    for name, array in arrays.items():
        state[name].copy_(torch.from_numpy(array))
    return model


def _layers(plan):
    layers = OrderedDict()
    for name, kind, *arguments in plan:
        if kind == "Sequential":
            layers[name] = _layers(*arguments)
        elif kind == "Meter":
            layers[name] = Meter()
        elif kind == "same":
            layers[name] = layers[arguments[0]]
        else:
            layers[name] = getattr(nn, kind)(*arguments)
    return nn.Sequential(layers)


def joined(*modules):
    return nn.Sequential(*modules)


def descent(model, **how):
    return torch.optim.SGD(model.parameters(), **how)


def taught(model, optimizer, x, y, steps):
    for _ in range(steps):
        model.train()
        loss = nn.functional.cross_entropy(model(x), y)
        optimizer.zero_grad(set_to_none=False)
        loss.backward()
        optimizer.step()


def numbers(model):
    return {n: v.detach().clone() for n, v in model.state_dict().items()}


def gradients(model):
    named = model.named_parameters()
    return {n: p.grad for n, p in named if p.grad is not None}


def learning(model):
    return {n for n, p in model.named_parameters() if p.requires_grad}


def training(model):
    return {n for n, module in model.named_modules() if module.training}


def set_modes(model, names):
    for name, module in model.named_modules():
        module.training = name in names


def closed(model, *names):
    for name in names:
        model.get_parameter(name).requires_grad_(False)


def grouped(parameter_groups, model, gradients, *arguments):
    groups = parameter_groups(model, *arguments)
    groups = [dict(group, params=list(group["params"])) for group in groups]
    names = {id(p): name for name, p in model.named_parameters()}
    found = [names.get(id(p), "?") for g in groups for p in g["params"]]
    for name, p in model.named_parameters():
        p.grad = torch.from_numpy(gradients[name])
    torch.optim.SGD(groups, lr=1e6).step()
    return found


tools = SimpleNamespace(**globals())
"""


def made(tools, name, *arguments, **options):
    """A network, or another thing that stays with the notebook."""
    return tools.call(name, *arguments, handle=True, **options)


def drawn(plan, rng, prefix=""):
    """Random numbers for all layers of a plan."""
    arrays, inside = {}, {}
    for name, kind, *sizes in plan:
        key = prefix + name
        if kind == "Sequential":
            arrays |= drawn(sizes[0], rng, f"{key}.")
        elif kind == "same":
            ours = {
                n: arrays[f"{prefix}{sizes[0]}.{n}"] for n in inside[sizes[0]]
            }
            arrays |= {f"{key}.{n}": a for n, a in ours.items()}
        elif kind in ("Linear", "Conv2d"):
            into, out, *rest = sizes
            shape = (
                (out, into)
                if kind == "Linear"
                else (out, into, rest[0], rest[0])
            )
            ours = {
                "weight": rng.normal(size=shape) / np.sqrt(np.prod(shape[1:]))
            }
            if False not in rest:
                ours["bias"] = rng.normal(size=out)
            arrays |= {f"{key}.{n}": a for n, a in ours.items()}
            inside[name] = list(ours)
        elif kind.startswith("BatchNorm"):
            (n,) = sizes
            ours = {
                "weight": rng.uniform(0.5, 2, n),
                "bias": rng.normal(size=n),
                "running_mean": rng.normal(size=n),
                "running_var": rng.uniform(0.5, 2, n),
                "num_batches_tracked": np.array(7),
            }
            arrays |= {f"{key}.{n}": a for n, a in ours.items()}
    return arrays


def said(plan, arrays, x, prefix=""):
    """What a network says in evaluation mode."""
    layers = {}
    for name, kind, *sizes in plan:
        layers[name] = kind, sizes
        if kind == "same":
            kind, sizes = layers[sizes[0]]
        a = {
            k.removeprefix(f"{prefix}{name}."): v
            for k, v in arrays.items()
            if k.startswith(f"{prefix}{name}.")
        }
        if kind == "Sequential":
            x = said(sizes[0], arrays, x, f"{prefix}{name}.")
        elif kind == "Linear":
            x = x @ a["weight"].T + a.get("bias", 0)
        elif kind == "Conv2d":
            k = a["weight"].shape[2]
            view = np.lib.stride_tricks.sliding_window_view(x, (k, k), (2, 3))
            x = np.einsum("ncijuv,mcuv->nmij", view, a["weight"])
            x = x + a["bias"][:, None, None]
        elif kind.startswith("BatchNorm"):
            scale = a["weight"] / np.sqrt(a["running_var"] + 1e-5)
            shift = a["bias"] - scale * a["running_mean"]
            axes = (-1,) + (1,) * (x.ndim - 2)
            x = x * scale.reshape(axes) + shift.reshape(axes)
        elif kind == "ReLU":
            x = np.maximum(x, 0)
        elif kind == "Flatten":
            x = x.reshape(len(x), -1)
        else:
            assert kind in ("Dropout", "Meter"), kind
    return x


def head_after(W, b, phi, y, steps, lr, momentum=0.0, decay=0.0, memory=None):
    """A linear layer after steps of gradient descent on fixed features."""
    W, b = W.copy(), b.copy()
    vW, vb = memory or (0 * W, 0 * b)
    for _ in range(steps):
        z = phi @ W.T + b
        p = np.exp(z - z.max(1, keepdims=True))
        delta = (p / p.sum(1, keepdims=True) - np.eye(len(b))[y]) / len(y)
        vW = momentum * vW + delta.T @ phi + decay * W
        vb = momentum * vb + delta.sum(0) + decay * b
        W, b = W - lr * vW, b - lr * vb
    return W, b


def the_same(before, after):
    assert before.keys() == after.keys()
    for name, value in before.items():
        assert np.array_equal(value, after[name]), name


SINGLE = {"rtol": 1e-4, "atol": 1e-5}  # PyTorch computes in float32

CONVOLUTIONS = [
    ["first", "Conv2d", 2, 3, 3],
    ["norm", "BatchNorm2d", 3],
    ["relu", "ReLU"],
    ["block", "Sequential", [
        ["drop", "Dropout", 0.4],
        ["inner", "Sequential", [
            ["conv", "Conv2d", 3, 2, 2],
            ["norm", "BatchNorm2d", 2],
        ]],
        ["relu", "ReLU"],
    ]],
    ["flatten", "Flatten"],
]  # 2 x 5 x 6 to 2 x 2 x 3 = 12 numbers  # fmt: skip

LINEAR = [
    ["one", "Linear", 4, 4],
    ["norm", "BatchNorm1d", 4],
    ["relu", "ReLU"],
    ["again", "same", "one"],
    ["drop", "Dropout", 0.5],
    ["last", "Linear", 4, 3, False],
]


# --------------------------------------------------------------------- frozen


def frozen_case(submission, seed, plan, size, out, classes=3):
    rng = np.random.default_rng(seed)
    tools = submission.define("tools", TOOLS)
    arrays = drawn(plan, rng)
    head = {
        "0.weight": rng.normal(size=(classes, out)),
        "0.bias": rng.normal(size=classes),
    }
    trunk = made(tools, "network", plan, arrays)
    top = made(tools, "network", [["0", "Linear", out, classes]], head)
    x = rng.normal(size=size).astype(np.float32)
    y = rng.integers(0, classes, len(x))
    return tools, arrays, head, trunk, top, x, y


@pytest.mark.task("frozen")
@pytest.mark.points(0.5)
def test_stays(submission):
    """Frozen: training moves nothing of it, and the head learns on it"""
    case = frozen_case(submission, 1001, CONVOLUTIONS, (6, 2, 5, 6), 12)
    tools, arrays, head, trunk, top, x, y = case
    trunk.call("train", handle=True)
    before = tools.numbers(trunk)
    frozen = submission.Frozen(trunk)
    phi = said(CONVOLUTIONS, arrays, x)
    close(frozen(Tensor(x)), phi, **SINGLE)
    model = made(tools, "joined", frozen, top)
    optimizer = made(tools, "descent", model, lr=0.05)
    tools.taught(model, optimizer, Tensor(x), Tensor(y), 6)
    the_same(before, tools.numbers(trunk))
    assert tools.learning(model) == {"1.0.weight", "1.0.bias"}
    assert set(tools.gradients(model)) == {"1.0.weight", "1.0.bias"}
    W, b = head_after(head["0.weight"], head["0.bias"], phi, y, 6, 0.05)
    after = tools.numbers(top)
    close(after["0.weight"], W, **SINGLE)
    close(after["0.bias"], b, **SINGLE)
    close(frozen(Tensor(x)), phi, **SINGLE)


@pytest.mark.task("frozen")
@pytest.mark.points(0.5)
def test_one_by_one(submission):
    """Frozen: batches of one, and a layer that is used twice"""
    case = frozen_case(submission, 1002, LINEAR, (5, 4), 3, 4)
    tools, arrays, head, trunk, top, x, y = case
    before = tools.numbers(trunk)
    model = made(tools, "joined", submission.Frozen(trunk), top)
    optimizer = made(tools, "descent", model, lr=0.2)
    W, b = head["0.weight"], head["0.bias"]
    phi = said(LINEAR, arrays, x)
    for i in range(len(x)):
        one = slice(i, i + 1)
        tools.taught(model, optimizer, Tensor(x[one]), Tensor(y[one]), 1)
        W, b = head_after(W, b, phi[one], y[one], 1, 0.2)
    the_same(before, tools.numbers(trunk))
    close(tools.numbers(top)["0.weight"], W, **SINGLE)
    close(tools.numbers(top)["0.bias"], b, **SINGLE)


@pytest.mark.task("frozen")
@pytest.mark.points(0.5)
def test_remembered(submission):
    """Frozen: an optimiser that was made before does not move it"""
    for seed, plan, size, out in (
        (1003, CONVOLUTIONS, (4, 2, 5, 6), 12),
        (1004, LINEAR, (7, 4), 3),
    ):
        tools, _, _, trunk, top, x, y = frozen_case(
            submission, seed, plan, size, out
        )
        x, y_sent = Tensor(x), Tensor(y)
        model = made(tools, "joined", trunk, top)
        how = {"lr": 0.05, "momentum": 0.9, "weight_decay": 0.1}
        optimizer = made(tools, "descent", model, **how)
        start = tools.numbers(top)
        tools.taught(model, optimizer, x, y_sent, 1)
        middle, first = tools.numbers(top), tools.gradients(top)
        assert set(tools.gradients(trunk))
        before = tools.numbers(trunk)
        frozen = submission.Frozen(trunk)
        assert not tools.gradients(trunk)
        model = made(tools, "joined", frozen, top)
        tools.taught(model, optimizer, x, y_sent, 3)
        the_same(before, tools.numbers(trunk))
        phi = said(plan, before, x.array)
        memory = [
            first[f"0.{n}"] + 0.1 * start[f"0.{n}"]
            for n in ("weight", "bias")
        ]
        W, b = head_after(
            middle["0.weight"],
            middle["0.bias"],
            phi,
            y,
            3,
            0.05,
            0.9,
            0.1,
            memory,
        )
        close(tools.numbers(top)["0.weight"], W, **SINGLE)
        close(tools.numbers(top)["0.bias"], b, **SINGLE)


@pytest.mark.task("frozen")
@pytest.mark.points(0.25)
def test_around(submission):
    """Frozen: what is around it trains and evaluates as before"""
    rng = np.random.default_rng(1005)
    tools, arrays, _, trunk, _, x, y = frozen_case(
        submission, 1005, LINEAR, (6, 4), 3
    )
    around = [["norm", "BatchNorm1d", 3], ["top", "Linear", 3, 3]]
    numbers = drawn(around, rng)
    rest = made(tools, "network", around, numbers)
    frozen = submission.Frozen(trunk)
    model = made(tools, "joined", frozen, rest)
    for mode in (True, False):
        assert frozen.call("train", mode, handle=True) == frozen
    assert frozen.call("eval", handle=True) == frozen
    optimizer = made(tools, "descent", model, lr=0.0)
    tools.taught(model, optimizer, Tensor(x), Tensor(y), 1)
    phi = said(LINEAR, arrays, x)
    after = tools.numbers(rest)
    close(
        after["norm.running_mean"],
        0.9 * numbers["norm.running_mean"] + 0.1 * phi.mean(0),
        **SINGLE,
    )
    var = 0.9 * numbers["norm.running_var"] + 0.1 * phi.var(0, ddof=1)
    close(after["norm.running_var"], var, **SINGLE)
    model.call("eval", handle=True)
    assert not tools.training(model)
    close(model(Tensor(x)), said(around, after, phi), **SINGLE)


# ----------------------------------------------------------------------- head

FLAT = [["a", "Linear", 4, 5], ["r", "ReLU"], ["fc", "Linear", 5, 3]]
INNER = [["low", "Linear", 6, 2, False], ["drop", "Dropout", 0.5]]
NESTED = [
    ["a", "Linear", 4, 6],
    ["s", "Sequential", [["r", "ReLU"], ["t", "Sequential", INNER]]],
]
NOT_LAST = [
    ["s", "Sequential", [["0", "Linear", 4, 3], ["1", "BatchNorm1d", 3]]],
    ["1", "ReLU"],
    ["2", "Linear", 3, 3],
    ["3", "Flatten"],
]
# A network, its head's name, and the inputs of that.
HEADS = [(FLAT, "fc", 5), (NESTED, "s.t.low", 6), (NOT_LAST, "2", 3)]


@pytest.mark.task("head")
@pytest.mark.points(0.5)
def test_new_head(submission):
    """put_head for other networks, which use the new head"""
    rng = np.random.default_rng(1011)
    tools = submission.define("tools", TOOLS)
    for (plan, head, inputs), classes in zip(HEADS, (2, 7, 5), strict=True):
        arrays = drawn(plan, rng)
        model = made(tools, "network", plan, arrays)
        before = tools.numbers(model)
        assert submission.put_head(model, classes) == head
        after = tools.numbers(model)
        new = {f"{head}.weight", f"{head}.bias"}
        the_same(
            {k: v for k, v in before.items() if k not in new},
            {k: v for k, v in after.items() if k not in new},
        )
        assert after[f"{head}.weight"].shape == (classes, inputs)
        assert after[f"{head}.bias"].shape == (classes,)
        x = rng.normal(size=(3, 4)).astype(np.float32)
        model.call("eval", handle=True)
        close(model(Tensor(x)), said(plan, after, x), **SINGLE)


@pytest.mark.task("head")
@pytest.mark.points(0.25)
def test_only_the_head(submission):
    """put_head: what learns, in which dtype, and when it refuses"""
    rng = np.random.default_rng(1012)
    tools = submission.define("tools", TOOLS)
    kinds = ("float64", "float32", "float64")
    for (plan, head, inputs), kind in zip(HEADS, kinds, strict=True):
        model = made(tools, "network", plan, drawn(plan, rng), kind)
        model.call("requires_grad_", False, handle=True)
        submission.put_head(model, 4)
        assert tools.learning(model) == {f"{head}.weight", f"{head}.bias"}
        after = tools.numbers(model)
        assert after[f"{head}.weight"].shape == (4, inputs)
        assert after[f"{head}.weight"].dtype == kind
        assert after[f"{head}.bias"].dtype == kind
    plan = [["c", "Conv2d", 1, 2, 3], ["f", "Flatten"]]
    model = made(tools, "network", plan, drawn(plan, rng))
    with pytest.raises(StudentError) as caught:
        submission.put_head(model, 4)
    assert "ValueError" in caught.value.bases


@pytest.mark.task("head")
@pytest.mark.points(0.25)
def test_counts(submission):
    """counts with statistics, with shared and with closed parameters"""
    rng = np.random.default_rng(1013)
    tools = submission.define("tools", TOOLS)
    for plan, close_these, learning, all_ in (
        (CONVOLUTIONS, ["first.weight", "block.inner.norm.bias"], 37, 93),
        (LINEAR, ["one.weight"], 24, 40),
        (LINEAR, [], 40, 40),
        (NESTED, ["a.weight", "a.bias", "s.t.low.weight"], 0, 42),
    ):
        model = made(tools, "network", plan, drawn(plan, rng))
        tools.closed(model, *close_these)
        close(submission.counts(model), [learning, all_])


# ------------------------------------------------------------------- features


@pytest.mark.task("features")
@pytest.mark.points(0.5)
def test_rows(submission):
    """features for other networks, numbers of images and sizes of batches"""
    rng = np.random.default_rng(1021)
    tools = submission.define("tools", TOOLS)
    for plan, size, count, batch_size in (
        (CONVOLUTIONS, (2, 5, 6), 7, 3),
        (CONVOLUTIONS, (2, 5, 6), 1, 4),
        (CONVOLUTIONS[:-1], (2, 5, 6), 4, 100),
        (LINEAR, (4,), 6, 2),
        (LINEAR, (4,), 5, 1),
    ):
        plan = [["m", "Meter"], *plan]
        arrays = drawn(plan, rng)
        trunk = made(tools, "network", plan, arrays)
        trunk.call("train", handle=True)
        x = rng.normal(size=(count, *size)).astype(np.float32)
        result, after, _ = submission.call(
            "features", trunk, x, batch_size, echo=True
        )
        assert np.array_equal(x, after[1])
        assert result.dtype == np.float32
        close(result, said(plan, arrays, x).reshape(count, -1), **SINGLE)
        seen = [n for n, _, _ in tools.seen]
        assert sum(seen) == count
        assert max(seen) <= batch_size


@pytest.mark.task("features")
@pytest.mark.points(0.5)
def test_quietly(submission):
    """features: no graph, no gradient, and no number of the trunk changes"""
    rng = np.random.default_rng(1022)
    tools = submission.define("tools", TOOLS)
    for plan, size in (
        ([["m", "Meter"], *CONVOLUTIONS], (2, 5, 6)),
        ([["m", "Meter"], *LINEAR], (4,)),
    ):
        arrays = drawn(plan, rng)
        trunk = made(tools, "network", plan, arrays)
        tools.closed(trunk, next(iter(arrays)))
        before, open_ = tools.numbers(trunk), tools.learning(trunk)
        x = rng.normal(size=(5, *size)).astype(np.float32)
        got = submission.features(trunk, x, 2)
        close(got, said(plan, arrays, x), **SINGLE)
        the_same(before, tools.numbers(trunk))
        assert tools.learning(trunk) == open_
        assert not tools.gradients(trunk)
        assert not any(graph for _, graph, _ in tools.seen)
        assert not any(mode for _, _, mode in tools.seen)


@pytest.mark.task("features")
@pytest.mark.points(0.5)
def test_modes(submission):
    """features: every layer is in the mode in which it was"""
    rng = np.random.default_rng(1023)
    tools = submission.define("tools", TOOLS)
    arrays = drawn(CONVOLUTIONS, rng)
    trunk = made(tools, "network", CONVOLUTIONS, arrays)
    x = rng.normal(size=(5, 2, 5, 6)).astype(np.float32)
    every = tools.training(trunk)
    for modes in (
        every,
        set(),
        {"", "first", "relu", "block", "block.inner.conv", "flatten"},
        {"norm", "block.drop", "block.inner.norm"},
    ):
        tools.set_modes(trunk, list(modes))
        got = submission.features(trunk, x, 3)
        close(got, said(CONVOLUTIONS, arrays, x), **SINGLE)
        assert tools.training(trunk) == modes


# ---------------------------------------------------------------------- probe


def right_probe(features, labels, n_classes, strength):
    """By least squares on features with rows for the penalty added."""
    phi = np.asarray(features, float)
    N, D = phi.shape
    scale = phi.std(0)
    scale[scale == 0] = 1
    Z = (phi - phi.mean(0)) / scale
    Y = np.array(
        [[float(k == label) for k in range(n_classes)] for label in labels]
    )
    rows = np.vstack([Z, np.sqrt(strength * N) * np.eye(D)])
    aims = np.vstack([Y - Y.mean(0), np.zeros((D, n_classes))])
    V = np.linalg.lstsq(rows, aims, rcond=None)[0]
    W = V / scale[:, None]
    return W, Y.mean(0) - phi.mean(0) @ W


def examples(seed, N, D, K):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, K, N)
    centres = rng.normal(size=(K, D))
    spread = rng.uniform(0.2, 5, D)
    return rng.normal(size=D) + (
        centres[labels] + rng.normal(size=(N, D))
    ) * spread, labels


@pytest.mark.task("probe")
@pytest.mark.points(0.5)
def test_probe_numbers(submission):
    """fit_probe for other features, also more features than examples"""
    for seed, (N, D, K, strength) in enumerate(
        (
            (20, 4, 3, 0.1),
            (7, 12, 2, 1.0),
            (30, 1, 5, 10.0),
            (15, 6, 4, 0.003),
        ),
        1031,
    ):
        features, labels = examples(seed, N, D, K)
        result, after, _ = submission.call(
            "fit_probe", features, labels, K, strength, echo=True
        )
        assert np.array_equal(features, after[0])
        assert np.array_equal(labels, after[1])
        for ours, theirs in zip(
            right_probe(features, labels, K, strength), result, strict=True
        ):
            close(theirs, ours)


@pytest.mark.task("probe")
@pytest.mark.points(0.5)
def test_probe_gaps(submission):
    """fit_probe where a class has no example and features never change"""
    for seed, present in ((1041, [0, 2, 5]), (1042, [1, 3]), (1043, [4])):
        features, labels = examples(seed, 16, 5, len(present))
        features[:, [1, 4]] = [3.0, 0.0]
        labels = np.array(present)[labels]
        weight, bias = submission.fit_probe(features, labels, 6, 0.2)
        ours = right_probe(features, labels, 6, 0.2)
        close(weight, ours[0])
        close(bias, ours[1])


@pytest.mark.task("probe")
@pytest.mark.points(0.25)
def test_probe_scale(submission):
    """fit_probe: features far from zero, in single precision"""
    for seed in (1051, 1052):
        features, labels = examples(seed, 40, 3, 3)
        features = (features + np.array([9000, -3000, 50])).astype(np.float32)
        W, b = submission.fit_probe(features[:30], labels[:30], 3, 0.05)
        ours = right_probe(features[:30], labels[:30], 3, 0.05)
        new = features[30:].astype(float)
        right = new @ ours[0] + ours[1]
        got = [new[i : i + 1] @ W + b for i in range(len(new))]
        close(np.concatenate(got), right, rtol=1e-4, atol=1e-4)


# --------------------------------------------------------------------- choose


def one_by_one(features, labels, n_classes, strength):
    """Leave each example out; fit slopes and mean of the rest."""
    phi = np.asarray(features, float)
    N, D = phi.shape
    scale = phi.std(0)
    scale[scale == 0] = 1
    Z = (phi - phi.mean(0)) / scale
    Y = np.eye(n_classes)[labels]
    scores = np.zeros(Y.shape)
    for i in range(N):
        rest = np.arange(N) != i
        design = np.column_stack([Z[rest], np.ones(N - 1)])
        penalty = strength * N * np.diag([1.0] * D + [0.0])
        theta = np.linalg.solve(
            design.T @ design + penalty, design.T @ Y[rest]
        )
        scores[i] = Z[i] @ theta[:-1] + theta[-1]
    return scores


@cache
def left_out_cases():
    """Worked out once for a whole class: features, labels, K, λ, scores."""
    cases = []
    for seed, (N, D, K, strength) in enumerate(
        (
            (12, 3, 3, 0.1),
            (8, 11, 2, 0.5),
            (2, 2, 2, 1.0),
            (15, 2, 4, 0.01),
            (10, 4, 6, 5.0),
        ),
        1061,
    ):
        features, labels = examples(seed, N, D, K)
        if D > 3:
            features[:, 2] = -1.5
        if D == 2:
            features = (features + 5000).astype(np.float32)
        scores = one_by_one(features, labels, K, strength)
        cases.append((features, labels, K, strength, scores))
    return cases


@pytest.mark.task("choose")
@pytest.mark.points(0.75)
def test_left_out(submission):
    """left_out_scores, compared with really leaving each example out"""
    for features, labels, K, strength, scores in left_out_cases():
        result, after, _ = submission.call(
            "left_out_scores", features, labels, K, strength, echo=True
        )
        assert np.array_equal(features, after[0])
        close(result, scores)


@cache
def choices():
    """Worked out once for a whole class: candidates, labels, the best."""
    cases = []
    # Seeds for which layers and strengths tie in different ways, and no
    # example lies on the edge between two classes.
    for seed in (1071, 1076, 1103, 1107, 1201, 1203, 1258, 1270):
        rng = np.random.default_rng(seed)
        labels = rng.integers(0, 3, 18)
        candidates, hits = {}, {}
        for name in rng.permutation(["relu1", "pool", "b.2", "average"]):
            width, noise = int(rng.integers(2, 9)), rng.uniform(0.5, 3)
            centres = rng.normal(size=(3, width))
            features = centres[labels] + noise * rng.normal(size=(18, width))
            candidates[str(name)] = features
            for strength in STRENGTHS:
                scores = one_by_one(features, labels, 3, strength)
                right = scores.argmax(axis=1) == labels
                hits[str(name), strength] = right.sum()
        cases.append((candidates, labels, max(hits, key=hits.get)))
    return cases


STRENGTHS = [0.001, 3.0, 0.1, 0.02]


@pytest.mark.task("choose")
@pytest.mark.points(0.5)
def test_choice(submission):
    """choose: the best pair, the first of equally good ones"""
    for candidates, labels, (layer, strength) in choices():
        got = submission.choose(candidates, labels, 3, STRENGTHS)
        assert got[0] == layer
        close(got[1], strength)
    # Two examples of two classes: nobody is right, and the first is best.
    only = {"a": np.array([[1.0], [3]]), "b": np.array([[1.0], [4]])}
    name, strength = submission.choose(only, np.array([0, 1]), 2, [2.0, 1.0])
    assert name == "a"
    close(strength, 2)


# ----------------------------------------------------------------------- gain

T = {2: 12.706, 3: 4.303, 5: 2.776, 10: 2.262, 17: 2.120, 30: 2.045}


@pytest.mark.task("gain")
@pytest.mark.points(0.25)
def test_mean_gain(submission):
    """gain: the mean, also of a loss"""
    rng = np.random.default_rng(1081)
    for count in T:
        old = rng.uniform(0.4, 0.9, count)
        new = old + rng.normal(0, 0.05, count)
        result, after, _ = submission.call("gain", new, old, echo=True)
        assert np.array_equal(new, after[0])
        assert np.array_equal(old, after[1])
        close(result[0], sum(new - old) / count)


@pytest.mark.task("gain")
@pytest.mark.points(0.25)
def test_interval(submission):
    """gain: the interval, for other numbers of draws"""
    rng = np.random.default_rng(1082)
    for count, t in T.items():
        old = rng.uniform(0.3, 0.9, count)
        new = old + rng.normal(0.02, 0.03, count)
        d = new - old
        s = np.sqrt(sum((d - d.mean()) ** 2) / (count - 1))
        _, low, high = submission.gain(new, old)
        close(
            [low, high],
            [d.mean() + sign * t * s / count**0.5 for sign in (-1, 1)],
        )


@pytest.mark.task("gain")
@pytest.mark.points(0.25)
def test_no_gain(submission):
    """gain refuses a single draw, and ways with different numbers of draws"""
    close(
        submission.gain(np.array([0.5, 0.7]), np.array([0.4, 0.6])),
        [0.1, 0.1, 0.1],
    )
    for new, old in (
        ([0.5], [0.4]),
        ([0.5, 0.6, 0.7], [0.4, 0.5]),
        ([0.5, 0.6], [0.1]),
    ):
        with pytest.raises(StudentError) as caught:
            submission.gain(np.array(new), np.array(old))
        assert "ValueError" in caught.value.bases


# --------------------------------------------------------------------- groups


def check_groups(
    submission, seed, plan, head, closed=(), rates=(0.5, 0.02, 0.1)
):
    """Names in groups are counted; then a step is taken, and compared."""
    rng = np.random.default_rng(seed)
    tools = submission.define("tools", TOOLS)
    arrays = drawn(plan, rng)
    model = made(tools, "network", plan, arrays)
    tools.closed(model, *closed)
    twice = {k for k in arrays if k.startswith("again.")}
    parameters = {
        k: v.astype(np.float32)
        for k, v in arrays.items()
        if k not in twice and "running" not in k and "num_" not in k
    }
    gradients = {
        k: rng.normal(size=v.shape).astype(np.float32)
        for k, v in parameters.items()
    }
    found = tools.grouped(
        submission.parameter_groups, model, gradients, head, *rates
    )
    assert sorted(found) == sorted(set(parameters) - set(closed))
    after = tools.numbers(model)
    lr, body_lr, decay = rates
    for name, value in parameters.items():
        rate = lr if name.startswith(f"{head}.") else body_lr
        pull = decay * value if value.ndim > 1 else 0
        step = 0 if name in closed else rate * (gradients[name] + pull)
        close(after[name], value - step, **SINGLE)


HEADED = [
    ["top", "Sequential", [["0", "Linear", 3, 4], ["1", "BatchNorm1d", 4]]],
    ["topmost", "Linear", 4, 4],
    ["mid", "Sequential", [["top", "Linear", 4, 2, False]]],
]


@pytest.mark.task("groups")
@pytest.mark.points(0.25)
def test_rates(submission):
    """parameter_groups: who learns how fast, in other networks"""
    check_groups(
        submission, 1091, CONVOLUTIONS, "block.inner", rates=(0.5, 0.02, 0.0)
    )
    check_groups(submission, 1092, HEADED, "top", rates=(0.01, 0.3, 0.0))
    check_groups(submission, 1093, HEADED, "mid.top", rates=(0.2, 0.05, 0.0))


@pytest.mark.task("groups")
@pytest.mark.points(0.25)
def test_decay(submission):
    """parameter_groups: who has weight decay, in other networks"""
    check_groups(submission, 1094, CONVOLUTIONS, "block.inner.conv")
    check_groups(submission, 1095, HEADED, "topmost", rates=(0.3, 0.3, 0.2))


@pytest.mark.task("groups")
@pytest.mark.points(0.25)
def test_once(submission):
    """parameter_groups: shared parameters once, closed ones not at all"""
    check_groups(submission, 1096, LINEAR, "last")
    check_groups(
        submission, 1097, LINEAR, "last", closed=["one.bias", "norm.weight"]
    )
    check_groups(
        submission,
        1098,
        CONVOLUTIONS,
        "block",
        closed=["first.weight", "first.bias", "norm.weight", "norm.bias"],
    )
