"""A progress bar for whoever is watching, and nothing for whoever reads the notebook later."""

import sys

from tqdm import tqdm


def progress_bar(total, done, wanted):
    """Return a tqdm bar over `total` steps, `done` of them already; disabled where it is not wanted or not seen."""
    # On stdout and gone at the end: a notebook's stored output must hold neither a bar nor anything on stderr.
    hidden = not (wanted and someone_is_watching())
    return tqdm(total=total, initial=done, disable=hidden, leave=False, file=sys.stdout, unit="step")


def someone_is_watching():
    """Whether this runs in a terminal, or in a notebook whose cells are being run by a person.

    A program that executes notebooks (the book's build, nbval) tells the kernel that nobody can answer `input()`.
    """
    if "IPython" in sys.modules:
        shell = sys.modules["IPython"].get_ipython()
        if hasattr(shell, "kernel"):
            return bool(getattr(shell.kernel, "_allow_stdin", False))
    return sys.stdout is not None and sys.stdout.isatty()
