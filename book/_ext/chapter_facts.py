"""What each chapter takes: a line under its title, and a page on the last execution of all of them."""

import json
import platform
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from docutils import nodes
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import clean_astext

import coursekit
import executed

WORDS_A_MINUTE = 200  # of a text one learns from; novels are read faster
WORDS_A_LINE = 8  # a line of code counts as so many: it is read slowly
VERSIONS = ("numpy", "torch", "torchvision", "matplotlib", "scikit-image", "timm", "jupyter-book")


class ExecutionReport(SphinxDirective):
    """``{execution-report}``: a table of the chapters, filled when all of them have been read."""

    def run(self) -> list[nodes.Node]:
        for path in golden(self.env).glob("*.json"):
            self.env.note_dependency(str(path))  # a new record is reason enough to write the page anew
        return [execution_report()]


class execution_report(nodes.General, nodes.Element):
    """Stands where the table will be."""


def golden(env) -> Path:
    """Where ``tools/numbers record`` keeps what the chapters have printed."""
    return Path(env.srcdir, "tests", "golden")


def setup(app: Sphinx) -> dict:
    """Sphinx calls this."""
    app.add_node(execution_report)
    app.add_directive("execution-report", ExecutionReport)
    app.connect("doctree-read", count_words)
    app.connect("env-updated", pages_with_reports)
    app.connect("doctree-resolved", say_what_it_takes)
    app.connect("doctree-resolved", fill_report)
    return {"version": "1", "parallel_read_safe": False, "parallel_write_safe": True}


def minutes_to_read(doctree: nodes.document) -> int:
    """Estimate how long a page takes a reader, in minutes, to the next five.

    Parameters
    ----------
    doctree : docutils.nodes.document
        Prose counts by its words, code by its lines, outputs not at all.
    """
    words = sum(len(paragraph.astext().split()) for paragraph in doctree.findall(nodes.paragraph))
    code = (block for block in doctree.findall(nodes.literal_block) if "output" not in _classes_around(block))
    words += WORDS_A_LINE * sum(len(block.astext().splitlines()) for block in code)
    return max(5, 5 * round(words / WORDS_A_MINUTE / 5))


def _classes_around(node):
    found = set()
    while node is not None:
        found |= {part for name in getattr(node, "attributes", {}).get("classes", ()) for part in name.split("_")}
        node = node.parent
    return found


def count_words(app: Sphinx, doctree: nodes.document) -> None:
    """Keep what a page takes to read, for its own line and the report."""
    if not hasattr(app.env, "minutes_to_read"):
        app.env.minutes_to_read = {}
    app.env.minutes_to_read[app.env.docname] = minutes_to_read(doctree)


def executions(env) -> dict[str, dict]:
    """What is known of each chapter's last execution, in the order of the book: seconds, when, whether it passed."""
    known = {name: data.get("exec_data") for name, data in NbMetadataCollector.get_doc_data(env).items()}
    known = {name: data for name, data in known.items() if data and data["runtime"] is not None}
    order = [name for name in env.toctree_includes.get(env.config.root_doc, []) if name in known]
    return {name: known[name] for name in dict.fromkeys(order + sorted(known))}


def pages_with_reports(app: Sphinx, env) -> list[str]:
    """The report is written anew whenever a chapter was executed."""
    if not NbMetadataCollector.new_exec_data(env):
        return []
    return [name for name in env.found_docs if any(env.get_doctree(name).findall(execution_report))]


def say_what_it_takes(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Under the title of a chapter: minutes to read, seconds to run."""
    known = executions(app.env).get(docname)
    title = doctree.next_node(nodes.title)
    if known is None or title is None:
        return
    minutes, seconds = app.env.minutes_to_read[docname], max(5, 5 * round(known["runtime"] / 5))
    words = f"About {minutes} minutes to read, {seconds} seconds to run."
    section = title.parent
    section.insert(section.index(title) + 1, nodes.paragraph("", words, classes=["chapter-facts"]))


def fill_report(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put the table in the place of its directive."""
    for place in list(doctree.findall(execution_report)):
        place.replace_self([nodes.paragraph("", _conditions()), _table(app, docname)])


def _conditions():
    """With what the chapters were executed, in one sentence."""
    found = []
    for name in VERSIONS:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    package = executed.package_hash(Path(coursekit.__file__).parent)
    return (
        f"Python {platform.python_version()} on {platform.system()} ({platform.machine()}), device "
        f"“{coursekit.device()}”, with {', '.join(found)}; coursekit {coursekit.__version__}, state {package}."
    )


def _table(app, docname):
    header = ("Chapter", "Read, min", "Run, s", "Kept since (UTC)", "Passed", "Numbers", "Vary")
    table = nodes.table(classes=["colwidths-auto"])
    group = nodes.tgroup(cols=len(header))
    table += group
    group += [nodes.colspec(colwidth=1) for _ in header]
    head, body = nodes.thead(), nodes.tbody()
    group += [head, body]
    head += _row(header)
    rows = executions(app.env)
    for name, data in rows.items():
        link = nodes.reference("", "", internal=True, refuri=app.builder.get_relative_uri(docname, name))
        link += nodes.Text(clean_astext(app.env.titles[name]))
        when = datetime.fromtimestamp(data["mtime"]).strftime(
            "%Y\N{NON-BREAKING HYPHEN}%m\N{NON-BREAKING HYPHEN}%d\N{NO-BREAK SPACE}%H:%M"
        )  # the cache keeps UTC as if it were local
        passed = "yes" if data["succeeded"] else "no"
        numbers, vary = recorded(golden(app.env) / f"{Path(name).name}.json")
        minutes = app.env.minutes_to_read[name]
        body += _row([link, minutes, f"{data['runtime']:.0f}", when, passed, numbers, vary])
    totals = sum(app.env.minutes_to_read[name] for name in rows), sum(data["runtime"] for data in rows.values())
    body += _row(["All", totals[0], f"{totals[1]:.0f}", "", "", "", ""])
    return table


def recorded(path: Path) -> tuple[int | str, int | str]:
    """How many numbers a chapter prints, and how many of them have been seen to differ between executions.

    Parameters
    ----------
    path : Path
        What ``tools/numbers record`` has written of it. A number that differs is there as a range.
    """
    if not path.is_file():
        return "", ""
    numbers = [number for cell in json.loads(path.read_text(encoding="utf-8"))["cells"].values() for number in cell]
    return len(numbers), sum(isinstance(number, list) for number in numbers)


def _row(cells):
    row = nodes.row()
    for cell in cells:
        paragraph = nodes.paragraph()
        paragraph += cell if isinstance(cell, nodes.Node) else nodes.Text(str(cell))
        row += nodes.entry("", paragraph)
    return row
