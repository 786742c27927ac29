"""The training loop: the same run on both backends, real data, modes, types, errors."""

import numpy as np
import pytest
import torch
from training_models import mlp, small_convnet, softmax_regression, twins, two_moons, weights

from coursekit import data, scratch
from coursekit.scratch import nn, optim
from coursekit.training import evaluate, fit, predict


@pytest.fixture(scope="module")
def mnist():
    return data.load("mnist"), data.load("mnist", "test")


# -------------------------------------------------------------------------------------------------------- both backends


@pytest.mark.parametrize("build", [softmax_regression, mlp, small_convnet], ids=lambda build: build.__name__)
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 1e-5), (np.float64, 1e-10)])
def test_both_backends_lose_the_same_at_every_step(mnist, build, dtype, tolerance):
    train, test = (split[0][:6000].astype(dtype) for split in mnist), (split[1][:6000] for split in mnist)
    (images, test_images), (labels, test_labels) = train, test
    mine, theirs = twins(build, dtype)
    options = {"validation": (test_images[:500], test_labels[:500]), "epochs": 2, "batch_size": 128, "lr": 0.1}
    ours, reference = fit(mine, (images, labels), **options), fit(theirs, (images, labels), **options)
    assert len(ours.steps) == 2 * 47
    np.testing.assert_allclose(ours.steps, reference.steps, rtol=0, atol=tolerance)
    assert ours.steps[0] > 2 * ours.steps[-1]
    for mine_, theirs_ in zip(ours.epochs, reference.epochs, strict=True):
        for key in ("train_loss", "validation_loss"):
            assert mine_[key] == pytest.approx(theirs_[key], abs=tolerance)
        for key in ("train_accuracy", "validation_accuracy"):
            assert mine_[key] == pytest.approx(theirs_[key], abs=0.001)
    assert evaluate(mine, (images, labels)) == pytest.approx(evaluate(theirs, (images, labels)), abs=1e-3)
    np.testing.assert_allclose(predict(mine, images[:50]), predict(theirs, images[:50]), atol=100 * tolerance)


def test_softmax_regression_reaches_92_percent_on_mnist(mnist):
    train, test = mnist
    scratch.manual_seed(0)
    history = fit(softmax_regression(nn), train, validation=test, epochs=5, lr=0.2)
    assert history.epochs[-1]["validation_accuracy"] >= 0.92
    assert history.epochs[-1]["validation_loss"] < 0.29


def test_optimizer_and_loss_of_the_models_own_backend():
    points = two_moons()
    build = lambda nn: nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 2))  # noqa: E731
    mine, theirs = twins(build)
    settings = {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 1e-3}
    ours = fit(mine, points, epochs=15, optimizer=optim.SGD(mine.parameters(), **settings), loss=nn.CrossEntropyLoss())
    reference = fit(
        theirs,
        points,
        epochs=15,
        optimizer=torch.optim.SGD(theirs.parameters(), **settings),
        loss=torch.nn.CrossEntropyLoss(),
    )
    np.testing.assert_allclose(ours.steps, reference.steps, atol=1e-5)
    assert evaluate(mine, points)[1] > 0.85


# --------------------------------------------------------------------------------------------------------- the contract


def test_batches_depend_on_the_seed_only():
    images, labels = two_moons(20)

    class Spy(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer, self.seen = nn.Linear(2, 2), []

        def forward(self, x):
            self.seen.append(np.asarray(x).copy())
            return self.layer(x)

    def order(**options):
        spy = Spy()
        fit(spy, (images, labels), epochs=2, batch_size=8, **options)
        return spy.seen

    first, again, other, plain = order(), order(lr=0.5), order(seed=1), order(shuffle=False)
    assert [len(batch) for batch in first] == [8, 8, 4] * 2
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0], other[0])
    assert not np.array_equal(first[0], first[3]), "every epoch has its own order"
    np.testing.assert_array_equal(np.concatenate(plain[:3]), images)
    for epoch in (first[:3], first[3:]):  # every example once
        np.testing.assert_array_equal(np.sort(np.concatenate(epoch), axis=0), np.sort(images, axis=0))


def test_history_records_the_loss_before_each_step_and_averages_over_examples():
    images, labels = two_moons(20)
    model = nn.Linear(2, 2)
    expected = evaluate(model, (images, labels))
    history = fit(model, (images, labels), batch_size=8, lr=0.0)
    assert history.epochs[0]["train_loss"] == pytest.approx(expected[0], abs=1e-6)  # batches of 8, 8 and 4
    assert history.epochs[0]["train_accuracy"] == expected[1]
    assert history.steps[0] == pytest.approx(evaluate(model, _first_batch(images, labels))[0], abs=1e-6)
    assert history.epochs[0]["validation_loss"] is None
    assert history.epochs[0]["validation_accuracy"] is None
    assert history.epochs[0]["seconds"] > 0


def _first_batch(images, labels):
    order = np.random.default_rng([0, 1]).permutation(len(images))[:8]
    return images[order], labels[order]


@pytest.mark.parametrize("kind", [nn, torch.nn], ids=["scratch", "torch"])
def test_modes_and_gradients_around_evaluation(kind):
    model = kind.Sequential(kind.Linear(2, 2), kind.ReLU())
    points = two_moons(20)
    model[1].eval()
    evaluate(model, points)
    predict(model, points[0])
    assert [m.training for m in model.modules()] == [True, True, False], "evaluation must leave every mode as it was"
    assert all(p.grad is None for p in model.parameters())
    fit(model, points, validation=points)
    assert all(m.training for m in model.modules())


@pytest.mark.parametrize("kind", [nn, torch.nn], ids=["scratch", "torch"])
def test_layers_know_that_they_are_evaluated_and_nothing_is_recorded(kind):
    seen = []

    class Spy(kind.Module):
        def __init__(self):
            super().__init__()
            self.layer = kind.Linear(2, 2)

        def forward(self, x):
            out = self.layer(x)
            seen.append((self.training, self.layer.training, out.requires_grad))
            return out

    model, points = Spy(), two_moons(20)
    evaluate(model, points)
    predict(model, points[0])
    fit(model, points, validation=points)
    inside, training = (False, False, False), (True, True, True)
    assert seen == [inside, inside, training, inside]


@pytest.mark.parametrize("kind", [nn, torch.nn], ids=["scratch", "torch"])
def test_float64_images_train_a_float32_model_in_float32(kind):
    images, labels = two_moons(20)
    model = kind.Linear(2, 2)
    fit(model, (images.astype(np.float64), labels.astype(np.int32)))
    assert "float32" in str(model.weight.dtype)
    assert "float32" in str(model.weight.grad.dtype)
    assert predict(model, images.astype(np.float64)).dtype == np.float32


@pytest.mark.parametrize("kind", [nn, torch.nn], ids=["scratch", "torch"])
def test_regression_has_a_loss_but_no_accuracy(kind):
    x = np.linspace(-1, 1, 64, dtype=np.float32)[:, None]
    model = kind.Linear(1, 1)
    history = fit(
        model, (x, 3 * x + 1), validation=(x, 3 * x + 1), epochs=30, batch_size=8, loss=kind.MSELoss(), lr=0.1
    )
    assert history.epochs[-1]["train_accuracy"] is None
    assert evaluate(model, (x, 3 * x + 1), loss=kind.MSELoss()) == (pytest.approx(0, abs=1e-4), None)
    assert "accuracy" not in repr(history)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("kind", [nn, torch.nn], ids=["scratch", "torch"])
def test_arrays_that_run_backwards_or_may_not_be_changed(kind):
    images, labels = two_moons(20)
    images.flags.writeable = labels.flags.writeable = False
    model = kind.Linear(2, 2)
    expected = evaluate(model, (images, labels))
    assert evaluate(model, (images[::-1], labels[::-1])) == pytest.approx(expected, abs=1e-6)
    fit(model, (images, labels), shuffle=False)
    predict(model, images[:, ::-1])


def test_evaluation_does_not_depend_on_the_batch_size():
    points, model = two_moons(50), nn.Linear(2, 2)
    assert evaluate(model, points, batch_size=7) == pytest.approx(evaluate(model, points), abs=1e-6)
    np.testing.assert_allclose(predict(model, points[0], batch_size=7), predict(model, points[0]), atol=1e-6)


BACKENDS = pytest.mark.parametrize("kind", [nn, torch.nn], ids=["scratch", "torch"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"epochs": 1.5}, "epochs must be a whole number and at least 0, not 1.5"),
        ({"epochs": -1}, "epochs must be a whole number and at least 0, not -1"),
        ({"batch_size": 0}, "batch_size must be a whole number and at least 1, not 0"),
        ({"seed": -3}, "seed must be a whole number and at least 0, not -3"),
        ({"seed": None}, "seed must be a whole number and at least 0, not None"),
        ({"clip": 0}, "clip must be a norm greater than 0, or None, not 0"),
        ({"clip": float("nan")}, "clip must be a norm greater than 0, or None, not nan"),
        ({"patience": 0, "validation": two_moons(4)}, "patience must be a whole number and at least 1, not 0"),
        ({"patience": 3}, "patience=3 waits for the validation loss to fall: give validation data"),
        ({"scheduler_step": "step"}, 'scheduler_step must be "epoch" or "batch", not \'step\''),
        ({"device": "cuda"}, "device.*'cuda'"),
        ({"device": "gpu"}, "device.*'gpu'"),
        ({"validation": (np.ones((3, 2)), np.ones(2))}, "validation must hold one label for each image.*3 and 2"),
    ],
)
@BACKENDS
def test_settings_that_make_no_sense(kind, options, message):
    if options.get("device") == "cuda" and kind is torch.nn and torch.cuda.is_available():
        pytest.skip("there is a GPU")
    model = kind.Linear(2, 2)
    before = weights(model)
    with pytest.raises(ValueError, match=message):
        fit(model, two_moons(10), **options)
    assert all(np.array_equal(before[name], value) for name, value in weights(model).items())


@BACKENDS
def test_parts_of_another_kind(kind):
    points, model = two_moons(10), kind.Linear(2, 2)
    own, other = (optim, torch.optim) if kind is nn else (torch.optim, optim)
    foreign = torch.nn if kind is nn else nn
    with pytest.raises(TypeError, match=r"optimizer must be one of the model's own backend, .*, not a .*SGD"):
        fit(model, points, optimizer=other.SGD(foreign.Linear(2, 2).parameters()))
    with pytest.raises(ValueError, match="optimizer holds none of the model's parameters"):
        fit(model, points, optimizer=own.SGD(kind.Linear(2, 2).parameters()))
    for loss in (
        foreign.CrossEntropyLoss(),
        foreign.functional.cross_entropy if kind is nn else scratch.functional.mse_loss,
    ):
        with pytest.raises(TypeError, match="loss must come from the model's own backend"):
            fit(model, points, loss=loss)
        with pytest.raises(TypeError, match="loss must come from the model's own backend"):
            evaluate(model, points, loss=loss)
    with pytest.raises(TypeError, match="loss must be a function"):
        fit(model, points, loss="mse")
    with pytest.raises(TypeError, match="augment must be a function"):
        fit(model, points, augment=0.1)
    with pytest.raises(TypeError, match="scheduler must be an lr_scheduler"):
        fit(model, points, scheduler=0.1)
    with pytest.raises(ValueError, match="augment must return one image for each it got, 10"):
        fit(model, points, augment=lambda images, rng: images[:5])
    with pytest.raises(TypeError, match="not a SGD"):
        fit(own.SGD(model.parameters()), points)


def test_data_that_cannot_be_used():
    images, labels = two_moons(10)
    with pytest.raises(ValueError, match="10 and 9"):
        fit(nn.Linear(2, 2), (images, labels[:9]))
    with pytest.raises(ValueError, match="no images"):
        evaluate(nn.Linear(2, 2), (images[:0], labels[:0]))
    with pytest.raises(ValueError, match="no images"):
        predict(nn.Linear(2, 2), images[:0])
    for batch_size in (0, 2.5):
        with pytest.raises(ValueError, match=f"batch_size must be at least 1, not {batch_size}"):
            evaluate(nn.Linear(2, 2), (images, labels), batch_size=batch_size)


def test_tensors_will_do_as_data():
    images, labels = two_moons(20)
    model = torch.nn.Linear(2, 2)
    expected = evaluate(model, (images, labels))
    assert evaluate(model, (torch.from_numpy(images).requires_grad_(), torch.from_numpy(labels))) == expected
    assert predict(model, torch.from_numpy(images)).shape == (20, 2)
