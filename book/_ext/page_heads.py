"""What a page says of itself where it is linked to: a description, and a card that all pages share.

Also tables without a word in their heading: the corner above the names of rows, and a whole row of empty ones.
"""

import re
from pathlib import Path

import matplotlib.pyplot as plt
from docutils import nodes
from sphinx.application import Sphinx

PROMISE = "After this chapter you can"
LONGEST = 200  # characters of a description; what is longer is cut off by those who show it
CARD = "_static/card.png"
CARD_ALT = "Neural networks, from a linear classifier to a convolutional network. A course in NumPy and PyTorch."


def setup(app: Sphinx) -> dict:
    """Sphinx calls this."""
    app.connect("doctree-read", mend_table_headings)
    app.connect("html-page-context", describe)
    app.connect("build-finished", draw_card)
    app.add_node(nodes.entry, override=True, html=(visit_entry, depart_entry))
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def description(doctree: nodes.document) -> str:
    """What a page is about: what a chapter promises, otherwise its first paragraph of some length."""
    paragraphs = [p for p in doctree.findall(nodes.paragraph) if "chapter-facts" not in p["classes"]]
    for paragraph in paragraphs:
        text = _plain(paragraph)
        if text == PROMISE and (promised := paragraph.next_node(nodes.bullet_list, siblings=True)):
            return shortened(f"{text} {' '.join(_plain(item) for item in promised)}")
        if len(text.split()) >= 8 and not isinstance(paragraph.parent, nodes.list_item):
            return shortened(text)
    return ""


def shortened(text: str) -> str:
    """At most `LONGEST` characters, in whole words.

    Examples
    --------
    >>> shortened("one two")
    'one two'
    >>> len(shortened("word " * 100)) <= LONGEST
    True
    """
    if len(text) <= LONGEST:
        return text
    return re.sub(r"[\s,;:.]*\S*$", "", text[:LONGEST]) + "…"


def _plain(node):
    return " ".join(node.astext().split())


def describe(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: nodes.document | None) -> None:
    """Give the page's template its description and the address of the card."""
    if doctree is None:
        return
    # Docutils writes a role that is no longer one, and that a list would not take.
    context["body"] = context["body"].replace('role="doc-biblioentry"', 'role="listitem"')
    context["description"] = description(doctree)
    context["card"] = (app.config.html_baseurl or context["pathto"]("", 1).rstrip("#")) + CARD
    context["card_alt"] = CARD_ALT


def draw_card(app: Sphinx, exception: Exception | None) -> None:
    """Draw the card: the name of the book and its sign, 1200 × 630 pixels."""
    target = Path(app.outdir) / CARD
    if exception or app.builder.format != "html" or target.is_file():
        return
    figure = plt.figure(figsize=(12, 6.3), facecolor="#0b6e99")
    ax = figure.add_axes((0, 0, 1, 1), xlim=(0, 1200), ylim=(630, 0))
    ax.set_axis_off()
    left, right = [(180, y) for y in (175, 315, 455)], (420, 315)
    for x, y in left:
        ax.plot([x, right[0]], [y, right[1]], color="white", linewidth=8, zorder=1)
    ax.scatter(*zip(*left, strict=True), s=6400, color="white", zorder=2)
    ax.scatter(*right, s=10000, color="#f6c85f", zorder=2)
    name, _, rest = CARD_ALT.partition(", ")
    ax.text(530, 255, name, color="white", fontsize=46, fontweight="bold", va="center")
    lines = rest.replace(" to a", "\nto a").replace(". ", "\n\n").rstrip(".")
    ax.text(530, 400, lines, color="white", fontsize=25, va="center", linespacing=1.3)
    figure.savefig(target, dpi=100)
    plt.close(figure)


def mend_table_headings(app: Sphinx, doctree: nodes.document) -> None:
    """Take out rows of headings that say nothing."""
    for head in list(doctree.findall(nodes.thead)):
        if not _plain(head):
            head.parent.remove(head)


def visit_entry(self, node: nodes.entry) -> None:
    """A cell of a table; one above the names of rows that says nothing is no heading."""
    if isinstance(node.parent.parent, nodes.thead) and not _plain(node):
        self.body.append(self.starttag(node, "td", ""))
        self.context.append("</td>\n")
        node.parent.column += 1
        return
    type(self).visit_entry(self, node)


def depart_entry(self, node: nodes.entry) -> None:
    """The end of a cell."""
    type(self).depart_entry(self, node)
