"""Measure, and print one table of ratios to PyTorch: below 1, NumPy is faster.

How it is measured: both sides with one thread, taking turns in one process, CPU time, median of many turns. With the
C library's usual settings PyTorch sometimes spends half its time on page faults, so memory is kept by the process on
both sides (`MALLOC_*` below). The settings must be there before the libraries load: the script starts itself again.

    python -m benchmarks [--turns 40] [name ...]
"""

import argparse
import os
import sys

SETTINGS = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "MALLOC_MMAP_THRESHOLD_": "1000000000",
    "MALLOC_TRIM_THRESHOLD_": "4000000000",
}


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Ratios of coursekit.scratch to PyTorch.")
    parser.add_argument("names", nargs="*", help="only the measurements whose name contains one of these")
    parser.add_argument("--turns", type=int, default=40, help="measured turns of each side (default: %(default)s)")
    arguments = parser.parse_args()
    if any(os.environ.get(name) != value for name, value in SETTINGS.items()):
        os.environ.update(SETTINGS)
        os.execv(sys.executable, [sys.executable, "-m", "benchmarks", *sys.argv[1:]])

    from benchmarks.cases import CASES
    from benchmarks.measure import environment, ratio

    chosen = [case for case in CASES if not arguments.names or any(name in case.name for name in arguments.names)]
    print(environment())
    print(f"{'':<44}{'NumPy':>10}{'PyTorch':>10}{'ratio':>8}{'aim':>7}")
    for case in chosen:
        scratch, torch = case.build()
        mine, theirs = ratio(scratch, torch, arguments.turns)
        aim = f"{case.aim:.2f}" if case.aim else ""
        print(f"{case.name:<44}{mine * 1e3:>7.3f} ms{theirs * 1e3:>7.3f} ms{mine / theirs:>8.2f}{aim:>7}", flush=True)


if __name__ == "__main__":
    main()
