"""Buttons that open a page's notebook on Colab or Binder, its source, and a new issue.

They need to know where the repository is published. The workflow that publishes the book says so, in
``COURSEKIT_REPOSITORY`` (``https://github.com/owner/name``); without it a page has only the button that downloads.

Colab opens notebooks of the branch ``colab``, which have one more cell at their beginning: see ``tools/colab``.
"""

import os
import re

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ConfigError

BRANCH, COLAB_BRANCH = "main", "colab"
SERVICES = {"colab_url": "https://colab.research.google.com", "binderhub_url": "https://mybinder.org"}


def setup(app: Sphinx) -> dict:
    """Sphinx calls this."""
    app.connect("config-inited", add_repository)
    app.connect("html-page-context", use_colab_branch, priority=900)  # the theme makes the buttons at 501
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def add_repository(app: Sphinx, config: Config) -> None:
    """Tell the theme where the repository is."""
    repository = os.environ.get("COURSEKIT_REPOSITORY", "").rstrip("/")
    if not repository:
        return
    if not re.fullmatch(r"https://github\.com/[\w.-]+/[\w.-]+", repository):
        raise ConfigError(f"COURSEKIT_REPOSITORY={repository!r}; expected https://github.com/owner/name")
    config.html_theme_options |= {
        "repository_url": repository,
        "repository_branch": BRANCH,
        "path_to_docs": "",
        "use_edit_page_button": True,
        "use_issues_button": True,
        "launch_buttons": {**SERVICES, "notebook_interface": "jupyterlab"},
    }


def use_colab_branch(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """Let Colab's button lead to the notebook that installs the course first."""
    for button in _buttons(context.get("header_buttons", [])):
        if button.get("url", "").startswith(SERVICES["colab_url"]):
            button["url"] = button["url"].replace(f"/blob/{BRANCH}/", f"/blob/{COLAB_BRANCH}/")


def _buttons(entries):
    for entry in entries:
        yield entry
        yield from _buttons(entry.get("buttons", []))
