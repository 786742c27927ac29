"""What `fit` does beside the plain step: schedules, clipping, augmentation, early stopping; on both backends alike."""

import numpy as np
import pytest
import torch
from training_models import mlp, small_convnet, twins, two_moons, weights

from coursekit import data, scratch
from coursekit.data import augmentation
from coursekit.scratch import nn, optim
from coursekit.training import evaluate, fit, predict

BACKENDS = pytest.mark.parametrize("kind", [nn, torch.nn], ids=["scratch", "torch"])


def optimizers(kind):
    return optim if kind is nn else torch.optim


def moons_model(kind):
    return kind.Sequential(kind.Linear(2, 16), kind.Tanh(), kind.Linear(16, 2))


# ------------------------------------------------------------------------------------------------------- both agree

SCHEDULES = {
    "StepLR": ("epoch", {"step_size": 2, "gamma": 0.3}),
    "CosineAnnealingLR": ("epoch", {"T_max": 5}),
    "OneCycleLR": ("batch", {"max_lr": 0.05, "total_steps": 50}),
}


@pytest.mark.parametrize("build", [mlp, small_convnet], ids=lambda build: build.__name__)
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_both_backends_agree_with_momentum_schedule_clipping_and_augmentation(build, schedule):
    images, labels, _ = data.load("mnist", "test")
    images, labels = images[:640].astype(np.float64), labels[:640]
    step, settings = SCHEDULES[schedule]
    mine, theirs = twins(build, np.float64)
    histories = []
    for model, own in ((mine, optim), (theirs, torch.optim)):
        optimizer = own.SGD(model.parameters(), lr=0.05, momentum=0.9)
        options = {
            "scheduler": getattr(own.lr_scheduler, schedule)(optimizer, **settings),
            "scheduler_step": step,
            "clip": 2.0,
            "augment": augmentation.compose(
                augmentation.rotate(10), augmentation.translate(2), augmentation.noise(0.1)
            ),
        }
        histories.append(fit(model, (images, labels), batch_size=64, epochs=5, **options))
    ours, reference = histories
    assert len(ours.steps) == len(ours.learning_rates) == 50
    np.testing.assert_allclose(ours.steps, reference.steps, rtol=0, atol=1e-8)
    np.testing.assert_allclose(ours.learning_rates, reference.learning_rates, rtol=1e-12)
    assert len(set(ours.learning_rates)) >= 3
    np.testing.assert_allclose(predict(mine, images), predict(theirs, images), rtol=0, atol=1e-8)
    assert ours.steps[-1] < ours.steps[0]


@BACKENDS
def test_the_loop_is_the_one_you_would_write_yourself(kind):
    """Step by step against a loop in plain sight, with a schedule that steps after every batch, and clipping."""
    images, labels = two_moons(40)
    own, tensor = optimizers(kind), scratch.Tensor if kind is nn else torch.from_numpy
    first, second = moons_model(kind), moons_model(kind)
    second.load_state_dict(first.state_dict())

    def optimizer_and_schedule(model):
        optimizer = own.SGD(model.parameters(), lr=0.5, momentum=0.9)
        return optimizer, own.lr_scheduler.OneCycleLR(optimizer, max_lr=1.0, total_steps=10)

    schedule = optimizer_and_schedule(first)[1]
    history = fit(first, (images, labels), epochs=2, batch_size=8, scheduler=schedule, scheduler_step="batch", clip=0.1)

    optimizer, schedule = optimizer_and_schedule(second)
    rates, losses = [], []
    for epoch in (1, 2):
        for chosen in np.random.default_rng([0, epoch]).permutation(40).reshape(5, 8):
            loss = kind.CrossEntropyLoss()(second(tensor(images[chosen])), tensor(labels[chosen]))
            optimizer.zero_grad()
            loss.backward()
            norm = np.sqrt(sum(float((p.grad * p.grad).sum()) for p in second.parameters()))
            for p in second.parameters():
                p.grad = p.grad * min(1.0, 0.1 / norm)
            rates.append(optimizer.param_groups[0]["lr"])
            losses.append(loss.item())
            optimizer.step()
            schedule.step()
    assert history.learning_rates == rates
    np.testing.assert_allclose(history.steps, losses, atol=1e-5)
    assert max(rates) == pytest.approx(1.0)


# --------------------------------------------------------------------------------------------------------- schedules


@BACKENDS
def test_a_scheduler_brings_its_optimizer_with_it_and_may_not_have_another(kind):
    model, own = moons_model(kind), optimizers(kind)
    optimizer = own.SGD(model.parameters(), lr=0.4)
    schedule = own.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.5)
    history = fit(model, two_moons(20), epochs=2, batch_size=10, scheduler=schedule)
    assert history.learning_rates == [0.4, 0.4, 0.2, 0.2]
    with pytest.raises(ValueError, match="scheduler steers another optimizer than the one given"):
        fit(model, two_moons(20), optimizer=own.SGD(model.parameters(), lr=0.1), scheduler=schedule)


def test_a_scheduler_that_wants_a_measurement_is_refused():
    model = moons_model(torch.nn)
    schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(torch.optim.SGD(model.parameters(), lr=0.1))
    with pytest.raises(ValueError, match="ReduceLROnPlateau wants a measurement"):
        fit(model, two_moons(20), scheduler=schedule)


@pytest.mark.filterwarnings("error")
def test_pytorch_does_not_warn_of_a_wrong_order():
    model = moons_model(torch.nn)
    schedule = torch.optim.lr_scheduler.StepLR(torch.optim.SGD(model.parameters(), lr=0.1), step_size=1)
    fit(model, two_moons(20), epochs=2, scheduler=schedule)


@BACKENDS
def test_the_rate_recorded_is_that_of_the_first_group(kind):
    model, own = moons_model(kind), optimizers(kind)
    groups = [{"params": model[0].parameters(), "lr": 0.25}, {"params": model[2].parameters()}]
    assert fit(model, two_moons(20), optimizer=own.SGD(groups, lr=0.5)).learning_rates == [0.25]


# ---------------------------------------------------------------------------------------------------------- clipping


@BACKENDS
@pytest.mark.parametrize("clip", [0.01, 1e9])
def test_no_step_is_longer_than_clip_allows(kind, clip):
    model = moons_model(kind)
    before = weights(model)
    fit(model, two_moons(20), lr=1.0, clip=clip)
    length = np.sqrt(sum(np.square(value - before[name]).sum() for name, value in weights(model).items()))
    if clip == 0.01:
        assert length == pytest.approx(0.01, rel=1e-3)
    else:
        assert length > 0.02


@BACKENDS
def test_clipping_looks_at_what_is_trained_only(kind):
    """Nobody clears the gradients of parameters that the optimizer does not hold."""
    model = moons_model(kind)
    optimizer = optimizers(kind).SGD(model[2].parameters(), lr=1.0)
    before = weights(model[2])
    for _ in range(20):
        fit(model, two_moons(20), optimizer=optimizer, clip=0.01)
    length = np.sqrt(sum(np.square(value - before[name]).sum() for name, value in weights(model[2]).items()))
    assert length == pytest.approx(0.2, rel=0.05)


def test_clipping_scales_a_gradient_once_that_two_parameters_share():
    class Sum(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = nn.Parameter(np.zeros(2)), nn.Parameter(np.zeros(2))

        def forward(self, x):
            return x + (self.a + self.b)

    model = Sum()
    fit(model, two_moons(20), lr=1.0, clip=0.01)
    for value in (model.a.data, model.b.data):
        assert np.sqrt(np.square(value).sum()) == pytest.approx(0.01 / np.sqrt(2), rel=1e-3)


# ------------------------------------------------------------------------------------------------------ augmentation


def spy(kind, seen):
    class Spy(kind.Module):
        def __init__(self):
            super().__init__()
            self.layer = kind.Linear(2, 2)

        def forward(self, x):
            seen.append((self.training, np.array(x.detach().numpy())))
            return self.layer(x)

    return Spy()


def jitter(images, rng):
    images += rng.normal(size=images.shape).astype(images.dtype)  # in place: what it gets is its own
    return images


@BACKENDS
@pytest.mark.parametrize("shuffle", [True, False])
def test_augmentation_changes_training_batches_only_and_never_the_data(kind, shuffle):
    images, labels = two_moons(20)
    before, seen = images.copy(), []
    fit(spy(kind, seen), (images, labels), validation=(images, labels), batch_size=8, augment=jitter, shuffle=shuffle)
    np.testing.assert_array_equal(images, before)
    training = np.concatenate([batch for training, batch in seen if training])
    (validation,) = [batch for training, batch in seen if not training]
    np.testing.assert_array_equal(validation, images)
    order = np.random.default_rng([0, 1]).permutation(20) if shuffle else np.arange(20)
    expected = images[order] + np.random.default_rng([0, 1, 1]).normal(size=(20, 2)).astype(np.float32)
    np.testing.assert_array_equal(training, expected)


def test_augmentation_depends_on_the_seed_and_differs_between_epochs():
    def batches(**options):
        seen = []
        fit(spy(nn, seen), two_moons(8), epochs=2, augment=jitter, shuffle=False, **options)
        return [batch for _, batch in seen]

    first, again, other = batches(), batches(lr=0.3), batches(seed=1)
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0], first[1])
    assert not np.array_equal(first[0], other[0])


# ---------------------------------------------------------------------------------------------------- early stopping


def scripted(kind, weights):
    """A model whose only number takes the given values, epoch after epoch; the validation loss is its square."""

    class Scripted(kind.Module):
        def __init__(self):
            super().__init__()
            first = np.zeros(1, np.float32)
            self.number = nn.Parameter(first) if kind is nn else kind.Parameter(torch.from_numpy(first))
            self.script = iter(weights)

        def forward(self, x):
            if self.training:
                value = next(self.script)
                with torch.no_grad():
                    self.number.data[...] = value
            return x * 0 + self.number

    return Scripted()


def run_script(kind, weights, **options):
    model, zeros = scripted(kind, weights), np.zeros((4, 1), np.float32)
    options = {"epochs": len(weights), "loss": kind.MSELoss(), "lr": 0.0} | options
    return model, fit(model, (zeros, zeros), validation=(zeros, zeros), **options)


@BACKENDS
def test_it_stops_when_patience_ends_and_restores_the_best_weights(kind):
    model, history = run_script(kind, [3, 2, 2.5, 1, 1, 1.5, 0.5], patience=2)
    assert [row["validation_loss"] for row in history.epochs] == [9, 4, 6.25, 1, 1, 2.25]
    assert history.best_epoch == 4, "an equal loss is no improvement"
    assert float(model.number.detach()) == 1
    assert model.training


@BACKENDS
def test_the_best_weights_are_restored_when_patience_never_ends(kind):
    model, history = run_script(kind, [3, 1, 2], patience=5)
    assert (len(history.epochs), history.best_epoch, float(model.number.detach())) == (3, 2, 1)
    model, history = run_script(kind, [3, 1, 2])
    assert (len(history.epochs), history.best_epoch, float(model.number.detach())) == (3, None, 2)


@BACKENDS
def test_a_loss_that_is_not_a_number_is_no_improvement(kind):
    nan = float("nan")
    model, history = run_script(kind, [2, nan, nan, 1], patience=2)
    assert (len(history.epochs), history.best_epoch, float(model.number.detach())) == (3, 1, 2)
    model, history = run_script(kind, [nan, nan, 1], patience=2)
    assert (len(history.epochs), history.best_epoch) == (2, None)


@BACKENDS
def test_buffers_are_restored_as_well(kind):
    model = kind.Sequential(kind.Linear(2, 8), kind.BatchNorm1d(8), kind.ReLU(), kind.Linear(8, 2))
    points, held_out = two_moons(40), two_moons(seed=1)
    history = fit(model, points, validation=held_out, epochs=30, batch_size=8, lr=3.0, patience=3)
    best = history.epochs[history.best_epoch - 1]["validation_loss"]
    assert best == min(row["validation_loss"] for row in history.epochs)
    assert best != history.epochs[-1]["validation_loss"]
    assert evaluate(model, held_out)[0] == best
