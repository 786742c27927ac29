"""Small changes to a model solution, made by a machine: each should cost points.

A mutant differs in one place of one solution block: an operator, a comparison, a number, an axis, a statement left
out. People who write tests think of the mistakes they would make themselves; a machine has no such taste. A mutant
that keeps all its points is either no mistake at all (``x >= 0`` for ``x > 0`` where 0 makes no difference), or a
hole in the tests.

    for mutant in mutants({"softmax": source_of_the_cell}):
        print(mutant.name)       # softmax: return e / e.sum(axis=1) → return e * e.sum(axis=1)
        exec(mutant.source)

The name tells the statement before and after, and no line numbers, so that it can stand in a table.
"""

import ast
import copy
from dataclasses import dataclass

__all__ = ["Mutant", "mutants"]

OPERATORS = {
    ast.Add: [ast.Sub],
    ast.Sub: [ast.Add],
    ast.Mult: [ast.Div],
    ast.Div: [ast.Mult],
    ast.Pow: [ast.Mult],
    ast.Mod: [ast.FloorDiv],
    ast.FloorDiv: [ast.Div],
    ast.Lt: [ast.LtE],
    ast.LtE: [ast.Lt],
    ast.Gt: [ast.GtE],
    ast.GtE: [ast.Gt],
    ast.Eq: [ast.NotEq],
    ast.NotEq: [ast.Eq],
    ast.Is: [ast.IsNot],
    ast.IsNot: [ast.Is],
    ast.In: [ast.NotIn],
    ast.NotIn: [ast.In],
    ast.And: [ast.Or],
    ast.Or: [ast.And],
}
NAMES = {
    "max": "min",
    "min": "max",
    "maximum": "minimum",
    "minimum": "maximum",
    "sum": "mean",
    "mean": "sum",
    "zeros": "ones",
    "ones": "zeros",
    "zeros_like": "ones_like",
    "ones_like": "zeros_like",
    "argmax": "argmin",
    "argmin": "argmax",
    "std": "var",
    "var": "std",
    "ceil": "floor",
    "floor": "ceil",
    "sin": "cos",
    "cos": "sin",
    "any": "all",
    "all": "any",
}
DROPPED_CALLS = {"abs", "copy", "exp", "float", "int", "list", "log", "reversed", "round", "sqrt", "square", "tanh"}


@dataclass(frozen=True)
class Mutant:
    """One change.

    Attributes
    ----------
    name : str
        Where, and the statement before and after.
    cell, function : str
        The cell it is in, and the function or method (``"Class.method"``).
    source : str
        The whole cell, changed.
    """

    name: str
    cell: str
    function: str
    source: str


def mutants(cells):
    """Every mutant of every solution block.

    Parameters
    ----------
    cells : dict
        Name -> source, with ``### BEGIN SOLUTION`` and ``### END SOLUTION``.

    Returns
    -------
    list of Mutant

    Examples
    --------
    >>> source = "def half(x):\\n    ### BEGIN SOLUTION\\n    return x / 2\\n    ### END SOLUTION"
    >>> for mutant in mutants({"cell": source}):
    ...     print(mutant.name)
    half: return x / 2 → pass
    half: return x / 2 → return x * 2
    half: return x / 2 → return x / 3
    """
    found, seen = [], {}
    for cell, source in cells.items():
        solved = _solved_lines(source)
        if not solved:
            continue
        tree = ast.parse(source)
        for place, change, function, statement in _changes(tree, solved):
            changed = copy.deepcopy(tree)
            nodes = list(ast.walk(changed))  # in the same order as in the original
            before = _head(nodes[statement])
            kept = change(nodes[place], nodes, place)
            ast.fix_missing_locations(changed)
            after = _head(kept if place == statement and kept is not None else nodes[statement])
            text = ast.unparse(changed)
            if text == ast.unparse(tree):
                continue
            name = f"{function}: {before} → {after}"
            seen[name] = seen.get(name, 0) + 1
            if seen[name] > 1:
                name += f" ({seen[name]})"
            found.append(Mutant(name, cell, function, text))
    return found


def _solved_lines(source):
    lines, inside = set(), False
    for number, line in enumerate(source.splitlines(), 1):
        if line.strip() == "### BEGIN SOLUTION":
            inside = True
        elif line.strip() == "### END SOLUTION":
            inside = False
        elif inside:
            lines.add(number)
    return lines


def _changes(tree, solved):
    """(index of the node, what to do with it, the function it is in, index of its statement) for each change."""
    nodes = list(ast.walk(tree))
    index = {id(node): number for number, node in enumerate(nodes)}

    def visit(node, function, statement, depth):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and depth < 2:
            name = f"{function}.{node.name}" if function else node.name
            for child in node.body:
                yield from visit(child, name, None, depth + 1)
            return
        if isinstance(node, ast.stmt):
            statement = index[id(node)]
        if getattr(node, "lineno", None) in solved and statement is not None:
            for change in _operations(node):
                yield index[id(node)], change, function or "(cell)", statement
        for child in ast.iter_child_nodes(node):
            if not (isinstance(child, ast.keyword) and child.arg == "strict"):  # a guard, not a behaviour
                yield from visit(child, function, statement, depth)

    for node in tree.body:
        yield from visit(node, "", None, 0)


def _operations(node):
    """The changes that a node allows: functions of (node, all nodes, its index) that carry one out."""
    match node:
        case ast.BinOp() | ast.AugAssign():
            yield from (_set("op", kind()) for kind in OPERATORS.get(type(node.op), ()))
            if isinstance(node, ast.AugAssign):
                yield _replace(lambda n: ast.Assign([n.target], n.value))
        case ast.BoolOp():
            yield from (_set("op", kind()) for kind in OPERATORS[type(node.op)])
        case ast.Compare():
            for position, operator in enumerate(node.ops):
                for kind in OPERATORS.get(type(operator), ()):
                    yield _set("ops", [*node.ops[:position], kind(), *node.ops[position + 1 :]])
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=1)):
            yield _replace(lambda n: ast.Constant(0))
        case ast.UnaryOp():
            yield _replace(lambda n: n.operand)
        case ast.Constant(value=bool()):
            yield _set("value", not node.value)
        case ast.Constant(value=int()):
            yield _set("value", node.value + 1)
            if node.value == 1:
                yield _set("value", 0)
        case ast.Constant(value=float()):
            yield _set("value", node.value * 2 if node.value else 1.0)
        case ast.IfExp():
            yield _replace(lambda n: ast.IfExp(n.test, n.orelse, n.body))
        case ast.Attribute(attr="T"):
            yield _replace(lambda n: n.value)
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)):
            if name in NAMES:
                yield _set("func", _renamed(node.func, NAMES[name]))
            if name in DROPPED_CALLS:
                if node.args:
                    yield _replace(lambda n: n.args[0])
                elif isinstance(node.func, ast.Attribute):
                    yield _replace(lambda n: n.func.value)
        case ast.Slice():
            yield from (_set(end, None) for end in ("lower", "upper", "step") if getattr(node, end) is not None)
        case ast.If() | ast.While():
            yield _set("test", ast.Constant(False))
            if isinstance(node, ast.If):
                yield _set("test", ast.Constant(True))
        case ast.For():
            yield _replace(lambda n: ast.Pass())
        case ast.Expr(value=ast.Constant()):
            return
        case ast.Assign() | ast.Expr() | ast.Return() | ast.Delete() | ast.Raise():
            yield _replace(lambda n: ast.Pass())
        case ast.Continue() | ast.Break():
            yield _replace(lambda n: ast.Pass())
    if isinstance(node, ast.AugAssign):
        yield _replace(lambda n: ast.Pass())


def _renamed(function, name):
    if isinstance(function, ast.Attribute):
        return ast.Attribute(function.value, name, function.ctx)
    return ast.Name(name, ast.Load())


def _set(field, value):
    def change(node, nodes, place):
        setattr(node, field, value)

    return change


def _replace(make):
    def change(node, nodes, place):
        new = make(node)
        for parent in nodes:
            for field, value in ast.iter_fields(parent):
                if value is node:
                    setattr(parent, field, new)
                    return new
                if isinstance(value, list) and any(each is node for each in value):
                    setattr(parent, field, [new if each is node else each for each in value])
                    return new
        raise AssertionError(f"{ast.dump(node)} has no parent")

    return change


def _head(node):
    """A statement in one line; of a compound one, what stands before the colon."""
    if isinstance(node, (ast.If, ast.While, ast.For, ast.With, ast.FunctionDef)):
        return ast.unparse(node).partition("\n")[0]
    return " ".join(ast.unparse(node).split())
