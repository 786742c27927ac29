"""The training loop."""

import inspect
from pathlib import Path

import numpy as np

from coursekit.training.backend import backend_of
from coursekit.training.checkpoint import save
from coursekit.training.measuring import arrays
from coursekit.training.progress import progress_bar
from coursekit.training.run import Run


def fit(
    model,
    data,
    *,
    validation=None,
    epochs=1,
    batch_size=128,
    optimizer=None,
    lr=0.1,
    loss=None,
    scheduler=None,
    scheduler_step="epoch",
    clip=None,
    augment=None,
    patience=None,
    checkpoint=None,
    seed=0,
    shuffle=True,
    device=None,
    progress=True,
):
    """Train a model by mini-batch gradient descent.

    Parameters
    ----------
    model : coursekit.scratch.nn.Module or torch.nn.Module
        Its class decides which backend trains it. It is changed in place and left in training mode.
    data : (images, labels) or Dataset
        Arrays; images of whatever shape the model takes, one example for each entry of the first axis.
    validation : like `data`, optional
        Measured after every epoch, without training on it.
    epochs, batch_size : int
        The last batch of an epoch is smaller if the sizes do not divide.
    optimizer : optimizer of the model's own backend, optional
        Unless given, the scheduler's; without one, plain SGD with rate `lr`, which is not used otherwise.
    loss : callable (logits, labels) -> scalar, of the model's own backend, optional
        Cross-entropy unless given.
    scheduler : lr_scheduler of the model's own backend, optional
        Changes the learning rate of its optimizer; `fit` calls its ``step()``.
    scheduler_step : "epoch" or "batch"
        How often. OneCycleLR, for example, is meant to step after every batch.
    clip : float, optional
        Gradients of what the optimizer trains are scaled down to this norm, all together, where theirs is larger.
    augment : callable (images, rng) -> images, optional
        Changes every batch before training on it, never the validation data: see `coursekit.data.augmentation`.
        All its randomness must come from `rng`, a `numpy.random.Generator` that depends on `seed` and epoch alone.
    patience : int, optional
        Early stopping: end after so many epochs in a row without a lower validation loss than ever before. At the end,
        early or not, the model gets the weights of the best epoch. It goes by the loss, not the accuracy: there
        is one for every task, and it still tells models apart that classify the same images rightly.
    checkpoint : str or Path, optional
        A file (customarily ``.npz``) that gets, after every epoch, all that is needed to go on. If it is there already,
        `fit` goes on from it and ends as if it had never stopped; `epochs` counts from the very beginning.
    seed : int
        Decides the order of the examples and the augmentation, the same on both backends; weights and dropout have
        their own seeds.
    shuffle : bool
        New order every epoch.
    device : str, optional
        Where PyTorch trains: "cpu", "cuda", "mps", or "auto" for the best there is. The model is moved there. Unless
        given, it stays where its parameters are.
    progress : bool
        Show a progress bar while someone is watching: in a terminal or in a live notebook.

    Returns
    -------
    History

    Raises
    ------
    ValueError
        If images and labels differ in number or there are none, if parts of the run do not belong together (an
        optimizer of another model or device, a checkpoint of another run), or a setting makes no sense.
    TypeError
        If a part is of the other backend, or no such thing at all.
    KeyboardInterrupt
        If you interrupt it. The exception's attribute `history` holds what happened so far (in a notebook:
        ``sys.last_value.history``), the model is as the last step left it, the checkpoint as the last epoch did.

    Examples
    --------
    >>> from coursekit.scratch import manual_seed
    >>> _ = manual_seed(0)
    >>> images = np.random.default_rng(0).normal(size=(256, 2)).astype(np.float32)
    >>> labels = (images[:, 0] > 0).astype(np.int64)
    >>> model = nn.Linear(2, 2)
    >>> history = fit(model, (images, labels), epochs=5, batch_size=32, lr=1.0)
    >>> len(history.steps), history.epochs[-1]["train_accuracy"] > 0.95
    (40, True)
    """
    data = arrays(data)
    validation = None if validation is None else arrays(validation, "validation")
    _check_settings(epochs, batch_size, scheduler_step, clip, augment, patience, validation, seed)
    backend = backend_of(model, device)
    if scheduler is not None:
        optimizer = _scheduled_optimizer(scheduler, optimizer)
    if optimizer is None:
        optimizer = backend.optim.SGD(model.parameters(), lr=lr)
    run = Run(
        backend=backend,
        optimizer=backend.check_optimizer(optimizer),
        scheduler=scheduler,
        loss=backend.check_loss(loss),
        data=data,
        validation=validation,
        batch_size=batch_size,
        scheduler_step=scheduler_step,
        clip=clip,
        augment=augment,
        patience=patience,
        seed=seed,
        shuffle=shuffle,
    )
    if checkpoint is not None:
        run.go_on_from(Path(checkpoint))

    history = run.history
    with progress_bar(epochs * run.n_batches, len(history.steps), progress) as bar:
        try:
            while len(history.epochs) < epochs and not run.out_of_patience():
                run.epoch(epochs, bar)
                if checkpoint is not None:
                    save(checkpoint, run.state())
        except KeyboardInterrupt as interrupt:
            interrupt.history = history
            interrupt.add_note(f"{len(history.epochs)} of {epochs} epochs are finished: see .history of this exception")
            raise
    if run.best is not None:
        model.load_state_dict(run.best)
    model.train()
    return history


def _check_settings(epochs, batch_size, scheduler_step, clip, augment, patience, validation, seed):
    counts = {"epochs": (epochs, 0), "batch_size": (batch_size, 1), "seed": (seed, 0)}
    if patience is not None:
        counts["patience"] = (patience, 1)
    for name, (value, least) in counts.items():
        if not isinstance(value, int | np.integer) or value < least:
            raise ValueError(f"{name} must be a whole number and at least {least}, not {value!r}")
    if scheduler_step not in ("epoch", "batch"):
        raise ValueError(f'scheduler_step must be "epoch" or "batch", not {scheduler_step!r}')
    if clip is not None and not clip > 0:
        raise ValueError(f"clip must be a norm greater than 0, or None, not {clip!r}")
    if augment is not None and not callable(augment):
        raise TypeError(f"augment must be a function (images, rng) -> images, not {augment!r}")
    if patience is not None and validation is None:
        raise ValueError(f"patience={patience} waits for the validation loss to fall: give validation data too")


def _scheduled_optimizer(scheduler, optimizer):
    """Return the optimiser a scheduler steers; it must be the one given, if one was."""
    if not hasattr(scheduler, "optimizer") or not hasattr(scheduler, "step"):
        raise TypeError(f"scheduler must be an lr_scheduler, such as StepLR(optimizer, step_size=5), not {scheduler!r}")
    if "metrics" in inspect.signature(scheduler.step).parameters:
        raise ValueError(
            f"scheduler: fit calls step() alone, and {type(scheduler).__name__} wants a measurement with it"
        )
    if optimizer is not None and scheduler.optimizer is not optimizer:
        raise ValueError("scheduler steers another optimizer than the one given: make it for this one")
    return scheduler.optimizer
