"""Style, script and markup of the figures that a reader can move, as they go into a page."""

import re
from functools import cache
from importlib import resources

__all__ = ["asset"]


@cache
def asset(name):
    """A file of this package without its comments and indentation: a page pays for every byte.

    Parameters
    ----------
    name : str
        Of a style sheet, a script or a piece of HTML beside this module. Scripts have no comments that begin with
        two slashes, and end each statement with a semicolon.
    """
    text = resources.files("coursekit.viz").joinpath(name).read_text(encoding="utf-8")
    text = re.sub(r"/\*.*?\*/|<!--.*?-->", "", text, flags=re.DOTALL)
    return re.sub(r"\s*\n\s*", "\n", text).strip()
