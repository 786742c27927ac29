"""The checks themselves: each finds what it is for in a notebook that is wrong in one way, and nothing else."""

import notebook_checks as checks
import pytest
from nbformat import v4

TAGS = [checks.CHECKED, checks.KEPT]
FIGURE = {"figure": {"name": "fig-curve", "caption": "A curve."}}
DESCRIBED = {"mystnb": {**FIGURE, "image": {"alt": "A curve that rises from 0 to 1."}}}


def stream(text, name="stdout"):
    return v4.new_output("stream", name=name, text=text)


def shown(**data):
    return v4.new_output("display_data", data={kind.replace("_", "/"): value for kind, value in data.items()})


def code(source="x = 1", outputs=(), count=None, **metadata):
    return v4.new_code_cell(source, outputs=list(outputs), execution_count=count, metadata=metadata)


def notebook(*cells, kernel="python3"):
    return v4.new_notebook(cells=list(cells), metadata={"kernelspec": {"name": kernel, "display_name": kernel}})


ERROR = v4.new_output("error", ename="ValueError", evalue="no", traceback=["ValueError: no"])
PICTURE, FRAMES = shown(image_png="iVBORw0KGgo="), shown(text_html='<div class="explore">', text_plain="explore(draw)")
GOOD = notebook(
    v4.new_markdown_cell("# Title\n\nSee https://example.org/home/page and coursekit/data/bundle."),
    code("import numpy as np"),
    code("print(1)", [stream("1\n")], 2, tags=TAGS),
    code("1 + 1", [v4.new_output("execute_result", data={"text/plain": "2"}, execution_count=3)], 3, tags=TAGS),
)
GOOD_EXECUTED = notebook(
    code("plot()", [PICTURE], 1, **DESCRIBED),
    code("explore(draw)", [FRAMES], 2, mystnb=FIGURE),
    code("boom()", [ERROR], 3, tags=[checks.RAISES]),
    code("print(1)", [stream("1\n")], 4),
)


@pytest.mark.parametrize(
    ("check", "good"),
    [
        (checks.wrong_kernel, GOOD),
        (checks.wrong_outputs, GOOD),
        (checks.repeated_ids, GOOD),
        (checks.long_cells, GOOD),
        (checks.hidden_results, GOOD),
        (checks.machine_paths, GOOD),
        (checks.imports_of_the_grader, GOOD),
        (checks.undescribed_figures, GOOD_EXECUTED),
        (checks.errors_that_do_not_happen, GOOD_EXECUTED),
        (checks.noise, GOOD_EXECUTED),
        (checks.machine_paths, GOOD_EXECUTED),
    ],
)
def test_good_notebook_passes(check, good):
    assert list(check(good)) == []


def twins():
    made = notebook(code(), code())
    made.cells[1]["id"] = made.cells[0]["id"]  # last: nbformat quietly repairs repeated ids wherever it can
    return made


@pytest.mark.parametrize(
    ("check", "bad", "complaint"),
    [
        (checks.wrong_kernel, notebook(kernel="conda-env-py"), "conda-env-py"),
        (checks.wrong_outputs, notebook(code("print(1)", [stream("1\n")], 1)), "has an output"),
        (checks.wrong_outputs, notebook(code("print(1)", [stream("1\n")], 1, tags=TAGS[:1])), "alone"),
        (checks.wrong_outputs, notebook(code("print(1)", [stream("1\n")], 1, tags=TAGS[1:])), "alone"),
        (checks.wrong_outputs, notebook(code("print(1)", [], 1, tags=TAGS)), "no stored output"),
        (checks.wrong_outputs, notebook(code("print(1)", [stream("1\n")], None, tags=TAGS)), "no execution count"),
        (checks.wrong_outputs, notebook(code("plot()", [PICTURE], 1, tags=TAGS)), "not text"),
        (checks.wrong_outputs, notebook(code("print()", [stream("\n")], 1, tags=TAGS)), "not text"),
        (checks.repeated_ids, twins(), "used before"),
        (checks.long_cells, notebook(code("x = 1\n" * 7), code("x = 1\n" * 7), code()), "median 7"),
        (checks.hidden_results, notebook(code("plt.plot(x);")), "semicolon"),
        (checks.machine_paths, notebook(code("open('/home/ada/data.npz')")), "/home/ada"),
        (checks.machine_paths, notebook(v4.new_markdown_cell("in /Users/ada/course")), "/Users/ada"),
        (checks.machine_paths, notebook(code("x", [stream("saved to /tmp/x.png\n")], 1)), "/tmp/x.png"),
        (checks.machine_paths, notebook(code(f"open('{checks.REPOSITORY}/x')")), "of this machine"),
        (checks.imports_of_the_grader, notebook(code("from coursekit.grading import check")), "grading"),
        (checks.imports_of_the_grader, notebook(code("from coursekit import data, grading")), "grading"),
        (checks.undescribed_figures, notebook(code("p()", [PICTURE], 1, mystnb=FIGURE)), "image.alt"),
        (
            checks.undescribed_figures,
            notebook(code("p()", [PICTURE], 1, mystnb={**FIGURE, "image": {"alt": "fig.png"}})),
            "image.alt",
        ),
        (
            checks.undescribed_figures,
            notebook(code("p()", [FRAMES], 1, mystnb={"figure": {"name": "fig"}})),
            "figure.caption",
        ),
        (
            checks.undescribed_figures,
            notebook(code("p()", [FRAMES], 1, mystnb={"figure": {"caption": "A curve."}})),
            "figure.name",
        ),
        (checks.undescribed_figures, notebook(code("p()", [PICTURE, PICTURE], 1, **DESCRIBED)), "2 things"),
        (checks.errors_that_do_not_happen, notebook(code("f()", [], 1, tags=[checks.RAISES])), "does not raise"),
        (checks.errors_that_do_not_happen, notebook(code("f()", [ERROR], 1)), "without the tag"),
        (checks.noise, notebook(code("f()", [stream("Warning", "stderr")], 1)), "stderr"),
        (
            checks.noise,
            notebook(code("f()", [shown(**{"application_vnd.jupyter.widget-view+json": {}})], 1)),
            "widget",
        ),
    ],
)
def test_wrong_notebook_is_found(check, bad, complaint):
    (found,) = check(bad)
    assert complaint in found
