"""Wrong solutions of task 1; see exercise.py."""

import torch


def _close(trunk, forget=True):
    for parameter in trunk.parameters():
        parameter.requires_grad_(False)
        if forget:
            parameter.grad = None


class _Base(torch.nn.Module):
    def __init__(self, trunk):
        super().__init__()
        self.trunk = trunk
        _close(trunk)
        self.train()

    def forward(self, x):
        return self.trunk(x)

    def train(self, mode=True):
        return super().train(False)


class Frozen__parameters_only(_Base):
    """Says: are in training mode"""

    def train(self, mode=True):
        return torch.nn.Module.train(self, mode)


class Frozen__eval_once(_Base):
    """What the next model.train() undoes.
    Says: are in training mode"""

    def __init__(self, trunk):
        super().__init__(trunk)
        trunk.eval()

    def train(self, mode=True):
        return torch.nn.Module.train(self, mode)


class Frozen__only_itself(_Base):
    """The layers inside do not hear of it.
    Says: are in training mode"""

    def train(self, mode=True):
        self.training = False
        return self


class Frozen__normalisation_only(_Base):
    """Dropout goes on dropping.
    Says: are in training mode"""

    def train(self, mode=True):
        torch.nn.Module.train(self, mode)
        for module in self.modules():
            if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
                module.eval()
        return self


class Frozen__children_only(_Base):
    """Layers inside of layers stay in training mode.
    Says: are in training mode"""

    def train(self, mode=True):
        torch.nn.Module.train(self, mode)
        for module in self.trunk.children():
            module.training = False
        return self


class Frozen__statistics_of_the_batch(_Base):
    """Without running statistics evaluation mode normalises by the batch, too.
    Says: are gone"""

    def __init__(self, trunk):
        super().__init__(trunk)
        for module in trunk.modules():
            if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
                module.track_running_stats = False
                module.running_mean = module.running_var = None

    def forward(self, x):
        return self.trunk(x)


class Frozen__momentum_zero(_Base):
    """The statistics stand still; the layer normalises by the batch all the same.
    Says: are in training mode"""

    def __init__(self, trunk):
        super().__init__(trunk)
        for module in trunk.modules():
            if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
                module.momentum = 0.0

    def train(self, mode=True):
        return torch.nn.Module.train(self, mode)


class Frozen__returns_nothing(_Base):
    """Says: train should return the Frozen itself"""

    def train(self, mode=True):
        super().train(mode)


class Frozen__returns_the_trunk(_Base):
    """Says: train should return the Frozen itself"""

    def train(self, mode=True):
        super().train(mode)
        return self.trunk


class Frozen__keeps_gradients(_Base):
    """Says: keep a gradient from before"""

    def __init__(self, trunk):
        torch.nn.Module.__init__(self)
        self.trunk = trunk
        _close(trunk, forget=False)
        self.train()


class Frozen__zero_gradients(_Base):
    """Says: keep a gradient from before"""

    def __init__(self, trunk):
        torch.nn.Module.__init__(self)
        self.trunk = trunk
        _close(trunk, forget=False)
        trunk.zero_grad(set_to_none=False)
        self.train()


class Frozen__open(_Base):
    """Says: still ask for a gradient"""

    def __init__(self, trunk):
        torch.nn.Module.__init__(self)
        self.trunk = trunk
        self.train()


class Frozen__outer_parameters(_Base):
    """Layers inside of layers learn on.
    Says: still ask for a gradient"""

    def __init__(self, trunk):
        torch.nn.Module.__init__(self)
        self.trunk = trunk
        for layer in trunk.children():
            for parameter in layer.parameters(recurse=False):
                parameter.requires_grad_(False)
                parameter.grad = None
        self.train()


class Frozen__weights_only(_Base):
    """Says: still ask for a gradient"""

    def __init__(self, trunk):
        torch.nn.Module.__init__(self)
        self.trunk = trunk
        for name, parameter in trunk.named_parameters():
            if name.endswith("weight"):
                parameter.requires_grad_(False)
            parameter.grad = None
        self.train()


class Frozen__wrong_attribute(_Base):
    """A misspelt name is a new attribute, and nobody complains.
    Says: still ask for a gradient"""

    def __init__(self, trunk):
        torch.nn.Module.__init__(self)
        self.trunk = trunk
        for parameter in trunk.parameters():
            parameter.require_grad = False
            parameter.grad = None
        self.train()


class Frozen__a_copy(_Base):
    """The trunk that was given goes on as before.
    Says: do not copy it"""

    def __init__(self, trunk):
        import copy

        torch.nn.Module.__init__(self)
        self.trunk = copy.deepcopy(trunk)
        _close(self.trunk)
        self.train()


class Frozen__as_it_came(_Base):
    """Right as soon as somebody calls train or eval.
    Hidden only."""

    def __init__(self, trunk):
        torch.nn.Module.__init__(self)
        self.trunk = trunk
        _close(trunk)
