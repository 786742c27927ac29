"""One training run: its parts, one epoch of it, and how it goes on after a break."""

import math
import re
import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from coursekit.training import checkpoint
from coursekit.training.history import History
from coursekit.training.measuring import Meter, batches, evaluate

SHOW_EVERY = 0.1  # seconds


@dataclass
class Run:
    """The arguments of `fit`, checked, and what changes while it trains."""

    backend: Any
    optimizer: Any
    scheduler: Any
    loss: Any
    data: tuple
    validation: tuple | None
    batch_size: int
    scheduler_step: str
    clip: float | None
    augment: Any
    patience: int | None
    seed: int
    shuffle: bool
    history: History = field(default_factory=History)
    best: dict | None = None  # with early stopping: parameters and buffers of the best epoch
    description: dict | None = None  # what tells this run from others
    shown: float = 0.0  # when the bar last got a new text

    @property
    def n_batches(self):
        return math.ceil(len(self.data[0]) / self.batch_size)

    def epoch(self, epochs, bar):
        """Train on every example once, then measure."""
        started, number = time.perf_counter(), len(self.history.epochs) + 1
        meter, rates = Meter(self.backend), []
        self.backend.model.train()
        try:
            for images, labels in self.training_batches(number):
                rates.append(float(self.optimizer.param_groups[0]["lr"]))
                targets = self.backend.targets(labels)
                logits = self.backend.model(self.backend.inputs(images))
                loss = self.loss(logits, targets)
                self.optimizer.zero_grad()
                loss.backward()
                if self.clip is not None:
                    # Those the optimiser trains: it forgets no others' gradients, so they would pile up in the norm.
                    trained = (p for group in self.optimizer.param_groups for p in group["params"])
                    self.backend.clip(list(trained), self.clip)
                self.optimizer.step()
                if self.scheduler and self.scheduler_step == "batch":
                    self.scheduler.step()
                meter.add(loss, logits, targets)
                self.show(bar, f"epoch {number}/{epochs}", loss)
        finally:  # interrupted too: what was trained is recorded
            losses = meter.losses()
            self.history.steps += losses
            self.history.learning_rates += rates[: len(losses)]
        if self.scheduler and self.scheduler_step == "epoch":
            self.scheduler.step()

        row = {"epoch": number, "train_loss": meter.loss(), "train_accuracy": meter.accuracy()}
        row["validation_loss"], row["validation_accuracy"] = (
            evaluate(self.backend.model, self.validation, loss=self.loss) if self.validation else (None, None)
        )
        better = self.patience is not None and row["validation_loss"] < self.lowest_loss()  # false for NaN
        self.history.epochs.append({**row, "seconds": time.perf_counter() - started})
        if better:
            self.history.best_epoch, self.best = number, self.backend.state()

    def training_batches(self, epoch):
        """Yield the images, augmented, and the labels of every batch of an epoch."""
        images, labels = self.data
        rng = np.random.default_rng([self.seed, epoch, 1])  # the order of the examples has [seed, epoch]
        for chosen in batches(len(images), self.batch_size, [self.seed, epoch] if self.shuffle else None):
            batch = images[chosen]
            if self.augment is not None:
                # Indices pick a copy, a slice does not, and augment may write into what it gets.
                batch = np.asarray(self.augment(batch.copy() if isinstance(chosen, slice) else batch, rng))
                if batch.shape[:1] != labels[chosen].shape[:1]:
                    raise ValueError(
                        f"augment must return one image for each it got, {len(labels[chosen])}, "
                        f"but returned an array of shape {batch.shape}"
                    )
            yield batch, labels[chosen]

    def show(self, bar, text, loss):
        """Move the bar by a step; its text only now and then, since fetching a number from a GPU stops it."""
        if not bar.disable and time.perf_counter() - self.shown > SHOW_EVERY:
            self.shown = time.perf_counter()
            text += f", loss {loss.item():.4f}"
            if self.validation:
                last = self.history.epochs[-1] if self.history.epochs else {}
                if last.get("validation_accuracy") is not None:
                    text += f", validation accuracy {last['validation_accuracy']:.1%}"
            bar.set_postfix_str(text, refresh=False)
        bar.update()

    # -- early stopping

    def lowest_loss(self):
        best = self.history.best_epoch
        return self.history.epochs[best - 1]["validation_loss"] if best else math.inf

    def out_of_patience(self):
        since = len(self.history.epochs) - (self.history.best_epoch or 0)
        return self.patience is not None and since >= self.patience

    # -- going on after a break

    def go_on_from(self, path):
        """Take over what a checkpoint holds, if there is one.

        Raises
        ------
        ValueError
            If it belongs to another run, is no checkpoint, or cannot be written later. Nothing has been changed then.
        """
        if path.is_dir() or not path.parent.is_dir():
            wrong = "is a folder" if path.is_dir() else f"is in a folder that does not exist, {str(path.parent)!r}"
            raise ValueError(f"checkpoint={str(path)!r} {wrong}; it must be the name of a file")
        self.description = self.describe()
        if not path.exists():
            return
        state = checkpoint.load(path)
        there = state["run"]
        if self.scheduler and self.scheduler.last_epoch:  # used before: its rates are no longer those at the start
            self.description |= {key: there.get(key) for key in ("optimizer settings", "scheduler settings")}
        checkpoint.refuse_another(path, there, self.description)
        self.backend.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        if self.scheduler:
            self.scheduler.load_state_dict(state["scheduler"])
        vars(self.history).update(state["history"])
        self.best = state["best"]
        self.backend.set_random_state(state["random"])

    def state(self):
        """Return all that the next epoch depends on; order and augmentation of the examples follow from the seed."""
        return {
            "run": self.description,
            "model": self.backend.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "scheduler": self.scheduler.state_dict() if self.scheduler else None,
            "history": vars(self.history),
            "best": self.best,
            "random": self.backend.random_state(),
        }

    def describe(self):
        """Say in words what must be the same for a run to be the same."""
        model, (images, labels) = self.backend.model, self.data
        groups = [
            {name: value for name, value in group.items() if name != "params"} for group in self.optimizer.param_groups
        ]
        schedule = self.scheduler and self.scheduler.state_dict()
        words = {
            "backend": self.backend.name,
            **{f"line {i} of the model": line.strip() for i, line in enumerate(repr(model).splitlines(), 1)},
            **{
                f"parameter {name}": f"{tuple(value.shape)} {value.dtype}" for name, value in model.state_dict().items()
            },
            "optimizer": type(self.optimizer).__name__,
            "optimizer settings": groups,
            "scheduler": type(self.scheduler).__name__ if self.scheduler else None,
            "scheduler settings": schedule,
            "scheduler_step": self.scheduler_step if self.scheduler else None,
            "data": f"images {images.shape}, labels {labels.shape}",
            "validation": self.validation and f"images {self.validation[0].shape}",
            "batch_size": self.batch_size,
            "seed": self.seed,
            "shuffle": bool(self.shuffle),
            "clip": self.clip,
            "augment": self.augment is not None,
            "patience": "given" if self.patience is not None else None,
        }
        # Where an object lies in memory, as some reprs say, is different every time.
        return {name: re.sub(r" at 0x[0-9a-f]+", "", str(value)) for name, value in words.items()}
