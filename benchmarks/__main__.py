"""Measure, and print tables: ratios to PyTorch (below 1, NumPy is faster), what grading a class and a page costs.

How it is measured: all implementations of a case take turns in one process with one thread each; CPU time, medians.
Two settings decide more than any code, so they are made explicit:

- Memory. With the C library's usual thresholds PyTorch sometimes spends half its time on page faults, because freed
  memory goes back to the system at once. `MALLOC_*` lets the process keep it, for both sides.
- The BLAS kernel. OpenBLAS, which NumPy multiplies matrices with, chooses its code by processor, unless
  OPENBLAS_CORETYPE says otherwise. Where that variable is set, everything is measured as it says and again without it.

Every case runs in a process of its own, since the settings must be there before the libraries load.

    python -m benchmarks [--turns 40] [name ...]
"""

import argparse
import json
import os
import subprocess
import sys

SETTINGS = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "MALLOC_MMAP_THRESHOLD_": "1000000000",
    "MALLOC_TRIM_THRESHOLD_": "4000000000",
}


def main():
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Ratios of coursekit.scratch to PyTorch, and the cost of grading and of pages.",
    )
    parser.add_argument("names", nargs="*", help="only the measurements whose name contains one of these")
    parser.add_argument("--turns", type=int, default=40, help="measured turns of each side (default: %(default)s)")
    arguments = parser.parse_args()
    if "COURSEKIT_BENCHMARK" in os.environ:
        measure(os.environ["COURSEKIT_BENCHMARK"], arguments.turns)
    else:
        table(arguments.names, arguments.turns)


def measure(name, turns):
    """Measure one case in this process and print the result as a line of JSON."""
    from benchmarks.cases import CASES
    from benchmarks.measure import blas_kernel, medians

    functions = {label: function for label, function in CASES[name].build().items() if function is not None}
    print(
        json.dumps({"kernel": blas_kernel(), **dict(zip(functions, medians(functions.values(), turns), strict=True))})
    )


def table(names, turns):
    """Measure every case under every BLAS kernel, each in a process of its own, and print what comes back."""
    from benchmarks.cases import CASES
    from benchmarks.measure import environment

    chosen = [case for case in CASES.values() if not names or any(name in case.name for name in names)]
    print(environment())
    if chosen:
        ratios(chosen, turns)
    if not names or any(name in "scalar engine" for name in names):
        scalar_engine()
    if not names or any(name in "grading" for name in names):
        # In a small process: what one that has loaded PyTorch starts would count as large as it.
        subprocess.run([sys.executable, "-m", "benchmarks.grading"], check=True)
    if not names or any(name in "pages" for name in names):
        print(flush=True)
        subprocess.run([sys.executable, "-m", "benchmarks.pages"], check=False)  # says itself what it lacks


def ratios(chosen, turns):
    """Print the table of ratios."""
    print("CPU time as a multiple of PyTorch's; one thread each, taking turns, medians, float32, batches of 128.")
    print(
        "Operations: forward and all gradients. Steps: forward, backward, SGD. By hand: kernels without the engine.\n"
    )
    print(f"{'':<26}{'BLAS kernel':<13}{'PyTorch':>11}{'here':>8}{'by hand':>9}{'autograd':>10}{'aim':>7}")
    for case in chosen:
        for core in {os.environ.get("OPENBLAS_CORETYPE"): 0, None: 0}:
            times = in_a_process(case.name, core, turns)
            kernel, theirs = times.pop("kernel"), times.pop("PyTorch")
            ratios = {label: f"{seconds / theirs:.2f}" for label, seconds in times.items()}
            here, by_hand, autograd = (ratios.get(label, "") for label in ("here", "by hand", "autograd"))
            row = f"{case.name:<26}{kernel:<13}{theirs * 1e3:>8.3f} ms"
            print(f"{row}{here:>8}{by_hand:>9}{autograd:>10}{case.aim:>7.2f}", flush=True)


def in_a_process(name, core, turns):
    """Let a fresh process measure a case, for the BLAS kernel `core` or, if that is None, the one OpenBLAS chooses."""
    environ = {**os.environ, **SETTINGS, "COURSEKIT_BENCHMARK": name}
    if core is None:
        environ.pop("OPENBLAS_CORETYPE", None)
    command = [sys.executable, "-m", "benchmarks", "--turns", str(turns)]
    process = subprocess.run(command, env=environ, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(process.stdout)


def scalar_engine():
    """Measure the engine of single numbers beside micrograd's."""
    from benchmarks import scalar

    try:
        mine, theirs = scalar.times()
    except RuntimeError as error:
        print(f"\nscalar engine: not measured; {error}")
    else:
        print(f"\n{'':<39}{'micrograd':>11}{'here':>8}{'':>19}{'aim':>7}")
        print(f"{'scalar engine, 2-16-16-1':<39}{theirs * 1e3:>8.0f} ms{mine / theirs:>8.2f}{'':>19}{0.1:>7.2f}")


if __name__ == "__main__":
    main()
