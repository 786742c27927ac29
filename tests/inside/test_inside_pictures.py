"""Pictures that are optimised: canvases are exact, objectives rise, seeds decide, mistakes are named."""

import math

import pytest
import torch
from torch import nn

from coursekit import data
from coursekit.inside import canvas as canvases
from coursekit.inside.canvas import COLOUR_AXES, Canvas, frequencies, hartley, random_views
from coursekit.inside.dream import dream
from coursekit.inside.inversion import invert
from coursekit.inside.maximise import at_centre, channels, maximise, probabilities, roughness

QUIET = {"shift": 0, "turn": 0, "zoom": 0}


def small_network(channels=3, seed=0):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return nn.Sequential(
            nn.Conv2d(channels, 6, 3, padding=1),
            nn.BatchNorm2d(6),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(2),
            nn.Conv2d(6, 8, 3, padding=1),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Dropout(0.5),
            nn.Linear(8, 5),
        )


def random_images(*shape, seed=0, dtype=torch.float64):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


# Canvases


@pytest.mark.parametrize("size", [(1, 1), (4, 4), (5, 7), (8, 6)])
def test_waves_lead_back_and_keep_lengths(size):
    images = random_images(2, 3, *size)
    waves = hartley(images)
    torch.testing.assert_close(hartley(waves), images)
    torch.testing.assert_close(waves.square().sum(), images.square().sum())  # Parseval


def test_waves_are_the_sums_of_cosines_and_sines():
    image = random_images(3, 4)
    y, x = torch.meshgrid(torch.arange(3.0).double(), torch.arange(4.0).double(), indexing="ij")
    for v, u in [(0, 0), (1, 2), (2, 3)]:
        angle = 2 * math.pi * (v * y / 3 + u * x / 4)
        expected = (image * (angle.cos() + angle.sin())).sum() / math.sqrt(12)
        torch.testing.assert_close(hartley(image)[v, u], expected)


def test_a_single_number_is_a_wave_of_its_frequency():
    numbers = torch.zeros(16, 16)
    numbers[0, 4] = 1
    row = hartley(numbers)[0]
    torch.testing.assert_close(row[:12], row[4:])  # 4 waves in 16 pixels: it repeats after 4
    assert frequencies(16, 16)[0, 4] == 4 / 16


@pytest.mark.parametrize("fourier", [False, True])
@pytest.mark.parametrize("decorrelated", [False, True])
@pytest.mark.parametrize("size", [(8, 8), (6, 9)])
def test_canvas_and_its_inverse(fourier, decorrelated, size):
    canvas = Canvas(size, fourier=fourier, decorrelated=decorrelated, decay=1.3)
    images = 0.01 + 0.98 * random_images(2, 3, *size)
    torch.testing.assert_close(canvas.image(canvas.numbers(images)), images)
    numbers = canvas.start(2, seed=1).double()
    torch.testing.assert_close(canvas.numbers(canvas.image(numbers)), numbers)


def test_black_and_white_can_be_written_down():
    canvas = Canvas(4, channels=1)
    images = torch.tensor([0.0, 1.0]).repeat(8).reshape(1, 1, 4, 4)
    back = canvas.image(canvas.numbers(images))
    assert (back - images).abs().max() < 2e-3


def test_a_wave_counts_as_much_as_it_is_long():
    weights = Canvas((16, 16), decay=2.0).weights
    assert weights[0, 1] / weights[0, 4] == pytest.approx(16)
    assert weights[0, 0] == weights[0, 1]  # the mean counts as the longest wave does, not infinitely
    assert weights.square().mean() == pytest.approx(1)
    torch.testing.assert_close(Canvas((16, 16), decay=0.0).weights, torch.ones(16, 16))


def test_colour_axes_are_those_of_the_photographs():
    pixels = torch.from_numpy(data.load("cifar10").images).double().transpose(0, 1).reshape(3, -1)
    axes = torch.tensor(COLOUR_AXES, dtype=torch.float64)
    independent = torch.linalg.inv(axes) @ pixels
    assert (torch.corrcoef(pixels) - torch.eye(3)).abs().max() > 0.7
    assert (torch.corrcoef(independent) - torch.eye(3)).abs().max() < 0.02
    deviations = independent.std(dim=1)
    torch.testing.assert_close(deviations / deviations[0], torch.ones(3, dtype=torch.float64), rtol=0.01, atol=0)


def test_views_move_by_pixels_and_by_nothing():
    images = random_images(3, 2, 9, 9)
    assert random_views(images, torch.Generator()) is images
    moved = random_views(images, torch.Generator().manual_seed(0), shift=4)
    assert not torch.allclose(moved, images)
    again = random_views(images, torch.Generator().manual_seed(0), shift=4)
    torch.testing.assert_close(moved, again, rtol=0, atol=0)


def test_a_view_of_an_oblong_picture_is_turned_and_not_sheared(monkeypatch):
    monkeypatch.setattr(canvases.torch, "rand", lambda *shape, generator: torch.ones(*shape))
    disc = torch.zeros(1, 1, 20, 60)
    y, x = torch.meshgrid(torch.arange(20) - 9.5, torch.arange(60) - 29.5, indexing="ij")
    disc[0, 0] = (x.square() + y.square() < 49).float()
    turned = random_views(disc, None, turn=30)
    assert (turned - disc).abs().mean() < 0.02


# Maximising


def test_the_score_rises_for_every_class_at_once():
    course = maximise(small_network(), [0, 3], canvas=16, steps=60, lr=0.3, **QUIET)
    assert course.images.shape == (2, 3, 16, 16)
    assert course.scores.shape == (60, 2)
    assert (course.scores[-1] > course.scores[0] + 0.01).all()
    assert course.images.min() > 0
    assert course.images.max() < 1
    assert not torch.allclose(*course.images, atol=0.05)  # not the same picture for every class


def test_scores_are_what_the_network_says():
    model = small_network().eval()
    start = 0.1 + 0.8 * random_images(2, 3, 12, 12, dtype=torch.float32)
    course = maximise(model, [1, 4], canvas=Canvas(12), start=start, steps=2, keep=[0, 2], **QUIET)
    with torch.no_grad():
        torch.testing.assert_close(course.scores[0], model(start)[[0, 1], [1, 4]], rtol=1e-3, atol=1e-5)
    torch.testing.assert_close(course.kept[0], start, rtol=0, atol=1e-5)
    torch.testing.assert_close(course.kept[2], course.images, rtol=0, atol=0)


def test_a_layer_its_channels_and_its_middle_unit():
    model = small_network().eval()
    images = random_images(2, 3, 12, 12, dtype=torch.float32)
    maps = nn.Sequential(*list(model)[:5])(images)
    torch.testing.assert_close(channels([2, 7])(maps), maps[[0, 1], [2, 7]].mean((1, 2)))
    torch.testing.assert_close(at_centre([2, 7])(maps), maps[[0, 1], [2, 7], 3, 3])
    for objective in (5, at_centre([5])):
        course = maximise(model, objective, "4", canvas=12, steps=15, lr=0.1, **QUIET)
        assert course.scores[-1] > course.scores[0]


def test_only_what_the_middle_unit_sees_is_changed():
    course = maximise(small_network(), at_centre([0]), "0", canvas=Canvas(9, fourier=False), steps=5, keep=[0], **QUIET)
    changed = (course.images - course.kept[0]).abs().sum((0, 1)) > 0
    assert changed[3:6, 3:6].all()
    assert changed.sum() == 9


def test_probabilities_hardly_move_where_the_softmax_is_saturated():
    logits = torch.tensor([[10.0, 0.0, 0.0]], requires_grad=True)
    (of_logit,) = torch.autograd.grad(channels([0])(logits).sum(), logits)
    (of_probability,) = torch.autograd.grad(probabilities([0])(logits).sum(), logits)
    assert of_logit[0, 0] == 1
    assert of_probability[0, 0].item() == pytest.approx(9.08e-5, rel=1e-2)


def test_the_same_seed_the_same_pictures():
    first, second, other = (maximise(small_network(), 0, canvas=12, steps=4, seed=seed).images for seed in (1, 1, 2))
    torch.testing.assert_close(first, second, rtol=0, atol=0)
    assert not torch.allclose(first, other)


def test_smoothness_makes_smoother():
    rough, smooth = (
        maximise(small_network(), 1, canvas=16, steps=40, lr=0.1, smoothness=s, **QUIET) for s in (0.0, 5.0)
    )
    assert roughness(smooth.images) < 0.5 * roughness(rough.images)


def test_grey_pictures_for_a_grey_network():
    course = maximise(small_network(channels=1), 2, canvas=Canvas(10, channels=1), steps=10, lr=0.1, **QUIET)
    assert course.images.shape == (1, 1, 10, 10)
    assert course.scores[-1] > course.scores[0]


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        (lambda m: maximise(m, 5, canvas=8, steps=1), "no channel or class .5.*0 to 4"),
        (lambda m: maximise(m, -1, canvas=8, steps=1), "no channel or class"),
        (lambda m: maximise(m, 0, "conv9", canvas=8, steps=1), "layer: 'conv9' is none of.*'0', '1'"),
        (lambda m: maximise(m, 0, canvas=8, steps=0), "steps: at least one.*got 0"),
        (lambda m: maximise(m, lambda z: z, canvas=8, steps=1), r"objective: gave shape \(1, 5\) for 1 images"),
        (lambda m: maximise(m, at_centre([0]), canvas=8, steps=1), "at_centre: needs maps"),
        (lambda m: maximise(m, lambda z: z[:, 0] / 0, canvas=8, steps=1), "make lr=0.03 smaller"),
        (lambda m: maximise(m, 0, canvas=8, start=torch.rand(1, 3, 9, 9)), r"images: shape .*3, 8, 8"),
        (lambda m: maximise(m, [0, 1], canvas=8, start=torch.rand(1, 3, 8, 8)), "2 channels for 1 images"),
        (lambda m: Canvas(0), "size: 0"),
        (lambda m: Canvas(8, channels=1, decorrelated=True), "decorrelated: .*channels=1"),
        (lambda m: invert(m, "0", torch.rand(3, 8, 8)), r"images: expected shape \(N, C, H, W\), got \(3, 8, 8\)"),
        (lambda m: invert(m, "0", torch.rand(1, 3, 8, 8), canvas=Canvas(9)), "canvas: .*9 x 9.* does not fit"),
        (lambda m: dream(m, "0", torch.rand(3, 8, 8)), "photograph: expected one"),
        (lambda m: dream(m, "0", torch.rand(1, 3, 8, 8), octaves=9, ratio=3), "octaves: 9 .*leave nothing"),
        (lambda m: dream(m, "0", torch.rand(1, 3, 8, 8), octaves=1, channel=6), "channel: '0' has channels 0 to 5"),
    ],
)
def test_mistakes_are_named(call, complaint):
    with pytest.raises(ValueError, match=complaint):
        call(small_network())


def test_a_network_of_numpy_is_refused():
    with pytest.raises(TypeError, match=r"model: expected a network of PyTorch .*got int"):
        maximise(3, 0, canvas=8)


# Inversion


def test_inversion_lowers_the_distance_and_starts_where_nothing_is_known():
    photograph = random_images(1, 3, 16, 16, dtype=torch.float32)
    course = invert(small_network(), "4", photograph, steps=150)
    assert course.scores[-1] < 0.3 * course.scores[0]


def test_inverting_a_layer_that_loses_nothing_gives_the_picture_back():
    model = nn.Sequential(nn.Conv2d(3, 12, 1))
    photograph = 0.2 + 0.6 * random_images(2, 3, 8, 8, dtype=torch.float32)
    course = invert(model, "0", photograph, canvas=Canvas(8, fourier=False), steps=400, lr=0.1)
    assert (course.images - photograph).abs().max() < 0.02


def test_what_the_response_leaves_open_is_not_found():
    model = nn.Sequential(nn.AdaptiveAvgPool2d(1))  # knows three mean colours, nothing else
    photograph = random_images(1, 3, 8, 8, dtype=torch.float32)
    course = invert(model, None, photograph, steps=200)
    torch.testing.assert_close(course.images.mean((2, 3)), photograph.mean((2, 3)), rtol=0, atol=0.01)
    assert (course.images - photograph).abs().mean() > 0.1


def test_a_silent_layer_cannot_be_inverted():
    model = nn.Sequential(nn.ReLU())
    with pytest.raises(ValueError, match="nothing but zeros"):
        invert(model, "0", torch.zeros(1, 3, 8, 8))


# DeepDream


def test_dreaming_raises_what_the_layer_says():
    model, photograph = small_network().eval(), random_images(1, 3, 24, 32, dtype=torch.float32)
    image, kept = dream(model, "5", photograph, octaves=2, steps=10, lr=0.02, keep=[0, 10, 20])
    layers = nn.Sequential(*list(model)[:6])
    with torch.no_grad():
        said = [layers(x).square().mean() for x in (photograph, kept[10], image)]
    assert said[0] < said[1] < said[2]
    torch.testing.assert_close(kept[0], photograph, rtol=0, atol=0)
    torch.testing.assert_close(kept[20], image, rtol=0, atol=0)
    assert image.min() >= 0
    assert image.max() <= 1


def test_dreaming_of_one_channel_and_of_nothing():
    model, photograph = small_network(), random_images(1, 3, 16, 16, dtype=torch.float32)
    first, second = (dream(model, "4", photograph, channel=c, octaves=1, steps=3)[0] for c in (0, 1))
    assert not torch.allclose(first, second)
    with torch.no_grad():
        model[4].weight.zero_()
        model[4].bias.zero_()
    image, _ = dream(model, "4", photograph, octaves=2, steps=3)
    torch.testing.assert_close(image, photograph, rtol=0, atol=1e-6)


def test_a_step_moves_pixels_by_lr_on_average():
    photograph = 0.4 + 0.2 * random_images(1, 3, 16, 16, dtype=torch.float32)
    image, _ = dream(small_network(), "4", photograph, octaves=1, steps=1, lr=0.01)
    assert (image - photograph).abs().mean().item() == pytest.approx(0.01, rel=1e-3)
