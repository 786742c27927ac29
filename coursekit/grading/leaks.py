"""Whether what students get gives something away: a line of a solution, or something of a hidden test."""

import ast
import io
import json
import re
import tokenize

__all__ = ["leaks", "solution_lines"]

BLOCK = re.compile(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", re.DOTALL)
EVERYDAY = re.compile(
    r"(import|from|for|while|with|def|class|@|raise)\b|return\s+\w+$|\w+\s*=\s*(\w+|\[\]|\{\}|[\d.]+)$"
)
SUBSTANCE = 18  # characters without spaces: `z-z.max(axis=1)` and longer
PLAIN_NUMBERS = {0, 1, 2, -1, 0.5, 10}


def leaks(assignment, files):
    """What of the solution or the hidden tests can be read in the student's files.

    Parameters
    ----------
    assignment : Assignment
        From its folder in solutions/.
    files : dict
        File name -> bytes, from `release.student_files`.

    Returns
    -------
    list of str
        A line per leak: which file, and what of it.
    """
    solution = json.loads(assignment.notebook_path.read_text(encoding="utf-8"))
    texts = {}
    for name, data in files.items():
        text = data.decode()
        if name == assignment.notebook:  # its JSON escapes what we look for
            student = json.loads(text)
            text = "\n".join("".join(cell["source"]) for cell in student["cells"])
            problems = [f"{name}: cell {cell['id']} has outputs" for cell in student["cells"] if cell.get("outputs")]
        texts[name] = text
    dense = {name: _dense(text) for name, text in texts.items()}
    for line in solution_lines(solution):
        problems += [
            f"{name} shows a line of the solution: {line}" for name, text in dense.items() if _dense(line) in text
        ]
    for answer in _written_answers(solution):
        problems += [
            f"{name} shows the written answer: {answer}" for name, text in dense.items() if _dense(answer) in text
        ]
    shown = {function.name for function in _tests(texts["test_visible.py"])}  # two tests may bear one name
    for function in _tests((assignment.folder / "test_hidden.py").read_text(encoding="utf-8")):
        problems += [
            f"{name} names the hidden test {function.name}"
            for name, text in texts.items()
            if function.name not in shown and re.search(rf"\b{function.name}\b", text)
        ]
        for literal in _telling_literals(function):
            problems += [
                f"{name} shows data of {function.name}: {literal}"
                for name, text in dense.items()
                if _dense(literal) in text
            ]
    return list(dict.fromkeys(problems))


def solution_lines(notebook):
    """The lines of all solution blocks that would help somebody: code without its comment, comments by themselves.

    Left out are short ones and those any program has: imports, loop heads, `return x`.
    """
    lines = []
    for cell in notebook["cells"]:
        for block in BLOCK.findall("".join(cell["source"])) if cell["cell_type"] == "code" else ():
            for line in block.splitlines():
                code, comment = _split(line)
                if len(_dense(code)) >= SUBSTANCE and not EVERYDAY.match(code):
                    lines.append(code)
                if len(_dense(comment)) >= 2 * SUBSTANCE:
                    lines.append(comment)
    return list(dict.fromkeys(lines))


def _split(line):
    """Code and comment of a line."""
    line = line.strip()
    try:
        for token in tokenize.generate_tokens(io.StringIO(line).readline):
            if token.type == tokenize.COMMENT:
                return line[: token.start[1]].strip(), token.string.lstrip("# ")
    except (tokenize.TokenError, SyntaxError):  # a line of a longer expression
        pass
    return line, ""


def _written_answers(notebook):
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown" and cell["metadata"].get("nbgrader", {}).get("solution"):
            for line in "".join(cell["source"]).splitlines():
                if len(_dense(line)) >= 2 * SUBSTANCE:
                    yield line.strip()


def _tests(source):
    functions = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef))
    return [function for function in functions if function.name.startswith("test_")]


def _telling_literals(function):
    """The lists and tuples in a test that nobody writes by chance: with three numbers that are not everyday ones."""
    for node in ast.walk(function):
        if isinstance(node, (ast.List, ast.Tuple)):
            numbers = [n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and type(n.value) in (int, float)]
            if len([number for number in numbers if number not in PLAIN_NUMBERS]) >= 3:
                yield ast.unparse(node)


def _dense(text):
    return re.sub(r"\s+", "", text)
