"""CPU time of functions that take turns, and what the figures depend on."""

import ctypes
import gc
import os
import platform
import statistics
import time
from importlib import metadata
from pathlib import Path

import numpy as np


def medians(functions, turns, seconds_per_turn=0.01):
    """Return the median CPU seconds of one call of each function, measured in alternating turns."""
    repeats = [_repeats(function, seconds_per_turn) for function in functions]
    times = [[] for _ in functions]
    for _ in range(turns):
        for function, n, results in zip(functions, repeats, times, strict=True):
            started = time.process_time()
            for _ in range(n):
                function()
            results.append((time.process_time() - started) / n)
        gc.collect()
    return [statistics.median(results) for results in times]


def _repeats(function, seconds):
    """Warm up, and see how many calls make a turn long enough for the clock."""
    function()
    started = time.process_time()
    for _ in range(3):
        function()
    each = (time.process_time() - started) / 3
    return max(1, round(seconds / max(each, 1e-6)))


def environment():
    """Describe machine and versions: a ratio means little without them."""
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("numpy", "torch"))
    return f"Python {platform.python_version()}, {versions}, {platform.machine()}, {os.cpu_count()} cores"


def blas_kernel():
    """Name the processor that NumPy's OpenBLAS computes for; it halves or doubles a matrix product."""
    for library in (Path(np.__file__).parent.parent / "numpy.libs").glob("*openblas*"):
        for name in ("scipy_openblas_get_corename64_", "openblas_get_corename64_", "openblas_get_corename"):
            function = getattr(ctypes.CDLL(str(library)), name, None)
            if function is not None:
                function.restype = ctypes.c_char_p
                return function().decode()
    return "unknown"
