"""The few things that differ between the NumPy half and PyTorch."""

import sys

import numpy as np

import coursekit
from coursekit import scratch
from coursekit.scratch.random import generator


def backend_of(model, device=None):
    """Return the backend of a model; a PyTorch model is moved to `device`."""
    if isinstance(model, scratch.nn.Module):
        return NumPy(model, device)
    # Whoever has a model of PyTorch has imported it; looking must not.
    if "torch" in sys.modules and isinstance(model, sys.modules["torch"].nn.Module):
        return PyTorch(model, device)
    raise TypeError(f"model must be a Module of scratch.nn or torch.nn, not a {type(model).__name__}")


class _Backend:
    """What both have in common."""

    def check_loss(self, loss):
        """Return the loss to use: cross-entropy unless given."""
        if loss is None:
            return self.functional.cross_entropy
        origins = [getattr(loss, "__module__", None), *(cls.__module__ for cls in type(loss).__mro__)]
        if any(f"{origin}.".startswith(f"{self.foreign}.") for origin in origins):
            raise TypeError(
                f"loss must come from the model's own backend, {self.name}, but {loss} is of {self.foreign}"
            )
        if not callable(loss):
            raise TypeError(f"loss must be a function of (logits, labels), not {loss!r}")
        return loss

    def check_optimizer(self, optimizer):
        """Return the optimiser if it trains this model."""
        if not isinstance(optimizer, self.optim.Optimizer):
            wrong = f"{type(optimizer).__module__}.{type(optimizer).__qualname__}"
            raise TypeError(f"optimizer must be one of the model's own backend, {self.name}.optim, not a {wrong}")
        trained = {id(p) for group in optimizer.param_groups for p in group["params"]}
        if not any(id(p) in trained for p in self.model.parameters()):
            raise ValueError(
                "optimizer holds none of the model's parameters, so it would not train it: "
                f"make it for this model, optim.{type(optimizer).__name__}(model.parameters(), ...)"
            )
        return optimizer

    def state(self):
        """Return a copy of all parameters and buffers, for `model.load_state_dict`."""
        return {name: self.copied(value) for name, value in self.model.state_dict().items()}


class NumPy(_Backend):
    """`coursekit.scratch`."""

    name, foreign = "coursekit.scratch", "torch"
    optim, functional, no_grad = scratch.optim, scratch.functional, staticmethod(scratch.no_grad)

    def __init__(self, model, device):
        if device not in (None, "cpu", "auto"):
            raise ValueError(f'device must be "cpu" or "auto" for a model of coursekit.scratch, not {device!r}')
        self.model = model
        parameter = next(iter(model.parameters()), None)
        self.dtype = np.float32 if parameter is None else parameter.dtype

    def inputs(self, array):
        return scratch.Tensor(_typed(array, self.dtype))

    def targets(self, array):
        return scratch.Tensor(_typed(array, self.dtype, integers=np.int64))

    def numpy(self, tensor):
        return tensor.detach().numpy()

    def copied(self, array):
        return np.array(array)

    def kept(self, loss):
        return loss.item()

    def numbers(self, values):
        return list(values)

    def count_right(self, logits, targets):
        if targets.ndim != 1 or targets.dtype.kind != "i" or logits.ndim != 2:
            return None
        return int((self.numpy(logits).argmax(axis=1) == targets.data).sum())

    def clip(self, parameters, largest):
        """Scale all gradients together to norm `largest` if theirs is larger, as `torch.nn.utils.clip_grad_norm_`."""
        gradients = [p.grad for p in parameters if p.grad is not None]
        norm = np.sqrt(sum(np.square(gradient.data).sum() for gradient in gradients))
        for gradient in gradients:  # a new array: two gradients may share one
            gradient.data = gradient.data * min(1, largest / (norm + 1e-6))

    def random_state(self):
        return {"numpy": generator().bit_generator.state}

    def set_random_state(self, state):
        generator().bit_generator.state = state["numpy"]


class PyTorch(_Backend):
    """`torch`, on whatever device."""

    name, foreign = "torch", "coursekit.scratch"

    def __init__(self, model, device):
        import torch

        self.torch, self.model = torch, model
        self.optim, self.functional, self.no_grad = torch.optim, torch.nn.functional, torch.no_grad
        if device is not None:
            model.to(_device(device))
        parameter = next(iter(model.parameters()), None)
        self.device = torch.device(_device(device or "cpu")) if parameter is None else parameter.device
        self.dtype = "float32" if parameter is None else str(parameter.dtype).removeprefix("torch.")

    def inputs(self, array):
        # PyTorch takes only arrays that run forwards, and warns of ones that may not be changed.
        array = np.require(_typed(array, self.dtype), requirements=["C", "W"])
        return self.torch.from_numpy(array).to(self.device)

    def targets(self, array):
        array = np.require(_typed(array, self.dtype, integers=np.int64), requirements=["C", "W"])
        return self.torch.from_numpy(array).to(self.device)

    def numpy(self, tensor):
        return tensor.detach().cpu().numpy()

    def copied(self, tensor):
        return tensor.detach().clone()

    def kept(self, loss):
        return loss.detach().reshape(())

    def numbers(self, values):
        return self.torch.stack(values).tolist() if values else []  # all of them in one transfer

    def count_right(self, logits, targets):
        if targets.ndim != 1 or targets.dtype != self.torch.int64 or logits.ndim != 2:
            return None
        return (logits.detach().argmax(dim=1) == targets).sum()  # stays on the device

    def clip(self, parameters, largest):
        self.torch.nn.utils.clip_grad_norm_(parameters, largest)

    def check_optimizer(self, optimizer):
        super().check_optimizer(optimizer)
        places = {p.device for p in self.model.parameters()}
        for group in optimizer.param_groups:
            for p in group["params"]:
                # Its memory must lie with the parameter; only a counter of steps, a single number, may lie elsewhere.
                memory = [m for m in optimizer.state.get(p, {}).values() if getattr(m, "ndim", 0)]
                for tensor in [p, *memory]:
                    if tensor.device not in places:
                        what = "parameters" if tensor is p else "its memory of past gradients"
                        raise ValueError(
                            f"optimizer has {what} on {tensor.device}, but the model is on {self.device}: "
                            "move the model first, model.to(device), then make the optimizer"
                        )
        return optimizer

    def random_state(self):
        state = {"cpu": self.torch.get_rng_state()}
        if self.device.type == "cuda":  # dropout on a GPU draws there
            state["cuda"] = self.torch.cuda.get_rng_state(self.device)
        elif self.device.type == "mps":
            state["mps"] = self.torch.mps.get_rng_state()
        return state

    def set_random_state(self, state):
        self.torch.set_rng_state(state["cpu"])
        if self.device.type == "cuda" and "cuda" in state:
            self.torch.cuda.set_rng_state(state["cuda"], self.device)
        elif self.device.type == "mps" and "mps" in state:
            self.torch.mps.set_rng_state(state["mps"])


def _device(name):
    """Return what PyTorch calls the device, if it is there."""
    import torch

    wanted = coursekit.device() if name == "auto" else name
    try:
        torch.empty(0, device=wanted)
    except (RuntimeError, AssertionError, TypeError) as error:
        there = ["cpu", *(kind for kind in ("cuda", "mps") if getattr(torch, kind).is_available())]
        raise ValueError(
            f'device={name!r} is not to be had: PyTorch sees {", ".join(map(repr, there))} here; "auto" takes the best'
        ) from error
    return wanted


def _typed(array, floats, integers=None):
    """Give floats the type of the model's parameters; whole numbers stay (class labels need int64)."""
    dtype = floats if array.dtype.kind == "f" else integers
    return array.astype(dtype or array.dtype, copy=False)
