"""Wrong solutions of task 6; see exercise.py."""


def step__not_cleared(parameters, run, rate):
    """Says: the first gradient was still there"""
    loss = run()
    for p in parameters:
        p.data -= rate * p.grad
    return loss


def step__cleared_after_run(parameters, run, rate):
    """Says: did not move"""
    loss = run()
    for p in parameters:
        p.grad = 0.0
        p.data -= rate * p.grad
    return loss


def step__uphill(parameters, run, rate):
    """Says: uphill"""
    for p in parameters:
        p.grad = 0.0
    loss = run()
    for p in parameters:
        p.data += rate * p.grad
    return loss


def step__one_at_a_time(parameters, run, rate):
    """Hidden only.

    Every parameter moves at once, and the next sees it."""
    for p in parameters:
        p.grad = 0.0
        loss = run()
        p.data -= rate * p.grad
    return loss


def step__loss_after(parameters, run, rate):
    """Says: the loss after the step"""
    for p in parameters:
        p.grad = 0.0
    run()
    for p in parameters:
        p.data -= rate * p.grad
    return run()


def step__first_only(parameters, run, rate):
    """Hidden only."""
    for p in parameters:
        p.grad = 0.0
    loss = run()
    for p in parameters:
        p.data -= rate * parameters[0].grad
    return loss
