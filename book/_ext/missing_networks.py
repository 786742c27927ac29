"""A chapter whose network could not be had says so, and is not executed; the rest of the book is built.

The networks are those of `coursekit.nets.pretrained`, which come from a package index when the course is set up.
"""

import json
import re
from functools import cache
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util import logging

from coursekit import nets

NEEDS = re.compile(r'nets\.pretrained\(\s*\\?"([\w-]+)\\?"')
SAYS = """\
:::{{warning}}
This chapter uses {names}, and the weights are not on the machine on which the book was made. So it was not executed:
there are no outputs below, and no pictures. To get them, run `python -m coursekit.nets.download` where pip reaches a
package index, and `make book` again.
:::
"""


def setup(app: Sphinx) -> dict:
    """Sphinx calls this."""
    app.connect("config-inited", leave_out)
    app.connect("source-read", say_so)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


@cache
def is_missing(name: str) -> bool:
    """Whether a network cannot be had here."""
    try:
        nets.pretrained(name)
    except nets.WeightsError:
        return True
    return False


def missing(notebook: str) -> list[str]:
    """Which of the networks that a notebook uses are not here.

    Parameters
    ----------
    notebook : str
        Its JSON.
    """
    return [name for name in dict.fromkeys(NEEDS.findall(notebook)) if is_missing(name)]


def leave_out(app: Sphinx, config: Config) -> None:
    """Execute none of the chapters that need what is missing."""
    for path in sorted(Path(app.srcdir, "book").glob("*/*.ipynb")):
        if names := missing(path.read_text(encoding="utf-8")):
            page = path.relative_to(app.srcdir).as_posix()
            logging.getLogger(__name__).info("%s is not executed: %s missing", page, ", ".join(names))
            config.nb_execution_excludepatterns = [*config.nb_execution_excludepatterns, page]


def say_so(app: Sphinx, docname: str, source: list[str]) -> None:
    """Put a warning below the title of such a chapter."""
    if docname.startswith("book/") and (names := missing(source[0])):
        notebook = json.loads(source[0])
        text = SAYS.format(names=" and ".join(f"`{name}`" for name in names))
        warning = {"cell_type": "markdown", "id": "missing-networks", "metadata": {}, "source": text}
        notebook["cells"].insert(1, warning)
        source[0] = json.dumps(notebook)
