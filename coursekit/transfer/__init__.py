"""Reusing what a network of PyTorch has learned: keep its layers, read them, put a new head on, train with care.

    freezing   freeze · unfreeze · what_learns     keep layers as they are, statistics of batch normalisation included
    watching   snapshot · what_moved · complaints  what really changed, and what an optimiser forgets
    reading    prepared · features                 images as a network wants them; what a layer says, computed once
    probe      linear_probe · logistic_probe       a linear classifier on features; accuracies with their uncertainty
    tuning     replace_head · fine_tune · unfreeze_gradually    a new head; another learning rate below it

For other tasks, imported by name: `pixels` (a label for every pixel), `proposals` (boxes that may hold an object),
`style` (a picture in the manner of another).

Works with `nets.trained(name, torch.nn)`, `nets.pretrained(name)` and a network of your own. Training is always that of
`coursekit.training.fit`. Taught in the chapters on transfer learning and on other tasks.
"""

from coursekit.transfer.freezing import freeze, unfreeze, what_learns
from coursekit.transfer.probe import Accuracy, Probe, accuracy, linear_probe, logistic_probe
from coursekit.transfer.reading import features, forget_features, prepared
from coursekit.transfer.tuning import fine_tune, replace_head, unfreeze_gradually
from coursekit.transfer.watching import complaints, snapshot, what_moved

__all__ = ["Accuracy", "Probe", "accuracy", "complaints", "features", "fine_tune", "forget_features", "freeze"]
__all__ += ["linear_probe", "logistic_probe", "prepared", "replace_head", "snapshot", "unfreeze", "unfreeze_gradually"]
__all__ += ["what_learns", "what_moved"]
