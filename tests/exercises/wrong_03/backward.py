"""Wrong solutions of task 4; see exercise.py."""


def _clear(order):
    for node in order:
        if node.inputs:
            node.grad = 0.0
    order[0].grad += 1.0


def backward__overwrites(order):
    """Says: overwritten the first (or"""
    _clear(order)
    for node in order:
        for source, slope in node.inputs:
            source.grad = slope * node.grad


def backward__no_seed(order):
    """Says: begins with a grad of 1"""
    for node in order:
        if node.inputs:
            node.grad = 0.0
    for node in order:
        for source, slope in node.inputs:
            source.grad += slope * node.grad


def backward__recursive(order):
    """Says: passed on its gradient"""
    _clear(order)

    def visit(node):
        for source, slope in node.inputs:
            source.grad += slope * node.grad
            visit(source)

    visit(order[0])


def backward__from_the_end(order):
    """Says: from its beginning"""
    _clear(order)
    for node in order[::-1]:
        for source, slope in node.inputs:
            source.grad += slope * node.grad


def backward__keeps_the_middle(order):
    """Says: left from the first call"""
    order[0].grad = 1.0
    for node in order:
        for source, slope in node.inputs:
            source.grad += slope * node.grad


def backward__clears_leaves(order):
    """Says: Do not set leaves to 0"""
    for node in order:
        node.grad = 0.0
    order[0].grad = 1.0
    for node in order:
        for source, slope in node.inputs:
            source.grad += slope * node.grad


def backward__clears_late(order):
    """Says: b

    A number is set to 0 when its turn comes, after all has arrived."""
    for node in order:
        if node.inputs:
            node.grad = 0.0
        if node is order[0]:
            node.grad += 1.0
        for source, slope in node.inputs:
            source.grad += slope * node.grad


def backward__slopes_only(order):
    """Says: multiply by the grad of the number itself"""
    _clear(order)
    for node in order:
        for source, slope in node.inputs:
            source.grad += slope


def backward__one_input(order):
    """Says: or never arrived

    Only the first input gets anything."""
    _clear(order)
    for node in order:
        for source, slope in list(node.inputs)[:1]:
            source.grad += slope * node.grad


def backward__result_is_no_leaf(order):
    """Hidden only."""
    for node in order:
        if node.inputs:
            node.grad = 0.0
    order[0].grad = 1.0
    for node in order:
        for source, slope in node.inputs:
            source.grad += slope * node.grad
