"""The scalar engine beside micrograd: a small network on a hundred points, forward and backward.

    python -m benchmarks.scalar            both times and their ratio; needs `pip install micrograd`

Such an engine spends most of its time in Python's garbage collector, which looks at every object there is. So each side
runs in a process of its own, with the collector on and without PyTorch, as a reader's notebook would.
"""

import importlib
import itertools
import random
import statistics
import subprocess
import sys
import time

ENGINES = "coursekit.scratch.scalar", "micrograd.engine"
POINTS, LAYERS = 100, [2, 16, 16, 1]


def network(Value):
    """Parameters of an MLP with ReLUs, and a function that applies it to a list of Values."""
    layers = [
        [([Value(random.uniform(-1, 1)) for _ in range(n_in)], Value(0.0)) for _ in range(n_out)]
        for n_in, n_out in itertools.pairwise(LAYERS)
    ]

    def forward(x):
        for layer in layers:
            x = [sum((w * v for w, v in zip(weights, x, strict=True)), bias) for weights, bias in layer]
            x = [v.relu() for v in x] if layer is not layers[-1] else x
        return x[0]

    return [p for layer in layers for weights, bias in layer for p in (*weights, bias)], forward


def seconds(Value, turns):
    """Return the median CPU seconds of forward and backward pass, and the loss and sum of gradients as a check."""
    random.seed(0)
    parameters, forward = network(Value)
    points = [([random.uniform(-1, 1), random.uniform(-1, 1)], random.choice([-1, 1])) for _ in range(POINTS)]
    times = []
    for _ in range(turns):
        for p in parameters:
            p.grad = 0.0
        started = time.process_time()
        losses = [(1 - sign * forward([Value(v) for v in x])).relu() for x, sign in points]
        loss = sum(losses) * (1 / POINTS) + 1e-4 * sum(p * p for p in parameters)
        loss.backward()
        times.append(time.process_time() - started)
    return statistics.median(times), loss.data, sum(p.grad for p in parameters)


def times(turns=15):
    """Measure both engines, each in a fresh process.

    Returns
    -------
    (float, float)
        CPU seconds of one forward and backward pass: `coursekit.scratch.scalar`, micrograd.

    Raises
    ------
    RuntimeError
        If micrograd is not installed, or the engines disagree.
    """
    results = []
    for engine in ENGINES:
        command = [sys.executable, "-m", "benchmarks.scalar", engine, str(turns)]
        process = subprocess.run(command, capture_output=True, text=True, check=False)
        if process.returncode:
            raise RuntimeError(process.stderr.strip().splitlines()[-1])
        results.append([float(word) for word in process.stdout.split()])
    (mine, *check), (theirs, *other_check) = results
    if any(abs(a - b) > 1e-9 for a, b in zip(check, other_check, strict=True)):
        raise RuntimeError(f"loss and gradients are {check} here and {other_check} in micrograd")
    return mine, theirs


def main():
    if len(sys.argv) > 1:
        try:  # both on either side: what else is in memory matters to the collector
            modules = {name: importlib.import_module(name) for name in ENGINES}
        except ModuleNotFoundError as error:
            sys.exit(f"{error.name} is not installed: pip install micrograd, or put it on PYTHONPATH")
        print(*seconds(modules[sys.argv[1]].Value, int(sys.argv[2])))
    else:
        mine, theirs = times()
        print(f"scalar engine {mine * 1e3:.1f} ms, micrograd {theirs * 1e3:.1f} ms, ratio {mine / theirs:.3f}")


if __name__ == "__main__":
    main()
