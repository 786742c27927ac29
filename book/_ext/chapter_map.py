"""``{chapter-map}``: which chapter builds on which, as a small picture whose circles are links.

The body lists for each chapter the ones it needs, by number::

    ```{chapter-map}
    6: 5
    12: 8, 11
    ```
"""

import html

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import clean_astext

STEP, ROW, RADIUS, MARGIN = 50, 54, 16, 24  # in pixels


class ChapterMap(SphinxDirective):
    """Reads what the chapters need; the picture is drawn when all titles are known."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        needed = {}
        for line in filter(None, map(str.strip, self.content)):
            try:
                chapter, _, others = line.partition(":")
                needed[int(chapter)] = sorted(map(int, others.split(",")))
            except ValueError:
                raise self.error(f"{line!r}: expected a chapter and those it builds on, as 12: 8, 11") from None
            if not all(0 < other < int(chapter) for other in needed[int(chapter)]):
                raise self.error(f"{line!r}: a chapter builds on earlier ones")
        return [chapter_map(needed=needed)]


class chapter_map(nodes.General, nodes.Element):
    """Stands where the picture will be."""


def setup(app: Sphinx) -> dict:
    """Sphinx calls this."""
    app.add_node(chapter_map)
    app.add_directive("chapter-map", ChapterMap)
    app.connect("doctree-resolved", draw)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def depths(needed: dict[int, list[int]], chapters: int) -> list[int]:
    """How many chapters have to come before each, counted along the longest way to it.

    Examples
    --------
    >>> depths({2: [1], 3: [1], 4: [2, 3]}, 4)
    [0, 1, 1, 2]
    """
    found = []
    for chapter in range(1, chapters + 1):
        found.append(max((found[other - 1] + 1 for other in needed.get(chapter, [])), default=0))
    return found


def draw(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put the picture in the place of its directive."""
    for place in list(doctree.findall(chapter_map)):
        pages = [name for name in app.env.toctree_includes[app.config.root_doc] if is_chapter(name)]
        named = {number for chapter, others in place["needed"].items() for number in (chapter, *others)}
        if unknown := named - set(range(1, len(pages) + 1)):
            words = "the map names chapters %s; there are %d"
            logging.getLogger(__name__).warning(words, sorted(unknown), len(pages), location=docname)
            place.replace_self([])
            continue
        chapters = [
            (clean_astext(app.env.titles[name]), app.builder.get_relative_uri(docname, name), name.split("/")[1])
            for name in pages
        ]
        place.replace_self(nodes.raw("", picture(chapters, place["needed"]), format="html"))


def is_chapter(name: str) -> bool:
    """Whether a page is a numbered chapter, not an exercise or a page of the reference."""
    return name.startswith("book/") and not name.startswith("book/reference/")


def picture(chapters: list[tuple[str, str, str]], needed: dict[int, list[int]]) -> str:
    """The map as SVG: to the right what comes later, one row a part, or two where a part has chapters side by side.

    Parameters
    ----------
    chapters : list of (title, address, part)
        In the order of the book.
    needed : dict
        As the directive lists it.
    """
    columns = depths(needed, len(chapters))
    rows, taken, parts = [], set(), []
    for column, (_, _, part) in zip(columns, chapters, strict=True):
        if part not in parts:
            parts.append(part)
            start = max((row for row, _ in taken), default=-1) + 1
        row = start
        while (row, column) in taken:
            row += 1
        taken.add((row, column))
        rows.append(row)
    x = [MARGIN + STEP * column for column in columns]
    y = [MARGIN + ROW * row for row in rows]
    width, height = max(x) + MARGIN, max(y) + MARGIN
    lines, circles = [], []
    for chapter, others in sorted(needed.items()):
        for other in others:
            (x1, y1), (x2, y2) = ((x[n - 1], y[n - 1]) for n in (other, chapter))
            bend = (x1 + x2) / 2
            lines.append(f'<path d="M{x1 + RADIUS} {y1} C{bend} {y1} {bend} {y2} {x2 - RADIUS - 3} {y2}"/>')
    for number, (title, address, part) in enumerate(chapters, start=1):
        builds = " and ".join(map(str, needed.get(number, []))) or "no other"
        words = html.escape(f"Chapter {number}, {title}; builds on {builds}")
        circles.append(
            f'<a href="{html.escape(address)}" aria-label="{words}"><title>{words}</title>'
            f'<circle cx="{x[number - 1]}" cy="{y[number - 1]}" r="{RADIUS}" class="part-{parts.index(part) + 1}"/>'
            f'<text x="{x[number - 1]}" y="{y[number - 1]}" dy=".35em">{number}</text></a>'
        )
    return (
        f'<nav class="chapter-map" aria-label="Which chapter builds on which">'
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        '<defs><marker id="builds-on" viewBox="0 0 6 6" refX="4" refY="3" markerWidth="6" markerHeight="6" '
        f'orient="auto"><path d="M0 0 6 3 0 6z"/></marker></defs>'
        f'<g class="chapter-map-lines" aria-hidden="true">{"".join(lines)}</g>{"".join(circles)}</svg></nav>'
    )
