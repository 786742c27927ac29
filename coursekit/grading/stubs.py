"""From a cell of a solution to the cell that students get: stubs where the solution stood, and no outputs."""

import re

from coursekit.grading.assignment import AssignmentError

__all__ = ["student_cell", "student_source", "text_of"]

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
ANSWER = "YOUR ANSWER HERE"
KEPT_METADATA = ("nbgrader", "tags")


def student_source(source):
    """A code cell with every solution block replaced by a stub.

    Parameters
    ----------
    source : str

    Returns
    -------
    str

    Raises
    ------
    AssignmentError
        If BEGIN and END do not alternate.

    Examples
    --------
    >>> print(student_source("def f(x):\\n    ### BEGIN SOLUTION\\n    return 2 * x\\n    ### END SOLUTION"))
    def f(x):
        # YOUR CODE HERE
        raise NotImplementedError
    """
    lines, inside = [], False
    for number, line in enumerate(source.splitlines(), 1):
        marker = line.strip()
        if marker in (BEGIN, END):
            if (marker == END) != inside:
                raise AssignmentError(f"line {number}: {marker} where {BEGIN if inside is False else END} was expected")
            inside = not inside
            if inside:
                indent = line[: len(line) - len(line.lstrip())]
                lines += [indent + "# YOUR CODE HERE", indent + "raise NotImplementedError"]
        elif re.search(r"(BEGIN|END) *SOLUTION", line):
            raise AssignmentError(f"line {number}: {marker!r}; a marker stands alone, as {BEGIN!r} or {END!r}")
        elif re.search(r"(BEGIN|END) *HIDDEN *TESTS", line):
            raise AssignmentError(f"line {number}: hidden tests belong in test_hidden.py")
        elif not inside:
            lines.append(line)
    if inside:
        raise AssignmentError(f"{BEGIN} without {END}")
    return "\n".join(lines)


def student_cell(cell):
    """The cell of a notebook, as JSON has it, as students get it."""
    source = text_of(cell)
    grading = cell["metadata"].get("nbgrader", {})
    if cell["cell_type"] == "code":
        source = student_source(source)
    elif grading.get("solution"):
        source = ANSWER
    student = {
        "cell_type": cell["cell_type"],
        "id": cell["id"],
        "metadata": {name: cell["metadata"][name] for name in KEPT_METADATA if name in cell["metadata"]},
        "source": source.splitlines(keepends=True),
    }
    if cell["cell_type"] == "code":
        student |= {"execution_count": None, "outputs": []}
    elif cell.get("attachments") and not grading.get("solution"):
        student["attachments"] = cell["attachments"]
    return student


def text_of(cell):
    """What is in a cell, which JSON has line by line."""
    return "".join(cell["source"])
