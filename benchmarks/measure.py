"""CPU time of two functions that take turns, and what the figures depend on."""

import ctypes
import gc
import os
import platform
import statistics
import time
from pathlib import Path

import numpy as np
import torch


def ratio(first, second, turns, seconds_per_turn=0.01):
    """Return the median CPU seconds of one call of each function, measured in alternating turns."""
    repeats = [_repeats(function, seconds_per_turn) for function in (first, second)]
    times = ([], [])
    for _ in range(turns):
        for function, n, results in zip((first, second), repeats, times, strict=True):
            started = time.process_time()
            for _ in range(n):
                function()
            results.append((time.process_time() - started) / n)
    gc.collect()
    return statistics.median(times[0]), statistics.median(times[1])


def _repeats(function, seconds):
    """Warm up, and see how many calls make a turn long enough for the clock."""
    function()
    started = time.process_time()
    for _ in range(3):
        function()
    each = (time.process_time() - started) / 3
    return max(1, round(seconds / max(each, 1e-6)))


def environment():
    """Describe versions, threads and the BLAS kernel: a ratio means little without them."""
    return (
        f"Python {platform.python_version()}, NumPy {np.__version__} (BLAS kernel {_blas_kernel()}), "
        f"PyTorch {torch.__version__}; {torch.get_num_threads()} thread each; "
        f"OPENBLAS_CORETYPE={os.environ.get('OPENBLAS_CORETYPE', 'not set')}; float32; CPU time, medians"
    )


def _blas_kernel():
    for library in (Path(np.__file__).parent.parent / "numpy.libs").glob("*openblas*"):
        for name in ("scipy_openblas_get_corename64_", "openblas_get_corename64_", "openblas_get_corename"):
            function = getattr(ctypes.CDLL(str(library)), name, None)
            if function is not None:
                function.restype = ctypes.c_char_p
                return function().decode()
    return "unknown"
