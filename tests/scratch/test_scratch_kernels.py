"""The kernels on their own: plain loops that specify them, sizes, and what is imported."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracle import arrays, seeds

from coursekit.scratch import kernels


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


def test_only_numpy_and_the_standard_library_are_imported():
    code = (
        "import sys, numpy.random; before = set(sys.modules); import coursekit.scratch;"
        "new = {name.split('.')[0] for name in set(sys.modules) - before} - set(sys.stdlib_module_names);"
        "print(sorted(new))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "['coursekit']"
