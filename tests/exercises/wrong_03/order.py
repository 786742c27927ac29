"""Wrong solutions of task 3; see exercise.py."""


def _fine(result):
    order, seen, stack = [], set(), [(result, False)]
    while stack:
        node, done = stack.pop()
        if done:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack += [(source, False) for source, _ in node.inputs]
    return order[::-1]


def topological_order__preorder(result, seen=None):
    """Says: stands before"""
    seen = {} if seen is None else seen
    seen[result] = None
    for source, _ in result.inputs:
        if source not in seen:
            topological_order__preorder(source, seen)
    return list(seen)


def topological_order__breadth_first(result):
    """Says: stands before"""
    order, seen = [result], {result}
    for node in order:
        for source, _ in node.inputs:
            if source not in seen:
                seen.add(source)
                order.append(source)
    return order


def topological_order__every_path(result):
    """Says: Note where you have been"""
    order, stack = [], [result]
    while stack:
        node = stack.pop()
        order.append(node)
        stack += [source for source, _ in node.inputs]
    return order


def topological_order__turned_round(result):
    """Says: the wrong way round"""
    return _fine(result)[::-1]


def topological_order__recursive(result):
    """Hidden only.

    Right, as long as it is not deep."""
    order, seen = [], set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            for source, _ in node.inputs:
                visit(source)
            order.append(node)

    visit(result)
    return order[::-1]


def topological_order__by_data(result):
    """Says: is missing

    Numbers that are equal are taken for the same."""
    found, stack = {result.data: result}, [result]
    while stack:
        for source, _ in stack.pop().inputs:
            if source.data not in found:
                found[source.data] = source
                stack.append(source)
    return list(found.values())


def topological_order__last_path(result):
    """Hidden only.

    Right, but it walks along every path."""
    return _longest(result)


def _longest(result):
    depth, stack = {}, [(result, 0)]
    while stack:
        node, level = stack.pop()
        depth[node] = max(level, depth.get(node, 0))
        stack += [(source, level + 1) for source, _ in node.inputs]
    return sorted(depth, key=depth.get)


def topological_order__without_leaves(result):
    """Says: is missing"""
    return [node for node in _fine(result) if node.inputs]
