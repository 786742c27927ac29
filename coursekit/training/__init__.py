"""One training loop for both halves of the course.

The names are the same on both sides (``model(x)``, ``loss.backward()``, ``optimizer.step()``), so the loop is too.
Reading order::

    loop         fit: what it takes, and the loop over epochs
    run          one epoch; early stopping; going on where an interrupted run stopped
    measuring    evaluate and predict; loss and accuracy over many batches
    history      what happened: it prints, plots, saves and loads itself
    backend      the few lines that differ between NumPy and PyTorch
    checkpoint   a file that holds everything a run needs to go on
    progress     the bar, and whether anyone is there to see it

Importing this package imports neither PyTorch nor Matplotlib.
"""

from coursekit.training.history import History
from coursekit.training.loop import fit
from coursekit.training.measuring import evaluate, predict

__all__ = ["History", "evaluate", "fit", "predict"]
