"""What a chapter's notebook must be, as functions that return complaints: empty means well.

`nbval` executes every chapter, but passes in silence where there is nothing to compare: a checked cell without a stored
output, one that was never executed, one that should raise and does not. These functions close those holes, and hold
the house style of chapters. Each is tried on a small notebook that is wrong (test_notebook_checks.py).
"""

import re
import statistics
from pathlib import Path

CHECKED, KEPT, RAISES = "nbval-check-output", "keep_output", "raises-exception"
MAX_MEDIAN_LINES = 6
# Folders of somebody's machine. (A URL or a path inside the repository is neither.)
MACHINE_PATH = re.compile(
    r"(?<![\w.:/])(?:/(?:home|root|tmp|Users|private|mnt|srv|var/folders)/[\w.-]+|[A-Z]:\\\\?\w+)"
)
NAMES_A_FILE = re.compile(r"^\S+\.(png|svg|jpe?g|gif|webp|pdf|ipynb)$", re.IGNORECASE)
REPOSITORY = str(Path(__file__).resolve().parents[2])


def code_cells(notebook):
    """(number, cell) of every code cell; the number counts all cells from 1, as a reader would."""
    return [(number, cell) for number, cell in enumerate(notebook.cells, 1) if cell.cell_type == "code"]


def tags(cell):
    return set(cell.metadata.get("tags", []))


def wrong_kernel(notebook):
    """A kernel that other machines do not have."""
    name = notebook.metadata.get("kernelspec", {}).get("name")
    return [] if name == "python3" else [f"the kernel is {name!r}, other machines have 'python3'"]


def wrong_outputs(notebook):
    """Outputs that should be stripped, and checked cells in which nbval finds nothing to check."""
    for number, cell in code_cells(notebook):
        found = tags(cell) & {CHECKED, KEPT}
        if len(found) == 1:
            yield f"cell {number} has the tag {found.pop()} alone; a checked output needs {CHECKED} and {KEPT}"
        elif not found and cell.outputs:
            yield f"cell {number} has an output: nbstripout --keep-count"
        elif found and not cell.outputs:
            yield f"cell {number} is checked but has no stored output: nbval would pass whatever it prints"
        elif found and cell.execution_count is None:
            yield f"cell {number} is checked but has no execution count: nbval would not compare its output"
        elif found and not all(has_text(output) for output in cell.outputs):
            yield f"cell {number} is checked but its output is not text: nbval does not compare pictures"


def has_text(output):
    if output.output_type == "stream":
        return bool(output.text.strip())
    if output.output_type == "error":
        return True
    return set(output.data) == {"text/plain"} and bool(output.data["text/plain"].strip())


def repeated_ids(notebook):
    """Cells that share an id (or have none): tools that merge or grade notebooks confuse them."""
    ids = [cell.get("id") for cell in notebook.cells]
    return [
        f"cell {number}: the id {name!r} is used before or missing"
        for number, name in enumerate(ids, 1)
        if name is None or name in ids[: number - 1]
    ]


def long_cells(notebook):
    """Cells that do too much on the whole."""
    lengths = [len([line for line in cell.source.splitlines() if line.strip()]) for _, cell in code_cells(notebook)]
    median = statistics.median(lengths) if lengths else 0
    return (
        [f"half of the code cells have more than {MAX_MEDIAN_LINES} lines (median {median:g}): cut them up"]
        if median > MAX_MEDIAN_LINES
        else []
    )


def hidden_results(notebook):
    """A trailing semicolon: JupyterLab hides the value, nbval and the book do not all do so."""
    return [
        f"cell {number} ends in a semicolon"
        for number, cell in code_cells(notebook)
        if cell.source.rstrip().endswith(";")
    ]


def machine_paths(notebook):
    """Paths of the machine the notebook was written on."""
    for number, cell in enumerate(notebook.cells, 1):
        for text in [cell.source, *(text for output in cell.get("outputs", []) for text in texts(output))]:
            if REPOSITORY in text:
                yield f"cell {number}: a path of this machine, {REPOSITORY}"
            elif found := MACHINE_PATH.search(text):
                yield f"cell {number}: a path of somebody's machine, {found[0]}"


def texts(output):
    """Everything in an output that is text."""
    if output.output_type == "stream":
        return [output.text]
    if output.output_type == "error":
        return [output.evalue, *output.traceback]
    return [data for kind, data in output.data.items() if kind.startswith("text/") and isinstance(data, str)]


def imports_of_the_grader(notebook):
    """Chapters that use coursekit.grading: the execution cache of the book does not look at its code."""
    return [
        f"cell {number} uses coursekit.grading"
        for number, cell in code_cells(notebook)
        if re.search(r"coursekit(\.|\s+import\s+.*)grading", cell.source)
    ]


# What can only be known of an executed notebook.


def drawings(cell):
    """The outputs of a cell that are pictures: ("image", or "moving" for one that brings its own words; output)."""
    for output in cell.outputs:
        data = output.get("data", {})
        if re.search('class="(explore|live)[" ]', data.get("text/html", "")):
            yield "moving", output
        elif {"image/png", "image/svg+xml", "image/jpeg"} & set(data):
            yield "image", output


def undescribed_figures(executed):
    """Pictures without name, caption or words for those who cannot see them."""
    for number, cell in code_cells(executed):
        kinds = [kind for kind, _ in drawings(cell)]
        if not kinds:
            continue
        settings = cell.metadata.get("mystnb", {})
        figure, image = settings.get("figure", {}), settings.get("image", {})
        for key in ("name", "caption"):
            if not str(figure.get(key, "")).strip():
                yield f"cell {number} draws a figure; its metadata need mystnb.figure.{key}"
        alt = str(image.get("alt", "")).strip()
        if "image" in kinds and (len(alt.split()) < 3 or NAMES_A_FILE.match(alt)):
            yield f"cell {number} draws a picture; its metadata need mystnb.image.alt, in words, got {alt!r}"
        shown = [output for output in cell.outputs if output.output_type in ("display_data", "execute_result")]
        if len(shown) > 1:
            yield f"cell {number} shows {len(shown)} things: each would become a figure of the same name"


def figure_names(notebook):
    """The names by which the text refers to the figures of a chapter."""
    return [
        cell.metadata["mystnb"]["figure"]["name"]
        for _, cell in code_cells(notebook)
        if cell.metadata.get("mystnb", {}).get("figure", {}).get("name")
    ]


def errors_that_do_not_happen(executed):
    """Cells that should raise and do not, and cells that raise and should not."""
    for number, cell in code_cells(executed):
        raised = any(output.output_type == "error" for output in cell.outputs)
        if RAISES in tags(cell) and not raised:
            yield f"cell {number} has the tag {RAISES} but does not raise"
        if raised and RAISES not in tags(cell):
            yield f"cell {number} raises, without the tag {RAISES}"


def noise(executed):
    """What readers should never see: stderr, and blobs of widgets."""
    for number, cell in code_cells(executed):
        for output in cell.outputs:
            if output.output_type == "stream" and output.name == "stderr":
                yield f"cell {number} writes to stderr: {output.text[:200]!r}"
            if "application/vnd.jupyter.widget-view+json" in output.get("data", {}):
                yield f"cell {number} shows a widget where the book needs frames or text"
