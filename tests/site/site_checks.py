"""What the built site must be, as functions that return a list of complaints: empty means well.

They take parsed pages, so that each can be tried on a small page that is wrong (test_site_checks.py).
"""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup

ARTICLE = "article.bd-article"
# Attributes from which a browser loads something, or to which it sends something. `<a href>` is not among them.
LOADS = ("src", "srcset", "poster", "data", "action", "formaction", "background", "xlink:href")
NAMES_A_FILE = re.compile(r"^\S+\.(png|svg|jpe?g|gif|webp|pdf|ipynb)$", re.IGNORECASE)
SAYS_NOTHING = re.compile(
    r"^(image|figure|picture|plot|graph|chart|photo|diagram|no description.*|_images/.*)\.?$", re.I
)
OTHER_HOSTS = re.compile(
    r"(?:cdn\.|cdnjs\.|unpkg\.|esm\.sh|googleapis\.|gstatic\.|googletagmanager\.|google-analytics\.|bootstrapcdn\.|"
    r"fontawesome\.com|mybinder\.org|hypothes\.is|utteranc\.es|plausible\.io)"
)


@dataclass
class Page:
    """One HTML file of a site."""

    path: Path
    html: str

    @classmethod
    def read(cls, path):
        return cls(path, path.read_text(encoding="utf-8"))

    @cached_property
    def soup(self):
        return BeautifulSoup(self.html, "html.parser")

    @cached_property
    def anchors(self):
        named = {element["id"] for element in self.soup.find_all(id=True)}
        return named | {element["name"] for element in self.soup.find_all("a", attrs={"name": True})}

    @property
    def sends_on(self):
        """The address that this page sends every reader on to, if it does."""
        refresh = self.soup.find("meta", attrs={"http-equiv": re.compile("refresh", re.I)})
        return refresh["content"].partition("url=")[2] if refresh else None

    @property
    def articles(self):
        return self.soup.select(ARTICLE)


def read_site(root):
    """Every page of the site, by absolute path."""
    pages = [Page.read(path) for path in sorted(Path(root).resolve().rglob("*.html"))]
    return {page.path: page for page in pages if "_static" not in page.path.relative_to(Path(root).resolve()).parts}


def is_elsewhere(url):
    """Whether a browser that loads this URL asks another host."""
    parts = urlsplit(url.strip())
    return bool(parts.netloc) or parts.scheme in ("http", "https", "ftp", "ws", "wss")


def broken_links(pages, root):
    """Links inside the site to a file or an anchor that is not there."""
    root = Path(root).resolve()
    for page in pages.values():
        targets = [
            (element, element[name]) for name in ("href", "src") for element in page.soup.find_all(**{name: True})
        ]
        if page.sends_on:
            targets.append((page.soup.find("meta"), page.sends_on))
        for element, url in targets:
            parts = urlsplit(url.strip())
            if is_elsewhere(url) or parts.scheme in ("data", "mailto", "javascript"):
                continue
            where = f"{page.path.relative_to(root)}: <{element.name}> {url}"
            if parts.path.startswith("/"):
                yield f"{where}: starts at the root of the host, so the site cannot lie in a folder"
                continue
            target = (page.path.parent / unquote(parts.path)).resolve() if parts.path else page.path
            checked = bool(parts.fragment) and target in pages and element.name == "a"
            if not target.is_file():
                yield f"{where}: no such file"
            elif checked and unquote(parts.fragment) not in pages[target].anchors:
                yield f"{where}: no such anchor"


def poor_alternative_texts(page):
    """Images in the article without words for those who cannot see them."""
    for article in page.articles:
        for image in article.find_all("img"):
            text = " ".join(image.get("alt", "").split())
            name = image.get("src", "")[:60]
            if not text:
                yield f"{name}: no alt text"
            elif NAMES_A_FILE.match(text) or SAYS_NOTHING.match(text):
                yield f"{name}: alt text {text!r} does not say what the image shows"


def uncaptioned_figures(page):
    """Figures without a caption, and pictures drawn by a cell that are not in a figure."""
    for article in page.articles:
        for figure in article.find_all("figure"):
            caption = figure.find("figcaption")
            if caption is None or not caption.get_text(strip=True).strip("#"):
                yield f"figure {figure.get('id', '')!r} has no caption"
        for image in article.select(".cell_output img"):
            if image.find_parent("figure") is None:
                yield f"the picture {image.get('alt', '')[:60]!r} is not in a figure"


def loads_from_elsewhere(page):
    """Everything this page would load from another host, or a script that knows how to."""
    for element in page.soup.find_all(True):
        for name in LOADS:
            for url in str(element.get(name, "")).split(",") if name == "srcset" else [str(element.get(name, ""))]:
                if is_elsewhere(url):
                    yield f"<{element.name} {name}={url.strip()!r}>"
        loads = element.name in ("link", "use", "image", "base") and element.get("rel") != ["canonical"]
        if loads and is_elsewhere(str(element.get("href", ""))):
            yield f"<{element.name} href={element['href']!r}>"
        if element.name == "style":
            yield from style_loads_from_elsewhere(element.get_text())
        if element.get("style"):
            yield from style_loads_from_elsewhere(element["style"])
        if element.name == "script" and (found := OTHER_HOSTS.search(element.get_text())):
            yield f"a script mentions {found[0]}"


def style_loads_from_elsewhere(css):
    """url(...) and @import of another host."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    found = re.findall(r"url\(\s*['\"]?([^'\")]*)", css) + re.findall(r"@import\s+['\"]([^'\"]*)", css)
    return [f"a style loads {url}" for url in found if is_elsewhere(url)]


def poor_moving_figures(page):
    """`viz.explore` figures that are not what they should be before any script has run."""
    for number, figure in enumerate(page.soup.select(".explore"), 1):
        images = figure.find_all("img")
        if [image.has_attr("hidden") for image in images] != [False] + [True] * (len(images) - 1):
            yield f"moving figure {number}: without script, exactly the first of its frames must show"
        if figure.find_parent("figure") is None:
            yield f"moving figure {number} is not in a figure with a caption"
        for control in figure.find_all(["input", "select"]):
            label = control.find_parent("label")
            if label is None or not "".join(label.find_all(string=True, recursive=False)).strip():
                yield f"moving figure {number}: a control has no visible label"
    if page.soup.find("script", type=re.compile("widget-(state|view)")):
        yield "widget state in the page: a widget was built instead of frames"


def poor_live_figures(page):
    """Figures that compute in the browser which are not what they should be before any script has run."""
    for number, figure in enumerate(page.soup.select(".live"), 1):
        if figure.find_parent("figure") is None:
            yield f"live figure {number} is not in a figure with a caption"
        if not figure.select_one(".live-instead").get_text(strip=True):
            yield f"live figure {number}: without script, a sentence must say what is missing"
        if not figure.select_one(".live-body").has_attr("hidden"):
            yield f"live figure {number}: without script, its controls must be hidden"
        if not figure.get("aria-label", "").strip():
            yield f"live figure {number} has no name"
