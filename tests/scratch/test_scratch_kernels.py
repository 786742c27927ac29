"""The kernels on their own: the plain loops that specify them, worked numbers, memory, and what is imported."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from oracle import arrays, assert_close, seeds

from coursekit.scratch import kernels

# From the course's own sources (see the chapter on convolution), cross-correlation without padding.
WORKED = [
    (
        [[3, 3, 2, 1, 0], [0, 0, 1, 3, 1], [3, 1, 2, 2, 3], [2, 0, 0, 2, 2], [2, 0, 0, 0, 1]],
        [[0, 1, 2], [2, 2, 0], [0, 1, 2]],
        1,
        [[12, 12, 17], [10, 17, 19], [9, 6, 14]],
    ),
    (
        [[4, 2, 3, 3], [2, 1, 2, 5], [3, 2, 0, 3], [1, 2, 3, 1]],
        [[2, -3, 2], [1, 0, 1], [2, -3, 3]],
        1,
        [[12, 20], [13, 9]],
    ),
    (
        [[1] * 6, [0, 0, 0, 0, 1, 0], [0, 1, 1, 1, 0, 0], [0, 0, 1, 0, 0, 0], [0, 1, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0]],
        [[1, 1, 1], [-1, 1, -1], [1, -1, -1]],
        3,
        [[1, 5], [3, 0]],
    ),
]


@pytest.mark.parametrize(("image", "kernel", "stride", "expected"), WORKED)
def test_worked_numbers(image, kernel, stride, expected):
    x, weight = np.array([[image]], float), np.array([[kernel]], float)
    np.testing.assert_array_equal(kernels.conv2d_loops(x, weight, stride=stride)[0, 0], expected)
    np.testing.assert_array_equal(kernels.conv2d(x, weight, stride=(stride, stride))[0, 0], expected)


@given(
    seeds, st.integers(0, 2), st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), st.integers(0, 2), st.booleans()
)
def test_loops_specify_conv2d(seed, n, channels, filters, stride, padding, bias):
    x, weight, b = arrays(seed, "float64", (n, channels, 7, 6), (filters, channels, 3, 2), (filters,))
    b = b if bias else None
    loops = kernels.conv2d_loops(x, weight, b, stride, padding)
    theirs = torch.nn.functional.conv2d(
        *(t if t is None else torch.from_numpy(t) for t in (x, weight, b)), stride, padding
    )
    assert_close(loops, theirs.numpy(), 1e-12, "loops")
    assert_close(kernels.conv2d(x, weight, b, (stride, stride), (padding, padding)), loops, 1e-12, "conv2d")


@given(seeds, st.integers(1, 3), st.integers(1, 3))
def test_loops_specify_pooling(seed, kernel_size, stride):
    (x,) = arrays(seed, "float64", (2, 3, 7, 6))
    window = (kernel_size, kernel_size), (stride, stride)
    np.testing.assert_array_equal(kernels.max_pool2d(x, *window), kernels.pool2d_loops(x, kernel_size, stride, np.max))
    np.testing.assert_allclose(
        kernels.avg_pool2d(x, *window), kernels.pool2d_loops(x, kernel_size, stride, np.mean), atol=1e-12
    )


@pytest.mark.parametrize(("sizes", "expected"), [((7, 3, 1), 5), ((7, 3, 2), 3), ((5, 3, 2, 1), 3), ((28, 3, 2), 13)])
def test_output_size(sizes, expected):
    assert kernels.output_size(*sizes) == expected


def test_images_stay_rows_first_in_memory_from_layer_to_layer():
    x, weight = arrays(0, "float32", (8, 3, 12, 12), (4, 3, 3, 3))
    out = kernels.max_pool2d(kernels.relu(kernels.conv2d(x, weight)), (2, 2), (2, 2))
    assert np.shares_memory(kernels.rows_first(out), out), "the next layer must find its memory ready"
    gradient = kernels.conv2d_input_gradient(np.ones((8, 4, 10, 10), "float32"), weight, x.shape)
    assert np.shares_memory(kernels.rows_first(gradient), gradient)


def test_lent_memory_grows_with_the_images(monkeypatch):
    monkeypatch.setattr(kernels.windows, "_memory", kernels.windows._Memory())
    weight = arrays(1, "float64", (2, 3, 3, 3))[0]
    for size in (4, 5, 6, 5, 7):
        (x,) = arrays(size, "float64", (2, 3, size, size))
        assert_close(kernels.conv2d(x, weight), kernels.conv2d_loops(x, weight), 1e-12, f"{size=}")


def test_only_numpy_and_the_standard_library_are_imported():
    code = (
        "import sys, numpy.random; before = set(sys.modules); import coursekit.scratch;"
        "new = {name.split('.')[0] for name in set(sys.modules) - before} - set(sys.stdlib_module_names);"
        "print(sorted(new))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "['coursekit']"
