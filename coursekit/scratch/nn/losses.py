"""Losses as layers."""

from coursekit.scratch import functional
from coursekit.scratch.nn.module import Module


class _Loss(Module):
    def __init__(self, *, reduction="mean"):
        super().__init__()
        self.reduction = reduction


class CrossEntropyLoss(_Loss):
    """Loss of a classifier from its logits: softmax and negative log-likelihood in one.

    Examples
    --------
    >>> CrossEntropyLoss()([[0.0, 0.0]], np.array([1]))
    tensor(0.6931)
    """

    def forward(self, input, target):
        return functional.cross_entropy(input, target, reduction=self.reduction)


class NLLLoss(_Loss):
    """Loss of a classifier from its log-probabilities."""

    def forward(self, input, target):
        return functional.nll_loss(input, target, reduction=self.reduction)


class MSELoss(_Loss):
    """Squared error, averaged over every entry."""

    def forward(self, input, target):
        return functional.mse_loss(input, target, reduction=self.reduction)


class BCEWithLogitsLoss(_Loss):
    """Loss of yes-or-no answers from their logits; targets are probabilities, 0 to 1."""

    def forward(self, input, target):
        return functional.binary_cross_entropy_with_logits(input, target, reduction=self.reduction)
