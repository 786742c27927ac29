"""Speed of `coursekit.scratch`, as ratios to PyTorch. Run with ``python -m benchmarks``."""
