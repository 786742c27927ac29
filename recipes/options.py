"""What the recipes that keep a trained network have in common on the command line."""

import argparse
from pathlib import Path


def parser_for(description):
    """Return a parser with ``--out``, described by the first line of a recipe's docstring."""
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument(
        "--out", type=Path, default=Path("coursekit/nets/weights"), help="folder (default: %(default)s)"
    )
    return parser
