"""A browser for the tests of the site: which one, and what one of its pages did."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest

from tools.browser import CHROMIUM

WIDE = {"width": 1280, "height": 900}
needs_a_browser = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on this machine (Debian, Ubuntu: apt install chromium)"
)


@dataclass
class Visit:
    """What one page did when it was opened."""

    page: object
    errors: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)

    def settle(self, idle):
        """Wait until everything is loaded and all formulas are set; with `idle` also until half a second is quiet."""
        self.page.wait_for_load_state("load")
        self.page.evaluate("async () => { if (window.MathJax?.startup) await MathJax.startup.promise }")
        self.page.evaluate("async () => { await document.fonts.ready }")
        if idle:
            self.page.wait_for_load_state("networkidle")


def note_host(visit, url, own_host):
    parts = urlsplit(url)
    if parts.scheme not in ("file", "data", "blob", "about") and parts.netloc != own_host:
        visit.elsewhere.append(url)
