"""Links between the package and the book, both ways, out of one sentence in a docstring.

"Taught in the chapter on upsampling." in the docstring of a function, of its class or of its module becomes a link in
the reference of the package, and the chapter gets the function's name at its end.
"""

import json
import re
import sys
from pathlib import Path

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

PROMISE = re.compile(r"Taught in the chapters? on\b(?:[^.;:()]|\([^()]*\))*")


def setup(app: Sphinx) -> dict:
    """Sphinx calls this."""
    app.connect("builder-inited", find_chapters)
    app.connect("env-purge-doc", forget)
    app.connect("autodoc-process-docstring", link_to_chapters)
    app.connect("doctree-read", list_in_chapters, priority=900)
    app.connect("env-before-read-docs", reference_first)
    return {"version": "1", "parallel_read_safe": False, "parallel_write_safe": True}


def titles(folder: Path) -> dict[str, str]:
    """The chapters below a folder: title in lower case, as docstrings name it, to document, without suffix.

    Parameters
    ----------
    folder : Path
        With notebooks, at any depth.
    """
    found = {}
    for path in sorted(folder.rglob("*.ipynb")):
        if any(part.startswith((".", "_")) for part in path.relative_to(folder).parts):
            continue
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        headings = (re.match(r"# (.+)", "".join(cell["source"])) for cell in cells if cell["cell_type"] == "markdown")
        title = next(filter(None, headings), None)
        if title:
            found[title[1].strip().lower()] = path.relative_to(folder).with_suffix("").as_posix()
    return found


def chapters_named(docstring: str, chapters: dict[str, str]) -> tuple[str, list[str]]:
    """The sentence that says where something is taught, on one line, and the titles of the chapters it names.

    Returns
    -------
    sentence : str
        Without its end; "" if there is none.
    named : list of str
        Longest first, so that "convolution layers" is not taken for "convolution".
    """
    promise = PROMISE.search(re.sub(r"\s+", " ", docstring or ""))
    if promise is None:
        return "", []
    sentence, rest, named = promise[0], promise[0], []
    for title in sorted(chapters, key=len, reverse=True):
        rest, found = re.subn(_named(title), "", rest)
        if found:
            named.append(title)
    return sentence, named


def _named(title):
    """The title as a whole: "on convolution," and not the beginning of "on convolution layers"."""
    return rf"(?<=\bon ){re.escape(title)}(?=$|,| and\b| \()"


def find_chapters(app: Sphinx) -> None:
    """Find out once what the chapters are called."""
    app.env.chapters = titles(Path(app.srcdir) / "book")
    if not hasattr(app.env, "taught"):
        app.env.taught = {}  # (chapter, name of what it teaches): page of the reference that says so


def forget(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Before a page of the reference is read again, drop what it said."""
    env.taught = {key: place for key, place in env.taught.items() if place != docname}


def reference_first(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Read the reference before the chapters: these list what it has found."""
    docnames.sort(key=lambda name: "/api/" not in name)


def link_to_chapters(app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]) -> None:
    """Turn the names of chapters into links; take the sentence of the module where an object has none of its own."""
    env, text = app.env, "\n".join(lines)
    sentence, named = chapters_named(text, env.chapters)
    if not named and what in ("class", "function"):
        module = sys.modules.get(getattr(obj, "__module__", None))
        sentence, named = chapters_named(getattr(module, "__doc__", ""), env.chapters)
        if named:
            text = f"{text.rstrip()}\n\n{sentence}."
    if not named:
        return
    linked = sentence
    for position, title in enumerate(named):
        linked = re.sub(_named(title), f"\0{position}\0", linked)
    for position, title in enumerate(named):
        linked = linked.replace(f"\0{position}\0", f":doc:`{title} </book/{env.chapters[title]}>`")
    lines[:] = re.sub(r"\s+".join(map(re.escape, sentence.split())), lambda _: linked, text).split("\n")
    if what in ("class", "function"):
        for title in named:
            env.taught[f"book/{env.chapters[title]}", name] = env.docname


def list_in_chapters(app: Sphinx, doctree: nodes.document) -> None:
    """Put the names of what a chapter teaches at its end, each a link to its place in the reference."""
    env = app.env
    taught = sorted(name for chapter, name in env.taught if chapter == env.docname)
    if not taught or not doctree.children or not isinstance(doctree[-1], nodes.section):
        return
    section = nodes.section(ids=["in-the-package"], names=["in the package"])
    section += nodes.title("", "In the package")
    paragraph = nodes.paragraph("", "What this chapter builds or uses, in the reference: ")
    for position, name in enumerate(taught):
        shown = name.removeprefix("coursekit.")
        target = pending_xref("", refdomain="py", reftype="obj", reftarget=name, refexplicit=True, refdoc=env.docname)
        target += nodes.literal("", shown, classes=["xref", "py"])
        paragraph += [nodes.Text(", ") if position else nodes.Text(""), target]
    paragraph += nodes.Text(".")
    section += paragraph
    # As the last section of the chapter: under its title, not beside it.
    top = doctree.next_node(nodes.section)
    top += section
